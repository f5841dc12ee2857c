import { filesOf, type Dependencies } from "./dependencies.ts";
import { findInstance } from "./find-instance.ts";
import { powerOff } from "./stop-instance.ts";

/**
 * Ends the instance's machine, if it has one, and removes its files and its row. Its children have links of their own to what they share
 * with it, and go on.
 * @param options.graceMs above 0: a guest that can be asked is asked to power off first, and its workload given this long.
 * @throws OperatingError `instance_busy`.
 */
export async function deleteInstance(
  deps: Dependencies,
  id: string,
  { graceMs }: { readonly graceMs: number },
  signal: AbortSignal,
): Promise<void> {
  const { id: instanceId } = findInstance(deps, id);
  using _ = deps.lock.acquire(instanceId, "delete");
  deps.store.update(instanceId, { operation: "delete" });
  const live = deps.machines.get(instanceId);
  if (live !== undefined && graceMs > 0) await powerOff(deps, live, graceMs, signal);
  await removeInstance(deps, instanceId);
  deps.log.info({ instanceId }, "instance.deleted");
}

/** Deletes an instance whose time is over; one whose time was put off meanwhile, or that is gone, is left alone. @throws OperatingError `instance_busy`. */
export async function removeExpired(deps: Dependencies, instanceId: string): Promise<void> {
  using _ = deps.lock.acquire(instanceId, "delete");
  const expiresAtMs = deps.store.get(instanceId)?.expiresAtMs ?? null;
  if (expiresAtMs === null || expiresAtMs > deps.clock.nowMs()) return;
  deps.store.update(instanceId, { operation: "delete" });
  await removeInstance(deps, instanceId);
  deps.log.info({ instanceId }, "instance.expired");
}

/** The shared teardown: whatever of the instance exists is ended and removed. Safe to run again. */
export async function removeInstance(deps: Dependencies, instanceId: string): Promise<void> {
  deps.networks.leave(instanceId);
  const live = deps.machines.get(instanceId);
  if (live !== undefined) {
    deps.machines.release(live);
    await live.machine.kill();
  }
  await filesOf(deps, instanceId).remove();
  deps.transaction(() => {
    deps.store.remove(instanceId);
    deps.lineage.prune(instanceId);
    // Of a child that goes before it was whole; one that was is known to be.
    deps.audit.closeFork(instanceId, "failed", null);
  });
  deps.forkedIds.delete(instanceId);
  deps.networks.release(instanceId);
  deps.changes.notify(instanceId);
}
