/**
 * checkpoint(machine) → memory image. RAM, device state and disk come from the same pause:
 *
 *     running ──pause──► device state ──► RAM (capture) ──► manifest ──► rename ══► image/ is whole
 *        ▲                    │               │                │
 *        └───────resume───────┴── any failure ┴────────────────┘     image.making/ is removed
 */
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import type { PausedMachine } from "../../hypervisors/driver.ts";
import { assert } from "../../lib/assert.ts";
import { withinDeadline } from "../instances/within-deadline.ts";
import { flush } from "../../lib/flush.ts";
import type { Stopwatch } from "../../lib/stopwatch.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { captureMemory, syncImage } from "../../memory/capture.ts";
import { filesOf, type Dependencies } from "../instances/dependencies.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import { isGone } from "../instances/is-gone.ts";
import type { LiveMachine } from "../instances/machines.ts";
import { isFrame } from "../mailboxes/frame.ts";
import { writeManifest } from "./manifest.ts";
import { imageFiles, type ImageFiles } from "./memory-image.ts";

/**
 * Makes the memory image of a running machine in the instance's `image/` and leaves the machine paused, for the caller to end.
 * @throws whatever failed; the machine then runs on, if it still lives, and no image is left.
 */
export async function checkpointInstance(
  deps: Dependencies,
  live: LiveMachine,
  stored: StoredInstance,
  watch: Stopwatch,
  signal: AbortSignal,
): Promise<void> {
  const { machineMs, checkpointMs } = deps.settings.deadlines;
  const files = filesOf(deps, stored.id);
  const making = files.imageInProgressDirectory;
  await using undo = new UndoStack();
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { mode: 0o700 });
  undo.push(() => rm(making, { recursive: true, force: true }));

  const paused = await withinDeadline(signal, machineMs, "the pause", (limited) => pause(live, limited));
  undo.push(() => resume(deps, live, paused));
  deps.changes.notify(stored.id);
  watch.lap("pause");

  await withinDeadline(signal, checkpointMs, "saving the devices", (limited) =>
    paused.saveDeviceState(imageFiles(making).deviceStatePath, { willResume: false }, limited),
  );
  watch.lap("devices");

  const { dirtyBytes } = await withinDeadline(signal, checkpointMs, "capturing the memory", async (limited) => {
    await using memory = await paused.openMemory();
    return await captureMemory(memory, baseOf(files.baseDirectory), imageFiles(making), isFrame, limited);
  });
  watch.lap("capture");
  await syncImage(imageFiles(making));
  await flush(imageFiles(making).deviceStatePath);
  watch.lap("sync");

  const { sealed } = await files.diskLayers();
  const manifest = {
    version: 1,
    createdAt: new Date().toISOString(),
    spec: stored.spec,
    diskLayers: sealed.length + 1,
    dirtyBytes,
  } as const;
  await writeManifest(making, manifest);
  await rename(making, files.imageDirectory);
  await flush(files.directory);
  undo.commit();
  watch.lap("commit");
}

/** What the machine was mapped from: an image with indexes, or, after a fresh boot, an empty file, which is none. */
function baseOf(directory: string): ImageFiles | null {
  const base = imageFiles(directory);
  return existsSync(base.pagesPath) ? base : null;
}

async function pause(live: LiveMachine, signal: AbortSignal): Promise<PausedMachine> {
  assert(live.machine.state === "running", "only a running machine is checkpointed");
  const paused = await live.machine.pause(signal);
  live.machine = paused;
  return paused;
}

/** The guest goes on; a machine that has ended meanwhile has told so itself. */
async function resume(deps: Dependencies, live: LiveMachine, paused: PausedMachine): Promise<void> {
  if (await isGone(paused)) return;
  const never = new AbortController().signal;
  live.machine = await withinDeadline(never, deps.settings.deadlines.machineMs, "the resume", (limited) =>
    paused.resume(limited),
  );
  deps.changes.notify(live.instanceId);
}
