/**
 * checkpoint(machine) → memory image. RAM, device state and disk come from the same pause:
 *
 *                          ┌─► device state ────────┐
 *     prepare ──► pause ──►└─► own pages of RAM ────┴─► paused, for the caller to end
 *        ▲                                          └─► or, live: disk sealed ──► resume
 *        └──── resume ────────── any failure ────────────────┘
 *
 * What needs no pause comes before it: files, buffers, what the disk has not flushed, the disk's next layer, and, of a machine that goes on, the own
 * pages that it does not write meanwhile. What the guest has not written is copied from its base, and the image is flushed and gets its manifest,
 * after it.
 */
import { existsSync } from "node:fs";
import { chmod, mkdir, rename, rm, stat } from "node:fs/promises";
import { OperatingError } from "../../errors.ts";
import { RefusedError, type PausedMachine, type RunningMachine } from "../../hypervisors/driver.ts";
import { assert } from "../../lib/assert.ts";
import { flush } from "../../lib/flush.ts";
import { ownFile } from "../../lib/own-file.ts";
import type { Stopwatch } from "../../lib/stopwatch.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { prepareCapture, type BegunCapture, type PreparedCapture } from "../../memory/capture.ts";
import type { TrackedMemory } from "../../memory/guest-memory.ts";
import { syncImage } from "../../memory/image-files.ts";
import type { ImagePaths } from "../../memory/image-reader.ts";
import { totalBytes } from "../../memory/page-ranges.ts";
import { filesOf, type Dependencies } from "../instances/dependencies.ts";
import type { InstanceFiles } from "../instances/instance-files.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import { isGone } from "../instances/is-gone.ts";
import type { LiveMachine } from "../instances/machines.ts";
import { setGuestClock } from "../instances/set-guest-clock.ts";
import { withinDeadline } from "../instances/within-deadline.ts";
import { isFrame } from "../mailboxes/frame.ts";
import { writeManifest } from "./manifest.ts";
import { imageFiles, memoryFiles, type ImageFiles } from "./memory-image.ts";
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
  const prepared = await prepare(checkpoint, making, { willResume: false, tracked: null }, undo);
  const paused = await pause(checkpoint, undo);
  const begun = await takeDevicesAndPages(checkpoint, paused, prepared, { willResume: false });
  const { dirtyBytes } = await begun.finish(checkpoint.signal);
  watch.lap("base");
  const { base, ownPagesAlone } = prepared;
  await commitImage(checkpoint, making, files, { dirtyBytes, layOver: ownPagesAlone ? base : null });
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
  await using tracked = await runningMachine(checkpoint.live).trackMemory(checkpoint.signal);
  if (tracked === null) deps.log.info({ instanceId: stored.id }, "checkpoint.copies_in_pause");
  const prepared = await prepare(checkpoint, making, { willResume: true, tracked }, undo);
  await using unsealed = new UndoStack();
  const nextPath = await openNextLayer(checkpoint, files, unsealed);
  if (tracked !== null) await copyAhead(checkpoint, files, prepared, tracked);
  let begun: BegunCapture;
  {
    await using pausedFor = new UndoStack();
    const paused = await pause(checkpoint, pausedFor);
    begun = await takeDevicesAndPages(checkpoint, paused, prepared, { willResume: true });
    await sealDisk(checkpoint, paused, nextPath, unsealed);
  }
  watch.lap("resume");
  void setGuestClock(deps, checkpoint.live, AbortSignal.timeout(deps.settings.deadlines.agentMs));
  const { dirtyBytes } = await begun.finish(checkpoint.signal);
  watch.lap("base");
  await target.ownDisksOf(files);
  await commitImage(checkpoint, making, target, { dirtyBytes, layOver: null });
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

/** What a machine was mapped from, and what it says without its holes. */
interface Base extends ImagePaths {
  readonly storedBytes: number;
}

/** What the capture reads beside the machine and writes to, and the capture itself. */
interface Preparation {
  /** What the machine was mapped from: see `baseOf`. */
  readonly base: Base | null;
  readonly image: ImageFiles;
  /** Whether the image is going to be layered. */
  readonly ownPagesAlone: boolean;
  readonly capture: PreparedCapture;
  /** The machine's memory, if most of it is copied before the pause. */
  readonly tracked: TrackedMemory | null;
}

