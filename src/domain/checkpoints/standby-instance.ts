import type { Dependencies } from "../instances/dependencies.ts";
import { findInstance } from "../instances/find-instance.ts";
import type { InstanceView } from "../instances/instance.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import { judge } from "../instances/lifecycle.ts";
import { completeStandby } from "../instances/complete-standby.ts";
import type { LiveMachine } from "../instances/machines.ts";
import { currentView } from "../instances/view-instance.ts";
import { whileAlive } from "../instances/while-alive.ts";
import { OperatingError } from "../../errors.ts";
import { Stopwatch } from "../../lib/stopwatch.ts";
import { checkpointInstance } from "./checkpoint-instance.ts";

/**
 * Checkpoints a Running instance and ends its machine: from then on it costs disk only, and can be restored and forked.
 * When the checkpoint fails the guest goes on as if nothing had happened. An instance in standby is left as it is.
 * @returns the milliseconds of each phase; `pause` to `capture` is the time for which the guest stood still.
 * @throws OperatingError `invalid_state`, `instance_busy`, `guest_unreachable` when the VMM ended meanwhile.
 */
export async function standbyInstance(
  deps: Dependencies,
  id: string,
  signal: AbortSignal,
): Promise<{ instance: InstanceView; timingsMs: Record<string, number> }> {
  const found = findInstance(deps, id);
  using _ = deps.lock.acquire(found.id, "standby");
  const instance = currentView(deps, found.id);
  if (judge("standby", instance.state, instance.name) === "done") return { instance, timingsMs: {} };
  const live = deps.machines.get(instance.id);
  const stored = deps.store.get(instance.id);
  if (live === undefined || stored === null)
    throw new OperatingError("invalid_state", `${instance.name} has ended meanwhile: start it`);
  const timingsMs = await standby(deps, live, stored, signal);
  deps.metrics.recordOperation("standby", "ok", timingsMs);
  deps.log.info({ instanceId: instance.id, timingsMs }, "instance.standby");
  return { instance: currentView(deps, instance.id), timingsMs };
}

async function standby(
  deps: Dependencies,
  live: LiveMachine,
  stored: StoredInstance,
  signal: AbortSignal,
): Promise<Record<string, number>> {
  const watch = new Stopwatch();
  deps.store.update(stored.id, { operation: "standby" });
  try {
    await whileAlive(live.machine, `standby of ${stored.name}`, signal, (alive) =>
      checkpointInstance({ deps, live, stored, watch, signal: alive }),
    );
  } catch (failure) {
    deps.store.update(stored.id, { operation: null });
    throw failure;
  }
  await completeStandby(deps, stored.id);
  watch.lap("end");
  return watch.timingsMs();
}
