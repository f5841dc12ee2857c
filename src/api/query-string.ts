type QueryValue = string | string[] | Record<string, string>;

/**
 * Reads a query string as HTML forms write it (WHATWG URL), with `tags[key]=value` gathered under `tags` (OpenAPI's
 * `deepObject` style). A key given twice becomes an array, which only a schema of an array takes: elsewhere it is refused and not guessed.
 */
export function parseQueryString(text: string): Record<string, QueryValue> {
  // No prototype: a caller chooses the keys.
  const query = Object.create(null) as Record<string, QueryValue>;
  for (const [key, value] of new URLSearchParams(text)) {
    const nested = /^(\w+)\[([^\]]+)\]$/.exec(key);
    if (nested?.[1] === undefined || nested[2] === undefined) put(query, key, value);
    else putNested(query, nested[1], nested[2], value);
  }
  return query;
}

function put(query: Record<string, QueryValue>, key: string, value: string): void {
  const before = query[key];
  if (before === undefined) query[key] = value;
  else query[key] = [...(Array.isArray(before) ? before : [textOf(before)]), value];
}

function textOf(value: Exclude<QueryValue, string[]>): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function putNested(query: Record<string, QueryValue>, outer: string, inner: string, value: string): void {
  const before = query[outer];
  const isNew = before === undefined;
  const group = isNew ? (Object.create(null) as Record<string, string>) : before;
  if (typeof group === "string" || Array.isArray(group) || inner in group) {
    put(query, outer, value);
    return;
  }
  group[inner] = value;
  query[outer] = group;
}
