import { OperatingError } from "../../errors.ts";
import type { Dependencies } from "./dependencies.ts";
import type { InstanceView } from "./instance.ts";
import type { StoredInstance } from "./instance-store.ts";
import { viewInstance } from "./view-instance.ts";

/**
 * The instance that `reference` means: an id, a name, or the beginning of exactly one id, in this order.
 * @throws OperatingError `not_found`, or `ambiguous` when several ids begin so.
 */
export function findInstance(deps: Dependencies, reference: string): InstanceView {
  return viewInstance(deps, resolveInstance(deps, reference));
}

/** The same without what it takes to know its state: its row. */
export function resolveInstance(deps: Pick<Dependencies, "store">, reference: string): StoredInstance {
  const exact = deps.store.getByReference(reference);
  if (exact !== null) return exact;
  const [first, second] = reference === "" ? [] : deps.store.findByIdPrefix(reference);
  if (first === undefined) {
    throw new OperatingError(
      "not_found",
      "there is no instance with this id, name or id prefix: list them with GET /instances",
    );
  }
  if (second !== undefined)
    throw new OperatingError("ambiguous", "several instances' ids begin so: give more of the id, or the name");
  return first;
}
