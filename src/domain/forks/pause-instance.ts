import type { Dependencies } from "../instances/dependencies.ts";
import { findInstance } from "../instances/find-instance.ts";
import type { InstanceView } from "../instances/instance.ts";
import { judge } from "../instances/lifecycle.ts";
import { currentView } from "../instances/view-instance.ts";
import { whileAlive } from "../instances/while-alive.ts";
import { withinDeadline } from "../instances/within-deadline.ts";
import { OperatingError } from "../../errors.ts";

/**
 * Stops a Running guest's processors; it keeps its memory and its process. A Paused one is left as it is.
 * @throws OperatingError `invalid_state`, `instance_busy`, `guest_unreachable`.
 */
export async function pauseInstance(deps: Dependencies, id: string, signal: AbortSignal): Promise<InstanceView> {
  const { id: instanceId, name } = findInstance(deps, id);
  using _ = deps.lock.acquire(instanceId, "pause");
  if (judge("pause", currentView(deps, instanceId).state, name) === "done") return currentView(deps, instanceId);
  const live = deps.machines.get(instanceId);
  const machine = live?.machine;
  if (live === undefined || machine?.state !== "running") {
    throw new OperatingError("invalid_state", `${name} has ended meanwhile: start it`);
  }
  live.machine = await whileAlive(machine, `the pause of ${name}`, signal, (alive) =>
    withinDeadline(alive, deps.settings.deadlines.machineMs, "the pause", (limited) => machine.pause(limited)),
  );
  deps.log.info({ instanceId }, "instance.paused");
  deps.changes.notify(instanceId);
  return currentView(deps, instanceId);
}
