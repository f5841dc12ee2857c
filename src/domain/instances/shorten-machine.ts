import { filesOf, type Dependencies } from "./dependencies.ts";
import { isGone } from "./is-gone.ts";
import { withinDeadline } from "./within-deadline.ts";

/**
 * Has the instance's machine, if it runs, read the lowest layer of its disk in place of all those that it had below the next one when it
 * was started: they were merged into it since. Nobody waits for this, and whoever works on the instance meanwhile is not in its way.
 * A machine that does not do so reads the same bytes the long way, which the log tells.
 * @throws the signal's reason.
 */
export async function shortenMachine(deps: Dependencies, instanceId: string, signal: AbortSignal): Promise<void> {
  const machine = deps.machines.get(instanceId)?.machine;
  if (machine === undefined || !deps.driver.capabilities.liveFlatten) return;
  try {
    const { sealed, overlay } = filesOf(deps, instanceId).diskLayersNow();
    const [, lowest, above] = [...sealed, ...(overlay === null ? [] : [overlay])];
    if (lowest === undefined || above === undefined) return;
    const { machineMs } = deps.settings.deadlines;
    await withinDeadline(signal, machineMs, "going over to the merged disk", (limited) =>
      machine.replaceLowerLayers(above, lowest, limited),
    );
  } catch (failure) {
    signal.throwIfAborted();
    if (!(await isGone(machine))) deps.log.warn({ instanceId, err: failure }, "disk.old_layers_kept");
  }
}
