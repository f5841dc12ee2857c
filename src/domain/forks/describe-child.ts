import type { StoredInstance } from "../instances/instance-store.ts";
import { noRestarts } from "../instances/restart-policy.ts";
import type { ForkSource } from "./fork-source.ts";

/** A child's row as it is while it is made. */
export function describeChild(
  source: ForkSource,
  id: string,
  { name, targetState }: { readonly name: string; readonly targetState: string },
): StoredInstance {
  return {
    ...source.template,
    id,
    name,
    parentId: source.parentId,
    createdAt: new Date().toISOString(),
    operation: "fork",
    process: null,
    held: null,
    stateError: null,
    exit: null,
    startedAt: null,
    // Each child would else be deleted with its parent.
    expiresAtMs: null,
    restartStatus: noRestarts,
    history: null,
    restingState: targetState === "Standby" ? "Standby" : "Stopped",
  };
}
