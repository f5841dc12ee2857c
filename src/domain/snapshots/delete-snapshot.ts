import { snapshotFilesOf } from "../instances/dependencies.ts";
import type { SnapshotDependencies } from "./dependencies.ts";
import { findSnapshot } from "./find-snapshot.ts";

/**
 * Removes a snapshot. What was forked of it has links of its own, and goes on.
 * @throws OperatingError `instance_busy` while it is being forked or restored.
 */
export async function deleteSnapshot(deps: SnapshotDependencies, id: string): Promise<void> {
  const { id: snapshotId, instanceId } = findSnapshot(deps, id);
  using _ = deps.lock.acquire(snapshotId, "delete");
  deps.transaction(() => {
    deps.snapshots.remove(snapshotId);
    deps.lineage.prune(instanceId);
  });
  await snapshotFilesOf(deps, snapshotId).remove();
  deps.changes.notify(snapshotId);
  deps.log.info({ snapshotId }, "snapshot.deleted");
}
