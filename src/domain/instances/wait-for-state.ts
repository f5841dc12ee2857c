import type { Dependencies } from "./dependencies.ts";
import { findInstance } from "./find-instance.ts";
import type { InstanceState, InstanceView } from "./instance.ts";
import { currentView } from "./view-instance.ts";

/** States in which an instance stays until somebody acts: waiting on for another one would be in vain. */
const resting: readonly InstanceState[] = ["Stopped", "Standby", "Unknown"];

/**
 * Waits until the instance is in `state`, or rests in another one, or the time is over.
 * @param wish.state one that nothing is ever in is waited for until the time is over.
 * @returns `reached` and `timedOut` say which it was: neither when it rests in another state.
 * @throws OperatingError `not_found` when it is deleted meanwhile; the signal's reason when aborted.
 */
export async function waitForState(
  deps: Dependencies,
  id: string,
  { state, timeoutMs }: { readonly state: string; readonly timeoutMs: number },
  signal: AbortSignal,
): Promise<{ instance: InstanceView; reached: boolean; timedOut: boolean }> {
  const { id: instanceId } = findInstance(deps, id);
  const { promise: over, resolve: finish, reject } = Promise.withResolvers<"looked" | "time">();
  const onAbort = (): void => {
    reject(signal.reason as Error);
  };
  const look = (): void => {
    const stored = deps.store.get(instanceId);
    if (stored === null || isOver(currentView(deps, instanceId), state)) finish("looked");
  };
  using _ = deps.changes.listen(instanceId, look);
  const timer = setTimeout(() => {
    finish("time");
  }, timeoutMs);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    signal.throwIfAborted();
    look();
    const end = await over;
    const instance = currentView(deps, instanceId);
    const reached = instance.state === state;
    return { instance, reached, timedOut: end === "time" && !reached };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

function isOver(instance: InstanceView, state: string): boolean {
  return instance.state === state || resting.includes(instance.state);
}
