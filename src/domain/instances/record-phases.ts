import type { Dependencies } from "./dependencies.ts";
import { runs } from "./phases.ts";
import { viewInstance } from "./view-instance.ts";

/** How long a change of phase may wait for its row. */
const saveWithinMs = 1000;

/**
 * Notes which phase each instance is in, whenever that changes, until the result is disposed of. At the call the rows are compared with what
 * there is: what happened while no server ran is noted then.
 * @param onEnded called when a machine is gone that nobody's operation ended.
 */
export function recordPhases(deps: Dependencies, onEnded: (instanceId: string) => void): Disposable {
  const { phases, clock } = deps;
  let bell: Disposable | null = null;
  const save = (): void => {
    bell = null;
    const unsaved = phases.takeUnsaved();
    if (unsaved.length === 0) return;
    deps.transaction(() => {
      for (const [id, history] of unsaved) deps.store.update(id, { history });
    });
  };
  const look = (instanceId: string): void => {
    const stored = deps.store.get(instanceId);
    if (stored === null) {
      phases.forget(instanceId);
      return;
    }
    const { state } = viewInstance(deps, stored);
    const before = phases.note(stored, state, clock.nowMs());
    if (phases.hasUnsaved) bell ??= clock.ring(clock.nowMs() + saveWithinMs, save);
    const hasEnded = state === "Stopped" && stored.operation === null && stored.startedAt !== null;
    if (hasEnded && before !== null && runs(before)) onEnded(instanceId);
  };
  for (const { id } of deps.store.list()) look(id);
  const listening = deps.changes.listenToAll(look);
  return {
    [Symbol.dispose]: () => {
      listening[Symbol.dispose]();
      bell?.[Symbol.dispose]();
      save();
    },
  };
}