/** While the guest still runs. What it has not flushed to its disk would be flushed in the pause. */
async function prepare(
  checkpoint: Checkpoint,
  image: ImageFiles,
  { willResume, tracked }: { readonly willResume: boolean; readonly tracked: TrackedMemory | null },
  undo: UndoStack,
): Promise<Preparation> {
  const { deps, live, stored, watch, signal } = checkpoint;
  const running = runningMachine(live);
  const files = filesOf(deps, stored.id);
  const asking = withinDeadline(signal, deps.settings.deadlines.machineMs, "the machine", (limited) =>
    running.prepareCheckpoint(limited),
  );
  const [{ ownBytes }, base] = await Promise.all([asking, baseOf(checkpoint, files), flushOverlay(files)]);
  const isToBeForked = willResume || deps.forkedIds.has(stored.id);
  const ownPagesAlone = base !== null && !isToBeForked && isWorthALayer(ownBytes, base.storedBytes);
  const heldBackBytes = willResume && tracked === null ? ownBytes + margin : 0;
  const capture = await prepareFiles(checkpoint, { base, image, ownPagesAlone }, heldBackBytes);
  undo.push(() => capture.abandon());
  watch.lap("prepare");
  return { base, image, ownPagesAlone: capture.isLayer, capture, tracked };
}

/** What the guest has of its own and does not write meanwhile. The disk has had time to become dirty again. */
async function copyAhead(
  { deps, watch, signal }: Checkpoint,
  files: InstanceFiles,
  { capture }: Preparation,
  tracked: TrackedMemory,
): Promise<void> {
  await withinDeadline(signal, deps.settings.deadlines.checkpointMs, "copying memory ahead", (limited) =>
    capture.copyAhead(tracked, limited),
  );
  await flushOverlay(files);
  watch.lap("copy_ahead");
}

/**
 * Own pages are written to the disk in either case, and into the machine's memory when it is restored: little against a copy of the base, unless
 * there are many of them.
 */
function isWorthALayer(ownBytes: number, baseBytes: number): boolean {
  return 2 * ownBytes <= baseBytes;
}

async function flushOverlay(files: InstanceFiles): Promise<void> {
  const { overlay } = await files.diskLayers();
  if (overlay !== null) await flush(overlay);
}

function runningMachine({ machine }: LiveMachine): RunningMachine {
  assert(machine.state === "running", "only a running machine is checkpointed");
  return machine;
}

/** What a guest may write between the count of its pages and its pause. */
const margin = 8 << 20;

async function prepareFiles(
  { stored }: Checkpoint,
  { base, image, ownPagesAlone }: Pick<Preparation, "base" | "image" | "ownPagesAlone">,
  heldBackBytes: number,
): Promise<PreparedCapture> {
  return await prepareCapture(stored.spec.memoryBytes, base, image, isFrame, { heldBackBytes, ownPagesAlone });
}

