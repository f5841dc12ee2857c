import type { Dependencies } from "../instances/dependencies.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import type { ForkSource } from "./fork-source.ts";

/**
 * Reserves the child's name and notes where it came from, both or neither.
 * @throws OperatingError `name_conflict`.
 */
export function insertChild(
  deps: Dependencies,
  { parentId, parentName, snapshotId }: Pick<ForkSource, "parentId" | "parentName" | "snapshotId">,
  child: StoredInstance,
): void {
  deps.transaction(() => {
    deps.store.insert(child);
    deps.lineage.insert({ child, parent: { id: parentId, name: parentName }, snapshotId });
  });
  deps.changes.notify(child.id);
}
