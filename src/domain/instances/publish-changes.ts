import type { Dependencies } from "./dependencies.ts";
import type { InstanceState, WorkloadExit } from "./instance.ts";
import type { StoredInstance } from "./instance-store.ts";
import { viewInstance } from "./view-instance.ts";

/** What was last told of an instance. */
interface Known {
  readonly name: string;
  readonly state: InstanceState;
  readonly exit: WorkloadExit | null;
}

/**
 * Makes events, and lines of the instance's operation log, of what really changed: each notice of a change is compared with what was told before. What there is at the call is taken as
 * told. Runs until the result is disposed of.
 */
export function publishChanges(deps: Dependencies): Disposable {
  const known = new Map<string, Known>();
  for (const stored of deps.store.list()) known.set(stored.id, look(deps, stored));
  return deps.changes.listenToAll((instanceId) => {
    const before = known.get(instanceId) ?? null;
    const stored = deps.store.get(instanceId);
    if (stored === null) {
      known.delete(instanceId);
      if (before !== null) deps.events.publish({ type: "instance.deleted", instanceId, name: before.name });
      return;
    }
    const now = look(deps, stored);
    known.set(instanceId, now);
    tellDifference(deps, instanceId, before, now);
  });
}

function look(deps: Dependencies, stored: StoredInstance): Known {
  const { name, state, exit } = viewInstance(deps, stored);
  return { name, state, exit };
}

function tellDifference(deps: Dependencies, instanceId: string, before: Known | null, now: Known): void {
  const { name, state, exit } = now;
  // A child that was forked from a stopped parent shows the parent's exit: nothing ended there.
  if (before !== null && before.exit === null && exit !== null) {
    const { exitCode, signal } = exit;
    deps.events.publish({ type: "workload.exited", instanceId, exitCode, signal });
    const facts = { exit_code: exitCode, signal };
    deps.operations.append(instanceId, { operation: "workload_exit", outcome: "ok", facts });
  }
  if (before?.state === state) return;
  deps.events.publish({ type: "instance.state", instanceId, name, from: before?.state ?? null, to: state });
  const facts = { from: before?.state ?? null, to: state };
  deps.operations.append(instanceId, { operation: "state", outcome: "ok", facts });
}
