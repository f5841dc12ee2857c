import type { Dependencies } from "./dependencies.ts";
import { filesOf } from "./dependencies.ts";
import { isGone } from "./is-gone.ts";
import { withinDeadline } from "./within-deadline.ts";

/**
 * Has the instance's machine, if it runs, read the lowest layer of its disk in place of all those that it had below the next one when it
 * was started: they were merged into it since. Nobody waits for this, and whoever works on the instance meanwhile is not in its way.
 * @throws whatever failed, unless the machine ended; it reads what it read before then.
 */
export async function shortenMachine(deps: Dependencies, instanceId: string, signal: AbortSignal): Promise<void> {
  const machine = deps.machines.get(instanceId)?.machine;
  if (machine === undefined || !deps.driver.capabilities.liveFlatten) return;
  const { sealed, overlay } = filesOf(deps, instanceId).diskLayersNow();
  const [, lowest, above] = [...sealed, ...(overlay === null ? [] : [overlay])];
  if (lowest === undefined || above === undefined) return;
  const { machineMs } = deps.settings.deadlines;
  try {
    await withinDeadline(signal, machineMs, "going over to the merged disk", (limited) =>
      machine.replaceLowerLayers(above, lowest, limited),
    );
  } catch (failure) {
    if (!(await isGone(machine))) throw failure;
  }
}
