import { OperatingError } from "../../errors.ts";
import { deleteSnapshot } from "../snapshots/delete-snapshot.ts";
import type { Snapshot } from "../snapshots/snapshot.ts";
import type { ScheduleDependencies } from "./dependencies.ts";
import type { Retention, SnapshotSchedule } from "./schedule.ts";

/**
 * Deletes the scheduled snapshots that are too many or too old; one that is being forked or restored is left for the next time.
 * @returns how many stay.
 */
export async function applyRetention(
  deps: ScheduleDependencies,
  { instanceId, retention }: SnapshotSchedule,
): Promise<number> {
  const taken = deps.snapshots.listScheduled(instanceId);
  let left = taken.length;
  for (const snapshot of whatGoes(taken, retention, deps.clock.nowMs())) {
    if (await tryDelete(deps, snapshot.id)) left -= 1;
  }
  return left;
}

/** @param taken oldest first. */
export function whatGoes(taken: readonly Snapshot[], { maxCount, maxAgeMs }: Retention, nowMs: number): Snapshot[] {
  const tooMany = maxCount === null ? 0 : Math.max(taken.length - maxCount, 0);
  const isTooOld = ({ createdAt }: Snapshot): boolean => maxAgeMs !== null && nowMs - Date.parse(createdAt) > maxAgeMs;
  return taken.filter((snapshot, index) => index < tooMany || isTooOld(snapshot));
}

async function tryDelete(deps: ScheduleDependencies, snapshotId: string): Promise<boolean> {
  try {
    await deleteSnapshot(deps, snapshotId);
    return true;
  } catch (failure) {
    const isExpected =
      failure instanceof OperatingError && (failure.code === "instance_busy" || failure.code === "not_found");
    if (!isExpected) throw failure;
    deps.log.info({ snapshotId, code: failure.code }, "schedule.snapshot_kept");
    return false;
  }
}
