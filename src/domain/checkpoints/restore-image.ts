import type { PausedMachine } from "../../hypervisors/driver.ts";
import type { Dependencies } from "../instances/dependencies.ts";
import type { InstanceFiles } from "../instances/instance-files.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import { ensureOverlay, machineFiles } from "../instances/machine-files.ts";
import { startConnected } from "../instances/start-connected.ts";
import { withinDeadline } from "../instances/within-deadline.ts";
import { imageFiles } from "./memory-image.ts";

/**
 * restore(image) → paused machine: maps the `image/` of `own` copy-on-write, gives it an overlay to write to and loads the devices.
 * No guest instruction has run.
 */
export async function restoreImage(
  deps: Dependencies,
  stored: StoredInstance,
  own: InstanceFiles,
  signal: AbortSignal,
): Promise<PausedMachine> {
  const { memoryPath, deviceStatePath } = imageFiles(own.imageDirectory);
  await ensureOverlay(deps, own);
  const { checkpointMs } = deps.settings.deadlines;
  return await startConnected(deps, stored, signal, async (tapName) => {
    const files = await machineFiles(deps, own, memoryPath, tapName);
    return await withinDeadline(signal, checkpointMs, `restoring ${stored.name}`, (limited) =>
      deps.driver.restore(stored.spec, files, deviceStatePath, limited),
    );
  });
}
