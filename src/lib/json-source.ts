/** The text of a JSON document cannot be cut out unambiguously. The message is for whoever sent the document. */
export class JsonSourceError extends Error {
  override readonly name = "JsonSourceError";
}

/**
 * The very characters of one value inside a JSON text: `sourceOf('{"a": [1, 2.50]}', ["a", 1])` is `2.50`. Null when the path
 * leads nowhere. Needs no call stack however deep the text is nested.
 * @throws JsonSourceError when the text is not JSON (RFC 8259), or when an object on the way to the value has a key twice:
 * parsers differ in which one they take, so what was checked might not be what is cut out.
 */
export function sourceOf(text: string, path: readonly (string | number)[]): string | null {
  assertJson(text);
  let start: number | null = skipSpace(text, 0);
  for (const step of path) {
    if (start === null) return null;
    start = typeof step === "number" ? elementOf(text, start, step) : memberOf(text, start, step);
  }
  return start === null ? null : text.slice(start, skipValue(text, start));
}

/**
 * The very characters of each element of a JSON array, in one pass over the text; null when the text is no array.
 * @throws JsonSourceError when the text is not JSON (RFC 8259).
 */
export function elementsOf(text: string): string[] | null {
  assertJson(text);
  let at = skipSpace(text, 0);
  if (text[at] !== "[") return null;
  const elements: string[] = [];
  at = skipSpace(text, at + 1);
  while (text[at] !== "]") {
    const end = skipValue(text, at);
    elements.push(text.slice(at, end));
    at = skipComma(text, end);
  }
  return elements;
}

// Everything below may rely on well-formed JSON.
function assertJson(text: string): void {
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new JsonSourceError("the text is not JSON", { cause });
  }
}

/** Where element `index` of the array at `start` begins. */
function elementOf(text: string, start: number, index: number): number | null {
  if (text[start] !== "[") return null;
  let at = skipSpace(text, start + 1);
  for (let element = 0; text[at] !== "]"; element += 1) {
    if (element === index) return at;
    at = skipComma(text, skipValue(text, at));
  }
  return null;
}

/** Where the value of `key` in the object at `start` begins. Looks at all keys, so that none can stand twice. */
function memberOf(text: string, start: number, key: string): number | null {
  if (text[start] !== "{") return null;
  const seen = new Set<string>();
  let found: number | null = null;
  let at = skipSpace(text, start + 1);
  while (text[at] !== "}") {
    const keyEnd = skipString(text, at);
    const name = String(JSON.parse(text.slice(at, keyEnd)));
    if (seen.has(name))
      throw new JsonSourceError(`the key ${JSON.stringify(name.slice(0, 64))} stands twice in one object`);
    seen.add(name);
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    if (name === key) found = valueStart;
    at = skipComma(text, skipValue(text, valueStart));
  }
  return found;
}

function skipComma(text: string, from: number): number {
  const at = skipSpace(text, from);
  return text[at] === "," ? skipSpace(text, at + 1) : at;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\t" || text[at] === "\n" || text[at] === "\r") at += 1;
  return at;
}

function skipValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return skipString(text, start);
  if (first === "{" || first === "[") return skipNested(text, start);
  return skipScalar(text, start);
}

function skipNested(text: string, start: number): number {
  let depth = 0;
  for (let at = start; ;) {
    const character = text[at];
    if (character === "{" || character === "[") depth += 1;
    if (character === "}" || character === "]") depth -= 1;
    at = character === '"' ? skipString(text, at) : at + 1;
    if (depth === 0) return at;
  }
}

function skipString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

/** A number, true, false or null ends before the first character that none of them holds. */
function skipScalar(text: string, start: number): number {
  let at = start;
  while (at < text.length && !",]} \t\n\r".includes(text.charAt(at))) at += 1;
  return at;
}
