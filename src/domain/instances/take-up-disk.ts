/**
 * After a crash the files may say otherwise than an adopted machine which layer it writes. The machine is believed:
 *
 *     the server died                         files                               machine writes
 *     before it made the next overlay         layer-N sealed                      layer-N      may be written again
 *     before the machine had changed over     layer-N sealed, empty layer-N+1     layer-N      the same, and layer-N+1 goes
 *     after that                              layer-N sealed, layer-N+1           layer-N+1    as it should be
 *
 * Nobody has a link of a layer that was about to be sealed: those are taken when the machine has changed over. When the machine is gone
 * too, the files are right in all three: an overlay that nothing was written to says nothing.
 */
import { statSync } from "node:fs";
import { chmod, rm } from "node:fs/promises";
import type { PausedMachine, RunningMachine } from "../../hypervisors/driver.ts";
import { filesOf, type Dependencies } from "./dependencies.ts";
import { withinDeadline } from "./within-deadline.ts";

/**
 * Brings an instance's disk in agreement with the layer that its machine writes, before anything else is done with either.
 * @throws an error when the machine writes none of its instance's layers, or does not say which.
 */
export async function takeUpDisk(
  deps: Dependencies,
  instanceId: string,
  machine: RunningMachine | PausedMachine,
): Promise<void> {
  const never = new AbortController().signal;
  const { machineMs } = deps.settings.deadlines;
  const written = await withinDeadline(never, machineMs, "the machine's word on its disk", (limited) =>
    machine.writtenDiskLayer(limited),
  );
  const { sealed, overlay } = await filesOf(deps, instanceId).diskLayers();
  const layers = overlay === null ? sealed : [...sealed, overlay];
  const { dev, ino } = statSync(written);
  const index = layers.findIndex((layer) => {
    const own = statSync(layer);
    return own.dev === dev && own.ino === ino;
  });
  const top = layers[index];
  if (top === undefined || index === 0) throw new Error("the machine writes to none of its instance's disk layers");
  if (top === overlay) return;
  for (const unused of layers.slice(index + 1)) await rm(unused);
  await chmod(top, 0o600);
  deps.log.warn({ instanceId, layer: index }, "reconcile.seal_undone");
}
