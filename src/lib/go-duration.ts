/** Durations as Go writes them (pkg.go.dev/time#ParseDuration): `90s`, `1h30m`, `1.5h`. Negative ones and nanoseconds are of no use here. */

const millisecondsOfUnit: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** The form, for a schema; the text still has to be parsed. */
export const goDurationPattern = "^([0-9]{1,9}(\\.[0-9]{1,3})?(ms|s|m|h)){1,4}$";

/** `1h30m` → 5400000, in whole milliseconds; null for what is no duration. */
export function parseGoDuration(text: string): number | null {
  if (!new RegExp(goDurationPattern).test(text)) return null;
  const parts = text.matchAll(/([0-9.]+)(ms|s|m|h)/g);
  return Math.round([...parts].reduce((sum, [, count, unit = ""]) => sum + Number(count) * unitMs(unit), 0));
}

function unitMs(unit: string): number {
  return millisecondsOfUnit[unit] ?? Number.NaN;
}

/** 5400000 → `1h30m`; units of which there are none are left out, but for `0s`. */
export function formatGoDuration(durationMs: number): string {
  let rest = durationMs;
  const words = (["h", "m", "s", "ms"] as const).map((unit) => {
    const count = Math.floor(rest / unitMs(unit));
    rest -= count * unitMs(unit);
    return count === 0 ? "" : `${String(count)}${unit}`;
  });
  return words.join("") || "0s";
}
