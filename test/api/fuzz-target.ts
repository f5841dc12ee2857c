/** Random values as an HTTP request carries them. */

/** Neither nothing nor what a URL resolves away (WHATWG URL, "dot segments"), both of which are another call. */
export function isPathPart(text: string): boolean {
  return text !== "" && !/^(\.|%2e){1,2}$/i.test(text) && text.length <= 200;
}

/** A path with its parameters and query filled in and encoded; an object of a query as `name[key]=value`. */
export function targetOf(
  path: string,
  parts: Readonly<Record<string, unknown>>,
  query: Readonly<Record<string, unknown>>,
): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const text = wellFormed(parts[name]);
    return encodeURIComponent(isPathPart(text) ? text : "nothing");
  });
  const pairs = Object.entries(query).flatMap(([name, value]): [string, string][] => {
    if (Array.isArray(value)) return value.map((item) => [name, wellFormed(item)]);
    if (typeof value !== "object" || value === null) return [[name, wellFormed(value)]];
    return Object.entries(value).map(([key, item]) => [`${name}[${key}]`, wellFormed(item)]);
  });
  const text = new URLSearchParams(
    pairs.map(([name, value]): [string, string] => [name.toWellFormed(), value]),
  ).toString();
  return text === "" ? filled : `${filled}?${text}`;
}

/** Values as headers can carry them. */
export function textsOf(values: Readonly<Record<string, unknown>>): Record<string, string> {
  // A header carries visible ASCII (RFC 9110, 5.5); else the client refuses to send it.
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      wellFormed(value)
        .replace(/[^\x20-\x7e]/g, "?")
        .trim(),
    ]),
  );
}

function wellFormed(value: unknown): string {
  return (typeof value === "string" ? value : JSON.stringify(value ?? null)).toWellFormed();
}
