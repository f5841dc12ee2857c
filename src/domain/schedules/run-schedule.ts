import { OperatingError } from "../../errors.ts";
import { takeSnapshot } from "../snapshots/take-snapshot.ts";
import type { ScheduleDependencies } from "./dependencies.ts";
import { nextRunMs } from "./next-run.ts";
import type { SnapshotSchedule } from "./schedule.ts";

/**
 * Takes the snapshot that is due and notes what became of it: of a running or resting instance with its memory, of a stopped one its disk. An
 * instance that is busy, or that has nothing to take, is tried again at the next due time.
 */
export async function runSchedule(
  deps: ScheduleDependencies,
  schedule: SnapshotSchedule,
  signal: AbortSignal,
): Promise<void> {
  const { instanceId, intervalMs, nextRunAtMs, metadata } = schedule;
  const nowMs = deps.clock.nowMs();
  const note = { nextRunAtMs: nextRunMs(nextRunAtMs, intervalMs, nowMs), lastRunAtMs: nowMs };
  const request = { name: nameAt(schedule, nowMs), kind: null, tags: metadata, scheduled: true };
  try {
    const { snapshot } = await takeSnapshot(deps, instanceId, request, signal);
    deps.schedules.note(instanceId, { ...note, lastSnapshotId: snapshot.id, lastError: null });
  } catch (failure) {
    // A server that ends has not run this one; it is over when it comes back.
    if (signal.aborted) return;
    deps.log.warn({ instanceId, err: failure }, "schedule.run_failed");
    deps.schedules.note(instanceId, { ...note, lastError: describe(failure) });
  }
}

/** `nightly` at half past two → `nightly-20260322-023000`, in UTC. */
function nameAt({ namePrefix }: SnapshotSchedule, nowMs: number): string {
  const [date = "", time = ""] = new Date(nowMs).toISOString().replace(/[-:]/g, "").split(/[T.]/);
  return `${namePrefix ?? "scheduled"}-${date}-${time}`;
}

/** Only what was made for callers. */
function describe(failure: unknown): string {
  if (failure instanceof OperatingError) return `${failure.code}: ${failure.message}`;
  return "internal_error: the snapshot failed; the server's log has the cause";
}
