import type { Dependencies } from "./dependencies.ts";
import { findInstance } from "./find-instance.ts";
import type { InstanceState, InstanceView } from "./instance.ts";
import { currentView } from "./view-instance.ts";

/** States in which an instance stays until somebody acts: waiting on for another one would be in vain. */
const resting: readonly InstanceState[] = ["Stopped", "Standby", "Unknown"];

/**
 * Waits until the instance is in `state`, or rests in another one, or the time is over.
 * @returns `reached` says which it was.
 * @throws OperatingError `not_found` when it is deleted meanwhile; the signal's reason when aborted.
 */
export async function waitForState(
  deps: Dependencies,
  id: string,
  state: InstanceState,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<{ instance: InstanceView; reached: boolean }> {
  const { id: instanceId } = findInstance(deps, id);
  const { promise: over, resolve: finish, reject } = Promise.withResolvers<undefined>();
  const onAbort = (): void => {
    reject(signal.reason as Error);
  };
  const look = (): void => {
    const stored = deps.store.get(instanceId);
    if (stored === null || isOver(currentView(deps, instanceId), state)) finish(undefined);
  };
  using _ = deps.changes.listen(instanceId, look);
  const timer = setTimeout(() => {
    finish(undefined);
  }, timeoutMs);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    signal.throwIfAborted();
    look();
    await over;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
  const instance = currentView(deps, instanceId);
  return { instance, reached: instance.state === state };
}

function isOver(instance: InstanceView, state: InstanceState): boolean {
  return instance.state === state || resting.includes(instance.state);
}
