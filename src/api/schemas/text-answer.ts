import { Type } from "typebox";

/** An answer that is text and not JSON. */
export function textAnswer(contentType: string, description: string): object {
  return { description, content: { [contentType]: { schema: Type.String() } } };
}
