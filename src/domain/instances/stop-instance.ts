import { withinDeadline } from "./within-deadline.ts";
import { untilAborted } from "../../lib/deadline.ts";
import type { Dependencies } from "./dependencies.ts";
import { findInstance } from "./find-instance.ts";
import type { InstanceView } from "./instance.ts";
import { judge } from "./lifecycle.ts";
import type { LiveMachine } from "./machines.ts";
import { manuallyStopped } from "./restart-policy.ts";
import { currentView } from "./view-instance.ts";

/** How long a guest may take to power off once its workload is gone. */
const powerOffMs = 10_000;

/**
 * Ends the guest: the agent asks the workload to end, after `graceMs` kills it, and powers off; a guest that does not get there is ended
 * from outside. The disk stays, the RAM is lost. A Stopped instance is left as it is.
 * @throws OperatingError `invalid_state`, `instance_busy`.
 */
export async function stopInstance(
  deps: Dependencies,
  id: string,
  options: { readonly graceMs: number },
  signal: AbortSignal,
): Promise<InstanceView> {
  const { id: instanceId, name } = findInstance(deps, id);
  using _ = deps.lock.acquire(instanceId, "stop");
  if (judge("stop", currentView(deps, instanceId).state, name) === "done") return currentView(deps, instanceId);
  const live = deps.machines.get(instanceId);
  deps.store.update(instanceId, { operation: "stop" });
  if (live !== undefined) {
    const powersOff = await powerOff(deps, live, options.graceMs, signal);
    deps.machines.release(live);
    if (!powersOff) await live.machine.kill();
  }
  const rests = { process: null, restingState: "Stopped", stateError: null } as const;
  deps.store.update(instanceId, { ...rests, operation: null, restartStatus: manuallyStopped });
  deps.log.info({ instanceId }, "instance.stopped");
  deps.changes.notify(instanceId);
  return currentView(deps, instanceId);
}

/** Whether the guest went by itself. A guest that cannot be asked (still booting, paused, hung) is not waited for. */
export async function powerOff(
  deps: Dependencies,
  live: LiveMachine,
  graceMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (!live.ready || live.machine.state === "paused") return false;
  try {
    await withinDeadline(signal, graceMs + powerOffMs, "the guest's power-off", async (limited) => {
      const agent = await live.agent.client(limited);
      await agent.shutdown(graceMs, { timeoutMs: deps.settings.deadlines.agentMs, signal: limited });
      await untilAborted(live.machine.exited, limited);
    });
    return true;
  } catch (failure) {
    deps.log.warn({ instanceId: live.instanceId, err: failure }, "instance.forced_off");
    return false;
  }
}
