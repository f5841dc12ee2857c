/**
 * checkpoint(machine) → memory image. RAM, device state and disk come from the same pause:
 *
 *     running ──pause──► device state ──► own pages of RAM ──► paused, for the caller to end
 *        ▲                    │                  │        └──► or, live: disk sealed ──► resume
 *        └───────resume───────┴── any failure ───┘
 *
 * What the guest has not written is copied from its base, and the image is flushed and gets its manifest, after the pause.
 */
import { existsSync } from "node:fs";
import { chmod, mkdir, rename, rm, stat } from "node:fs/promises";
import { OperatingError } from "../../errors.ts";
import { RefusedError, type PausedMachine } from "../../hypervisors/driver.ts";
import { assert } from "../../lib/assert.ts";
import { flush } from "../../lib/flush.ts";
import type { Stopwatch } from "../../lib/stopwatch.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { beginCapture, syncImage, type BegunCapture } from "../../memory/capture.ts";
import { filesOf, type Dependencies } from "../instances/dependencies.ts";
import type { InstanceFiles } from "../instances/instance-files.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import { isGone } from "../instances/is-gone.ts";
import type { LiveMachine } from "../instances/machines.ts";
import { setGuestClock } from "../instances/set-guest-clock.ts";
import { withinDeadline } from "../instances/within-deadline.ts";
import { isFrame } from "../mailboxes/frame.ts";
import { writeManifest } from "./manifest.ts";
import { imageFiles, type ImageFiles } from "./memory-image.ts";
import { openIndexed } from "./open-image.ts";

interface Checkpoint {
  readonly deps: Dependencies;
  readonly live: LiveMachine;
  readonly stored: StoredInstance;
  readonly watch: Stopwatch;
  readonly signal: AbortSignal;
}

/**
 * Makes the memory image of a running machine in the instance's `image/` and leaves the machine paused, for the caller to end.
 * @throws whatever failed; the machine then runs on, if it still lives, and no image is left.
 */
export async function checkpointInstance(checkpoint: Checkpoint): Promise<void> {
  const { deps, stored, watch } = checkpoint;
  const files = filesOf(deps, stored.id);
  await using undo = new UndoStack();
  const making = await makeImageDirectory(files, undo);
  const base = await baseOf(checkpoint, files);
  const paused = await pause(checkpoint, undo);
  const begun = await takeDevicesAndPages(checkpoint, paused, { base, making, willResume: false });
  const { dirtyBytes } = await begun.finish(checkpoint.signal);
  watch.lap("base");
  await commitImage(checkpoint, making, files, dirtyBytes);
  undo.commit();
  watch.lap("commit");
}

/**
 * The same, but the machine goes on at once: it writes to a new overlay, and the image, the root and the disk layers sealed by this become
 * `target`'s. @returns when the guest runs again and the image is whole.
 */
export async function checkpointLive(checkpoint: Checkpoint, target: InstanceFiles): Promise<void> {
  const { deps, stored, watch } = checkpoint;
  const files = filesOf(deps, stored.id);
  await using undo = new UndoStack();
  const making = await makeImageDirectory(target, undo);
  const base = await baseOf(checkpoint, files);
  let begun: BegunCapture;
  await using abandonment = new UndoStack();
  {
    await using pausedFor = new UndoStack();
    const paused = await pause(checkpoint, pausedFor);
    begun = await takeDevicesAndPages(checkpoint, paused, { base, making, willResume: true });
    abandonment.push(() => begun.abandon());
    await sealDisk(checkpoint, paused, files);
  }
  abandonment.commit();
  watch.lap("resume");
  void setGuestClock(deps, checkpoint.live, AbortSignal.timeout(deps.settings.deadlines.agentMs));
  const { dirtyBytes } = await begun.finish(checkpoint.signal);
  watch.lap("base");
  await target.ownDisksOf(files);
  await commitImage(checkpoint, making, target, dirtyBytes);
  undo.commit();
  watch.lap("commit");
}

async function makeImageDirectory(files: InstanceFiles, undo: UndoStack): Promise<ImageFiles> {
  const directory = files.imageInProgressDirectory;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { mode: 0o700 });
  undo.push(() => rm(directory, { recursive: true, force: true }));
  return imageFiles(directory);
}

