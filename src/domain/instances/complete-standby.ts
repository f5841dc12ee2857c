import { removeDirectoryBeside } from "../../lib/remove-beside.ts";
import { filesOf, type Dependencies } from "./dependencies.ts";

/**
 * The second half of standby, once the memory image is whole: ends the machine, seals the disk, lets go of what its RAM was mapped from.
 * Every step can be run again: after a crash in the middle, the next start runs it to the end.
 */
export async function completeStandby(deps: Dependencies, instanceId: string): Promise<void> {
  const live = deps.machines.get(instanceId);
  if (live !== undefined) {
    deps.machines.release(live);
    await live.machine.kill();
  }
  const files = filesOf(deps, instanceId);
  await files.sealOverlay();
  removeDirectoryBeside(files.baseDirectory);
  deps.store.update(instanceId, { operation: null, process: null, restingState: "Standby", stateError: null });
  deps.changes.notify(instanceId);
}
