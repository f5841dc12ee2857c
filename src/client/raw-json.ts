/**
 * A JSON value kept as the text that its author wrote. Numbers beyond 2^53, key order, spacing and escapes survive, which
 * JSON.parse and JSON.stringify would not promise.
 */
export class RawJson {
  readonly text: string;

  /** @throws SyntaxError when the text is not one JSON value; the message never quotes the text, which may be a secret. */
  constructor(text: string) {
    this.text = text.trim();
    parseQuietly(this.text);
  }

  /** Whether the text is an object, as a mailbox's payload must be. */
  get isObject(): boolean {
    return this.text.startsWith("{");
  }
}

/** A JSON object as a body of a request may hold it: its author's own text, or a value that JSON.stringify writes. */
export type JsonObjectText = RawJson | Readonly<Record<string, unknown>>;

/** JSON text of a value in which any RawJson stands for its own text. Undefined members are left out, as in JSON.stringify. */
export function encodeJson(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => encodeJson(item ?? null)).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${encodeJson(member)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

function parseQuietly(text: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    // V8 quotes a piece of the text; only the place may be told.
    const place =
      error instanceof SyntaxError
        ? /at position \d+(?: \(line \d+ column \d+\))?/.exec(error.message)?.[0]
        : undefined;
    throw new SyntaxError(`not valid JSON${place === undefined ? "" : ` ${place}`}`);
  }
}
