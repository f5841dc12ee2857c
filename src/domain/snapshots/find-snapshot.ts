import { OperatingError } from "../../errors.ts";
import type { SnapshotDependencies } from "./dependencies.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * The snapshot that `reference` means: an id, a name that only one snapshot has, or the beginning of exactly one id, in this order.
 * @param instanceId whose snapshots are looked at first for the name.
 * @throws OperatingError `not_found`, or `ambiguous`.
 */
export function findSnapshot(deps: SnapshotDependencies, reference: string, instanceId?: string): Snapshot {
  const exact = deps.snapshots.get(reference);
  if (exact !== null) return exact;
  const own = instanceId === undefined ? [] : deps.snapshots.list({ name: reference, instanceId });
  const named = own.length > 0 ? own : deps.snapshots.list({ name: reference });
  const [first, second] = named.length > 0 ? named : prefixed(deps, reference);
  if (first === undefined) {
    const message = "there is no snapshot with this id, name or id prefix: list them with GET /snapshots";
    throw new OperatingError("not_found", message);
  }
  if (second !== undefined) throw new OperatingError("ambiguous", "several snapshots are called so: give the id");
  return first;
}

function prefixed(deps: SnapshotDependencies, reference: string): Snapshot[] {
  return reference === "" ? [] : deps.snapshots.findByIdPrefix(reference);
}
