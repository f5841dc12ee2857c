import type { PausedMachine } from "../../hypervisors/driver.ts";
import { withinDeadline } from "../instances/within-deadline.ts";
import { filesOf, type Dependencies } from "../instances/dependencies.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import { ensureOverlay, machineFiles } from "../instances/machine-files.ts";
import { imageFiles } from "./memory-image.ts";

/**
 * restore(image) → paused machine: maps the image in the instance's own `image/` copy-on-write, gives it an overlay to write to and loads
 * the devices. No guest instruction has run.
 */
export async function restoreImage(
  deps: Dependencies,
  stored: StoredInstance,
  signal: AbortSignal,
): Promise<PausedMachine> {
  const { memoryPath, deviceStatePath } = imageFiles(filesOf(deps, stored.id).imageDirectory);
  await ensureOverlay(deps, stored.id);
  const files = await machineFiles(deps, stored.id, memoryPath);
  return withinDeadline(signal, deps.settings.deadlines.checkpointMs, `restoring ${stored.name}`, (limited) =>
    deps.driver.restore(stored.spec, files, deviceStatePath, limited),
  );
}
