import { removeExpired } from "./delete-instance.ts";
import type { Dependencies } from "./dependencies.ts";
import { DueWork } from "./due-work.ts";

/** Deletes each instance when its time is over, whatever its state; one that is busy then, as soon as it is free. */
export function expireInstances(deps: Dependencies): DueWork {
  return new DueWork(deps, {
    list: () => deps.store.listExpiring(),
    run: (instanceId) => removeExpired(deps, instanceId),
  });
}