/** The undo is the resume: of a failure, or, in a live checkpoint, of everything. */
async function pause({ deps, live, watch, signal }: Checkpoint, undo: UndoStack): Promise<PausedMachine> {
  const running = runningMachine(live);
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

/** Of one moment: taken again until nothing has moved between the two, which ends soon, for the guest adds nothing. */
async function takeDevicesAndPages(
  checkpoint: Checkpoint,
  paused: PausedMachine,
  { capture: prepared, ...files }: Preparation,
  options: { readonly willResume: boolean },
): Promise<BegunCapture> {
  const { deps, stored, signal } = checkpoint;
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    await using undo = new UndoStack();
    const capture = attempt === 1 ? prepared : await prepareFiles(checkpoint, files, 0);
    undo.push(() => capture.abandon());
    await paused.noteDevices(signal);
    const saving = saveDevices(checkpoint, paused, files.image, options);
    const taking = takeOwnPages(checkpoint, paused, capture, attempt === 1 ? files.tracked : null);
    await Promise.allSettled([saving, taking]);
    const [begun] = await Promise.all([taking, saving]);
    if (await paused.hasStoodStill(signal)) {
      undo.commit();
      return begun;
    }
    await rm(files.image.deviceStatePath);
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
 * Makes the layer that the machine will write to from its pause on, and opens it: most of a seal's work.
 * @param undo gives both back; to be kept by a seal. @returns where it lies.
 */
async function openNextLayer(
  { deps, live, watch, signal }: Checkpoint,
  files: InstanceFiles,
  undo: UndoStack,
): Promise<string> {
  const running = runningMachine(live);
  const { sealed, overlay, nextPath } = await files.diskLayers();
  const [blank] = sealed;
  assert(blank !== undefined && overlay !== null, "a running machine writes to an overlay on its blank layer");
  signal.throwIfAborted();
  const never = new AbortController().signal;
  const { machineMs } = deps.settings.deadlines;
  await files.sealOverlay();
  undo.push(() => chmod(overlay, 0o600));
  await deps.driver.createDiskOverlay(nextPath, (await stat(blank)).size);
  undo.push(() => rm(nextPath));
  await withinDeadline(never, machineMs, "opening the disk's next layer", (limited) =>
    running.openOverlay(nextPath, limited),
  );
  undo.push(() =>
    withinDeadline(never, machineMs, "closing the disk's next layer", (limited) => live.machine.closeOverlay(limited)),
  );
  watch.lap("prepare");
  return nextPath;
}

/**
 * From here on the machine writes to a layer of its own again, and what it wrote before stays as it is. A machine of which it is not known
 * which layer it writes is ended: both layers are kept. A caller who goes away is heeded before, not in the middle.
 */
async function sealDisk(
  { deps, watch, signal }: Checkpoint,
  paused: PausedMachine,
  nextPath: string,
  undo: UndoStack,
): Promise<void> {
  signal.throwIfAborted();
  const never = new AbortController().signal;
  try {
    await withinDeadline(never, deps.settings.deadlines.machineMs, "sealing the disk", (limited) =>
      paused.sealDisk(nextPath, limited),
    );
  } catch (failure) {
    if (failure instanceof RefusedError) throw failure;
    undo.commit();
    await paused.kill();
    throw failure;
  }
  undo.commit();
  watch.lap("disk");
}

async function takeOwnPages(
  { deps, watch, signal }: Checkpoint,
  paused: PausedMachine,
  capture: PreparedCapture,
  tracked: TrackedMemory | null,
): Promise<BegunCapture> {
  const { checkpointMs } = deps.settings.deadlines;
  const begun = await withinDeadline(signal, checkpointMs, "capturing the memory", async (limited) => {
    if (tracked !== null) return await capture.take(tracked, limited);
    await using memory = await paused.openMemory();
    return await capture.take(memory, limited);
  });
  watch.lap("capture");
  return begun;
}

/**
 * What the machine was mapped from: an image, whose manifest says so, or, after a fresh boot, an empty file, which is none. A capture reads
 * the image's indexes while the guest stands still: should they have to be made anew, it is done before.
 */
async function baseOf({ deps, signal }: Checkpoint, files: InstanceFiles): Promise<Base | null> {
  const base = imageFiles(files.baseDirectory);
  if (!existsSync(base.manifestPath)) return null;
  await using opened = await openIndexed(deps.log, base, signal);
  return { ...memoryFiles(files.baseDirectory, ""), storedBytes: totalBytes(opened.pages) };
}

/**
 * The image gets its name when all of it is on the disk.
 * @param layOver the base of an image that holds its machine's own pages alone, which becomes a part of it; null when it is whole.
 */
async function commitImage(
  { stored, watch }: Checkpoint,
  making: ImageFiles,
  files: InstanceFiles,
  { dirtyBytes, layOver }: { readonly dirtyBytes: number; readonly layOver: ImagePaths | null },
): Promise<void> {
  await syncImage(making);
  await flush(making.deviceStatePath);
  watch.lap("sync");
  if (layOver !== null) await layOwnPagesOver(layOver, making);
  const createdAt = new Date().toISOString();
  const version = layOver === null ? 1 : 2;
  await writeManifest(files.imageInProgressDirectory, { version, createdAt, spec: stored.spec, dirtyBytes });
  await flush(files.imageInProgressDirectory);
  await rename(files.imageInProgressDirectory, files.imageDirectory);
  await flush(files.directory);
}

async function layOwnPagesOver(base: ImagePaths, image: ImageFiles): Promise<void> {
  await rename(image.memoryPath, image.own.memoryPath);
  await rename(image.pagesPath, image.own.pagesPath);
  await rename(image.framesPath, image.own.framesPath);
  await ownFile(base.memoryPath, image.memoryPath);
  await ownFile(base.pagesPath, image.pagesPath);
  await ownFile(base.framesPath, image.framesPath);
}
