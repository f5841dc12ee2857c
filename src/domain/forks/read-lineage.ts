import type { Dependencies } from "../instances/dependencies.ts";
import { findInstance } from "../instances/find-instance.ts";
import type { InstanceView } from "../instances/instance.ts";
import type { Ancestor } from "../history/lineage-store.ts";
import { currentView } from "../instances/view-instance.ts";

export interface Lineage {
  readonly instance: InstanceView;
  /** The nearest first. Those that are gone are told by the name they had. */
  readonly ancestors: readonly Ancestor[];
  /** The snapshot it was forked from, which may be gone; null when it was forked from its parent itself, or booted. */
  readonly snapshotId: string | null;
  /** Those that exist, oldest first. */
  readonly children: readonly InstanceView[];
  /** Those that exist, in all generations. */
  readonly descendantCount: number;
}

/** Where an instance came from and what came from it. @throws OperatingError `not_found`, `ambiguous`. */
export function readLineage(deps: Dependencies, id: string): Lineage {
  const instance = findInstance(deps, id);
  return {
    instance,
    ancestors: deps.lineage.ancestors(instance.id),
    snapshotId: deps.lineage.snapshotOf(instance.id),
    children: deps.lineage.childIds(instance.id).map((childId) => currentView(deps, childId)),
    descendantCount: deps.lineage.countDescendants(instance.id),
  };
}
