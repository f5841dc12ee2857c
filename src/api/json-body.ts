import type { FastifyRequest } from "fastify";
import { OperatingError } from "../errors.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Deeper nesting serves no caller and would exhaust the stack of whoever walks the value recursively. */
const deepestNesting = 128;

/**
 * Reads a JSON body (RFC 8259) and keeps its text on the request. An empty body is undefined.
 * Throws `invalid_request` with a sentence of ours: the engine's own errors quote the text, and the text may be a secret.
 */
export function parseJsonBody(request: FastifyRequest, body: Buffer): unknown {
  if (body.length === 0) return undefined;
  const text = decode(body);
  refuseDeepNesting(text);
  const value = parse(text);
  refuseProtoKeys(value);
  request.bodyText = text;
  return value;
}

function decode(body: Buffer): string {
  try {
    return utf8.decode(body);
  } catch (cause) {
    throw new OperatingError("invalid_request", "The body is not valid UTF-8.", { cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The cause is left out on purpose: V8 puts a piece of the text into its message.
    throw new OperatingError("invalid_request", "The body is not valid JSON.");
  }
}

/** One pass over the text, before anything recursive sees it. */
function refuseDeepNesting(text: string): void {
  // Whoever opens so few cannot nest deeper: almost every body.
  if ((text.match(/[[{]/g)?.length ?? 0) <= deepestNesting) return;
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (inString) {
      if (character === "\\") index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") depth--;
    if (depth > deepestNesting) {
      const message = `The body nests objects and arrays deeper than ${String(deepestNesting)} levels.`;
      throw new OperatingError("invalid_request", message);
    }
  }
}

/**
 * `__proto__` is an ordinary key of JSON and a trap for whoever copies objects later. A mailbox's payload is not ours to
 * look into: it goes through as text and keeps whatever keys it has.
 */
function refuseProtoKeys(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === "__proto__")
      throw new OperatingError("invalid_request", 'The body has a field "__proto__", which no call takes.');
    if (key !== "payload") refuseProtoKeys(inner);
  }
}
