import { OperatingError } from "../../errors.ts";
import type { Dependencies } from "./dependencies.ts";
import type { InstanceState, InstanceView } from "./instance.ts";
import type { StoredInstance } from "./instance-store.ts";
import { durationsAt } from "./phases.ts";

/** Adds the state, derived from what runs; a row alone never says Running. */
export function viewInstance(deps: Dependencies, stored: StoredInstance): InstanceView {
  const { operation: _operation, stateError: _stateError, held: _held, ...instance } = stored;
  const depth = stored.parentId === null ? 0 : deps.lineage.depthOf(stored.id);
  const derived = derive(deps, stored);
  const nowMs = deps.clock.nowMs();
  const history = deps.phases.historyOf(stored, derived.state, nowMs);
  const phaseDurationsMs = durationsAt(history, nowMs);
  return { ...instance, ...derived, ipv4: addressOf(deps, stored), depth, history, phaseDurationsMs };
}

/** The state alone, as `viewInstance` derives it. */
export function stateOf(deps: Dependencies, stored: StoredInstance): InstanceState {
  return derive(deps, stored).state;
}

function addressOf(deps: Dependencies, { network }: StoredInstance): string | null {
  return network.mode === "user" ? deps.driver.userNetwork.ipv4 : network.ipv4;
}

function derive(
  deps: Dependencies,
  stored: StoredInstance,
): { readonly state: InstanceState; readonly stateError: string | null } {
  const { operation, stateError } = stored;
  const live = deps.machines.get(stored.id);
  if (live?.machine.state === "paused") return { state: "Paused", stateError };
  if (live !== undefined) return { state: live.ready ? "Running" : "Initializing", stateError };
  if (operation === "create" || operation === "start" || operation === "fork")
    return { state: "Initializing", stateError };
  if (stored.process !== null && operation === null) {
    return { state: "Unknown", stateError: stateError ?? "its machine could not be taken up again" };
  }
  return { state: stored.restingState, stateError };
}

/** The instance as it is now. @throws OperatingError `not_found` when it was deleted meanwhile. */
export function currentView(deps: Dependencies, instanceId: string): InstanceView {
  const stored = deps.store.get(instanceId);
  if (stored === null) throw new OperatingError("not_found", "the instance was deleted meanwhile");
  return viewInstance(deps, stored);
}
