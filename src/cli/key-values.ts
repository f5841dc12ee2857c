import { UsageError } from "./failures.ts";

/**
 * Reads repeated KEY=VALUE options. Only the first `=` separates; a value may be empty.
 * @param fallback gives the value of a KEY that stands alone; without it, KEY alone is a usage error.
 */
export function parseKeyValues(
  option: string,
  pairs: readonly string[],
  fallback?: (key: string) => string | undefined,
): Record<string, string> {
  return Object.fromEntries(pairs.map((pair) => parsePair(option, pair, fallback)));
}

function parsePair(
  option: string,
  pair: string,
  fallback: ((key: string) => string | undefined) | undefined,
): [string, string] {
  const separator = pair.indexOf("=");
  const key = separator === -1 ? pair : pair.slice(0, separator);
  if (key === "") throw new UsageError(`${option} needs a key: KEY=VALUE`);
  const value = separator === -1 ? fallback?.(key) : pair.slice(separator + 1);
  // The value may be a secret, so the pair is not quoted.
  if (value === undefined) throw new UsageError(`${option} ${key} has no value: ${option} ${key}=VALUE`);
  return [key, value];
}
