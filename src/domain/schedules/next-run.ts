/**
 * When a schedule runs. Its cadence is fixed when its interval is set, and never shifts by how long a run took or was late:
 *
 *     set          +interval+jitter      +interval        +interval        +interval
 *      │                  │                  │     (down)     ╎                │
 *      ▼                  ▼ run              ▼ run            ╎ missed         ▼ run
 *
 * A run that was missed while no server ran is not made up for; a host that slept makes one in the stead of all that it missed.
 */
import { createHash } from "node:crypto";

const longestJitterMs = 5 * 60_000;

/** Schedules that were set together do not run together: each instance waits a moment of its own, of at most a tenth of the interval. */
export function jitterMs(instanceId: string, intervalMs: number): number {
  const number = createHash("sha256").update(instanceId).digest().readUInt32BE(0);
  return number % Math.min(Math.floor(intervalMs / 10), longestJitterMs);
}

/** The first run of a schedule whose interval is set now. */
export function firstRunMs(instanceId: string, intervalMs: number, nowMs: number): number {
  return nowMs + intervalMs + jitterMs(instanceId, intervalMs);
}

/** The first time of the cadence after now. */
export function nextRunMs(dueMs: number, intervalMs: number, nowMs: number): number {
  if (nowMs < dueMs) return dueMs;
  return dueMs + (Math.floor((nowMs - dueMs) / intervalMs) + 1) * intervalMs;
}
