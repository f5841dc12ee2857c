/**
 * Merges the sealed layers of an instance's disk into one. The instance may run, rest, be forked and be captured meanwhile:
 *
 *     instances/ID/disk/           root layer-0 layer-1 … layer-N  later ones    what every start of a machine reads
 *     instances/ID.flattening/
 *       from/                      layer-1 … layer-N   own links, taken at rest
 *       merged                     made of these by the driver
 *       disk/                      root layer-0 layer-1 (merged)  later ones     whole, then put in place at rest:
 *       old/                         1. ID/disk ──► old      2. disk ──► ID/disk
 *
 * Links are taken and directories renamed without a wait in between: nobody ever finds the instance busy because of this. A crash before 1
 * drops all, one between 1 and 2 is finished at the next start, and one after 2 drops `old`. Children and snapshots have links of their own.
 */
import { linkSync, mkdirSync, renameSync, statSync } from "node:fs";
import { chmod, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { OperatingError } from "../../errors.ts";
import { untilAborted } from "../../lib/deadline.ts";
import { flush } from "../../lib/flush.ts";
import { Stopwatch } from "../../lib/stopwatch.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { filesOf, type Dependencies } from "../instances/dependencies.ts";
import { InstanceFiles } from "../instances/instance-files.ts";

/** Runs its argument alone: one disk at a time is merged, however many wait. */
export type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * Does nothing unless the instance rests and its disk has more layers than `settings.maxDiskLayers`. Once they are merged it waits for the
 * instance to rest again, if it runs by then.
 * @throws the signal's reason, or whatever failed; the disk is as it was then.
 */
export async function flattenDisk(
  deps: Dependencies,
  instanceId: string,
  inTurn: InTurn,
  signal: AbortSignal,
): Promise<void> {
  const watch = new Stopwatch();
  const layers = await replaceLayers(deps, instanceId, inTurn, watch, signal);
  if (layers === 0) return;
  const timingsMs = watch.timingsMs();
  deps.metrics.recordOperation("flatten", "ok", timingsMs);
  deps.log.info({ instanceId, layers, timingsMs }, "disk.flattened");
  deps.changes.notify(instanceId);
}

/** @returns how many layers became one, 0 when it was none. Nothing else is left of them by then. */
async function replaceLayers(
  deps: Dependencies,
  instanceId: string,
  inTurn: InTurn,
  watch: Stopwatch,
  signal: AbortSignal,
): Promise<number> {
  const files = filesOf(deps, instanceId);
  await using undo = new UndoStack();
  const sources = await inTurn(async () => {
    signal.throwIfAborted();
    const pinned = await atRest(deps, instanceId, signal, () => pin(files, deps.settings.maxDiskLayers, undo));
    watch.lap("wait");
    if (pinned !== null) await merge(deps, pinned, files, signal);
    watch.lap("merge");
    return pinned;
  });
  if (sources === null) return 0;
  const { isPut } = await nextRest(deps, instanceId, signal, () => ({ isPut: putInPlace(files, sources) }));
  if (!isPut) return 0;
  watch.lap("switch");
  await flush(files.diskDirectory);
  await flush(files.directory);
  watch.lap("sync");
  return sources.length - 1;
}

/** What `act`, which cannot wait, gives when nobody works on the instance; null when it runs, or is gone. */
async function atRest<Result>(
  deps: Dependencies,
  instanceId: string,
  signal: AbortSignal,
  act: () => Result,
): Promise<Result | null> {
  for (;;) {
    await untilAborted(deps.lock.whenFree(instanceId), signal);
    try {
      using _ = deps.lock.acquire(instanceId, "flatten");
      return isResting(deps, instanceId) ? act() : null;
    } catch (failure) {
      // Somebody else was told first that it is free.
      if (!(failure instanceof OperatingError && failure.code === "instance_busy")) throw failure;
    }
  }
}

function isResting(deps: Dependencies, instanceId: string): boolean {
  const stored = deps.store.get(instanceId);
  return stored?.operation === null && stored.process === null && deps.machines.get(instanceId) === undefined;
}

/** The same, but waits for as long as the instance runs; when it is deleted, the signal aborts. */
async function nextRest<Result extends object>(
  deps: Dependencies,
  instanceId: string,
  signal: AbortSignal,
  act: () => Result,
): Promise<Result> {
  for (;;) {
    const changed = Promise.withResolvers<undefined>();
    using _ = deps.changes.listen(instanceId, () => {
      changed.resolve(undefined);
    });
    const result = await atRest(deps, instanceId, signal, act);
    if (result !== null) return result;
    await untilAborted(changed.promise, signal);
  }
}

/** Own links of the layers to merge, the blank one first; null when there are few. */
function pin(files: InstanceFiles, maxLayers: number, undo: UndoStack): readonly string[] | null {
  const [blank, ...others] = files.diskLayersNow().sealed;
  if (blank === undefined || others.length <= maxLayers) return null;
  const directory = files.flatteningDirectory;
  const next = new InstanceFiles(directory);
  mkdirSync(directory, { mode: 0o700 });
  undo.push(() => rm(directory, { recursive: true, force: true }));
  for (const name of ["disk", "from"]) mkdirSync(join(directory, name), { mode: 0o700 });
  const sources = others.map((_, index) => join(directory, `from/layer-${String(index + 1)}`));
  linkSync(files.rootDiskPath, next.rootDiskPath);
  linkSync(blank, next.firstLayerPath);
  for (const [index, source] of sources.entries()) linkSync(files.layerPath(index + 1), source);
  return [next.firstLayerPath, ...sources];
}

/** The new disk is whole, and stays so after a power cut, when this resolves. */
async function merge(
  deps: Dependencies,
  sources: readonly string[],
  files: InstanceFiles,
  signal: AbortSignal,
): Promise<void> {
  const next = new InstanceFiles(files.flatteningDirectory);
  const merged = join(next.directory, "merged");
  await deps.driver.flattenDisk(sources, merged, signal);
  await chmod(merged, 0o400);
  await flush(merged);
  await rename(merged, next.layerPath(1));
  for (const directory of [next.diskDirectory, next.directory, deps.settings.instancesDirectory]) {
    await flush(directory);
  }
}

/**
 * What came on top of the merged layers meanwhile stays on top of them.
 * @returns false when the disk is another one by now: a snapshot was restored.
 */
function putInPlace(files: InstanceFiles, sources: readonly string[]): boolean {
  const next = new InstanceFiles(files.flatteningDirectory);
  const { sealed, overlay } = files.diskLayersNow();
  const isSameDisk = sources.every((source, index) => {
    const present = sealed[index];
    return present !== undefined && isSameFile(source, present);
  });
  if (!isSameDisk) return false;
  const later = [...sealed, ...(overlay === null ? [] : [overlay])].slice(sources.length);
  for (const [index, layer] of later.entries()) linkSync(layer, next.layerPath(index + 2));
  const old = join(next.directory, "old");
  renameSync(files.diskDirectory, old);
  try {
    renameSync(next.diskDirectory, files.diskDirectory);
  } catch (failure) {
    renameSync(old, files.diskDirectory);
    throw failure;
  }
  return true;
}

function isSameFile(left: string, right: string): boolean {
  const [one, other] = [statSync(left), statSync(right)];
  return one.ino === other.ino && one.dev === other.dev;
}
