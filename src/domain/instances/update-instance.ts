import { OperatingError } from "../../errors.ts";
import type { Dependencies } from "./dependencies.ts";
import { findInstance } from "./find-instance.ts";
import type { InstanceView } from "./instance.ts";
import { noRestarts, type RestartPolicy } from "./restart-policy.ts";
import { currentView } from "./view-instance.ts";

/** What of an instance may change while it is there; a field left out stays. */
export interface InstanceUpdate {
  /** Merged with what there is; the guest has it from its next boot on. */
  readonly env?: Readonly<Record<string, string>>;
  /** Null: never. */
  readonly expiresAtMs?: number | null;
  readonly restartPolicy?: RestartPolicy;
}

/**
 * Changes what an instance has for its next boot, or what is to happen to it by itself.
 * @throws OperatingError `not_found`, `ambiguous`, `instance_busy`; `invalid_state` when its time is over already.
 */
export function updateInstance(deps: Dependencies, reference: string, update: InstanceUpdate): InstanceView {
  const { id, name } = findInstance(deps, reference);
  using _ = deps.lock.acquire(id, "update");
  const { expiresAtMs, workload, restartStatus } = currentView(deps, id);
  if (expiresAtMs !== null && expiresAtMs <= deps.clock.nowMs()) {
    throw new OperatingError("invalid_state", `${name} has expired and is being deleted: make a new instance`);
  }
  const { restartPolicy } = update;
  const wasManuallyStopped = restartStatus.blockedReason === "manual_stop";
  deps.store.update(id, {
    ...(update.env === undefined ? {} : { workload: { ...workload, env: { ...workload.env, ...update.env } } }),
    ...(update.expiresAtMs === undefined ? {} : { expiresAtMs: update.expiresAtMs }),
    // Under another policy the attempts of the old one do not count; that a caller stopped it does.
    ...(restartPolicy === undefined
      ? {}
      : { restartPolicy, restartStatus: wasManuallyStopped ? restartStatus : noRestarts }),
  });
  deps.log.info({ instanceId: id, fields: Object.keys(update) }, "instance.updated");
  deps.changes.notify(id);
  return currentView(deps, id);
}