/** The undo is the resume: of a failure, or, in a live checkpoint, of everything. */
async function pause({ deps, live, watch, signal }: Checkpoint, undo: UndoStack): Promise<PausedMachine> {
  const running = live.machine;
  assert(running.state === "running", "only a running machine is checkpointed");
  const paused = await withinDeadline(signal, deps.settings.deadlines.machineMs, "the pause", (limited) =>
    running.pause(limited),
  );
  live.machine = paused;
  undo.push(() => resume(deps, live, paused));
  deps.changes.notify(live.instanceId);
  watch.lap("pause");
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

interface Taking {
  /** What the machine was mapped from: see `baseOf`. */
  readonly base: ImageFiles | null;
  readonly making: ImageFiles;
  readonly willResume: boolean;
}

/** Of one moment: taken again until nothing has moved between the two, which ends soon, for the guest adds nothing. */
async function takeDevicesAndPages(
  checkpoint: Checkpoint,
  paused: PausedMachine,
  { base, making, willResume }: Taking,
): Promise<BegunCapture> {
  const { deps, stored, signal } = checkpoint;
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    await saveDevices(checkpoint, paused, making, { willResume });
    const begun = await takeOwnPages(checkpoint, paused, { base, making });
    await using undo = new UndoStack();
    undo.push(() => begun.abandon());
    if (await paused.hasStoodStill(signal)) {
      undo.commit();
      return begun;
    }
    await rm(making.deviceStatePath);
    deps.log.info({ instanceId: stored.id, attempt }, "checkpoint.repeated");
  }
  const message = `the devices of ${stored.name} did not come to rest: say less to its guest, and try again`;
  throw new OperatingError("guest_unreachable", message);
}

/** What is on its way between host and guest when the guest stops fits into a socket and a queue: one more attempt suffices. */
const maxAttempts = 8;

async function saveDevices(
  { deps, watch, signal }: Checkpoint,
  paused: PausedMachine,
  image: ImageFiles,
  options: { readonly willResume: boolean },
): Promise<void> {
  await withinDeadline(signal, deps.settings.deadlines.checkpointMs, "saving the devices", (limited) =>
    paused.saveDeviceState(image.deviceStatePath, options, limited),
  );
  watch.lap("devices");
}

/**
 * From here on the machine writes to a layer of its own again, and what it wrote before stays as it is. A machine of which it is not known
 * which layer it writes is ended: both layers are kept. A caller who goes away is heeded before, not in the middle.
 */
async function sealDisk(
  { deps, watch, signal }: Checkpoint,
  paused: PausedMachine,
  files: InstanceFiles,
): Promise<void> {
  const { sealed, overlay, nextPath } = await files.diskLayers();
  const [blank] = sealed;
  assert(blank !== undefined && overlay !== null, "a running machine writes to an overlay on its blank layer");
  signal.throwIfAborted();
  const never = new AbortController().signal;
  await files.sealOverlay();
  await deps.driver.createDiskOverlay(nextPath, (await stat(blank)).size);
  try {
    await withinDeadline(never, deps.settings.deadlines.machineMs, "sealing the disk", (limited) =>
      paused.sealDisk(nextPath, limited),
    );
  } catch (failure) {
    if (failure instanceof RefusedError) {
      await rm(nextPath);
      await chmod(overlay, 0o600);
    } else await paused.kill();
    throw failure;
  }
  watch.lap("disk");
}

async function takeOwnPages(
  { deps, watch, signal }: Checkpoint,
  paused: PausedMachine,
  { base, making }: Pick<Taking, "base" | "making">,
): Promise<BegunCapture> {
  const { checkpointMs } = deps.settings.deadlines;
  const begun = await withinDeadline(signal, checkpointMs, "capturing the memory", async (limited) => {
    await using memory = await paused.openMemory();
    return await beginCapture(memory, base, making, isFrame, limited);
  });
  watch.lap("capture");
  return begun;
}

/**
 * What the machine was mapped from: an image, whose manifest says so, or, after a fresh boot, an empty file, which is none. A capture reads
 * the image's indexes while the guest stands still: should they have to be made anew, it is done before.
 */
async function baseOf({ deps, watch, signal }: Checkpoint, files: InstanceFiles): Promise<ImageFiles | null> {
  const base = imageFiles(files.baseDirectory);
  if (!existsSync(base.manifestPath)) return null;
  const opened = await openIndexed(deps.log, base, signal);
  await opened[Symbol.asyncDispose]();
  watch.lap("base");
  return base;
}

async function commitImage(
  { stored, watch }: Checkpoint,
  making: ImageFiles,
  files: InstanceFiles,
  dirtyBytes: number,
): Promise<void> {
  await syncImage(making);
  await flush(making.deviceStatePath);
  watch.lap("sync");
  const manifest = { version: 1, createdAt: new Date().toISOString(), spec: stored.spec, dirtyBytes } as const;
  await writeManifest(files.imageInProgressDirectory, manifest);
  await rename(files.imageInProgressDirectory, files.imageDirectory);
  await flush(files.directory);
}
