import type { PausedMachine } from "../../hypervisors/driver.ts";
import type { Dependencies } from "../instances/dependencies.ts";
import type { InstanceFiles } from "../instances/instance-files.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import { ensureOverlay, machineFiles } from "../instances/machine-files.ts";
import { startConnected } from "../instances/start-connected.ts";
import { withinDeadline } from "../instances/within-deadline.ts";
import { imageFiles } from "./memory-image.ts";
import { openOwnPages } from "./open-image.ts";

/**
 * restore(image) → paused machine: maps the `image/` of `own` copy-on-write, with the own pages of a layered one, gives it an overlay to write
 * to and loads the devices. No guest instruction has run.
 */
export async function restoreImage(
  deps: Dependencies,
  stored: StoredInstance,
  own: InstanceFiles,
  signal: AbortSignal,
): Promise<PausedMachine> {
  const image = imageFiles(own.imageDirectory);
  await using ownPages = await openOwnPages(own.imageDirectory);
  const saved = { deviceStatePath: image.deviceStatePath, ownPages };
  await ensureOverlay(deps, own);
  const { checkpointMs } = deps.settings.deadlines;
  return await startConnected(deps, stored, signal, async (tapName) => {
    const files = await machineFiles(deps, own, image.memoryPath, tapName);
    return await withinDeadline(signal, checkpointMs, `restoring ${stored.name}`, (limited) =>
      deps.driver.restore(stored.spec, files, saved, limited),
    );
  });
}
