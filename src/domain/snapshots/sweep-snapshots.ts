import { readdir } from "node:fs/promises";
import { snapshotFilesOf } from "../instances/dependencies.ts";
import type { SnapshotDependencies } from "./dependencies.ts";

/** At start: a directory without a row is what a crash left of a snapshot, a deletion or a fork of a running instance. Of the others, what it left of their images. */
export async function sweepSnapshots(deps: SnapshotDependencies): Promise<void> {
  for (const id of await readdir(deps.settings.snapshotsDirectory)) {
    const files = snapshotFilesOf(deps, id);
    await (deps.snapshots.get(id) === null ? files.remove() : files.sweepImages());
  }
}
