/** A column that may be NULL, as SQLite gives it. */
export function optionalText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** A column that may be NULL, as SQLite gives it. */
export function optionalNumber(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
