import { UsageError } from "./failures.ts";

/** One end of a copy: a path here, or one in an instance. */
export type Place =
  | { readonly kind: "here"; readonly path: string }
  | { readonly kind: "guest"; readonly reference: string; readonly path: string };

/** `NAME:/path` is in an instance; what has a slash before its first colon, or no colon, is here. */
export function parsePlace(text: string): Place {
  const match = /^(?<reference>[A-Za-z0-9][A-Za-z0-9_-]*):(?<path>.*)$/s.exec(text);
  const { reference, path } = match?.groups ?? {};
  if (reference === undefined || path === undefined) return { kind: "here", path: text };
  if (path === "") throw new UsageError(`${text} names no path: ${reference}:/some/path`);
  return { kind: "guest", reference, path };
}
