import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Enough for what others make, such as UUIDs and trace ids; nothing that a log's reader could take for something else. */
const wellFormed = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** The caller's own id for this request, so that its log and ours tell the same story, when it sent a well-formed one; otherwise a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, "headers">): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && wellFormed.test(given) ? given : randomUUID();
}
