import { OperatingError } from "../../errors.ts";

const millisecondsOfUnit: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };
const longestMs = 300_000;

/** `30s` → 30000. Throws `invalid_request` over five minutes: a longer wait is asked for again. */
export function parseDurationMs(text: string): number {
  const match = /^(\d+)(ms|s|m)$/.exec(text);
  const durationMs = Number(match?.[1]) * (millisecondsOfUnit[match?.[2] ?? ""] ?? Number.NaN);
  if (durationMs <= longestMs) return durationMs;
  throw new OperatingError(
    "invalid_request",
    '"timeout" (query) must be a duration of at most 5m, such as 500ms, 30s or 5m.',
  );
}
