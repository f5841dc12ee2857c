/**
 * Merges the sealed layers of an instance's disk into one. The instance may run, rest, be captured, forked and stopped meanwhile: sealed
 * layers are written by nobody, and whoever comes finds it free.
 *
 *     instances/ID.flattening/
 *       from/                 layer-0 layer-1 … layer-N      own links
 *       merged                says what layer-1 … layer-N say, made by the driver
 *
 *     instances/ID/disk/      layer-0 layer-1 … layer-N  later ones
 *       1. put                layer-0 layer-1 … merged   later ones         one rename: it has layer-N's name, and hides what lies below it
 *       2. drop the hidden    layer-0           merged   later ones
 *       3. a machine that runs goes over to it
 *
 * The disk says the same before, between and after these steps, so a crash needs no repair, and a machine may have any of the three open:
 * files that were removed stay until it closes them. Links, rename and removal happen while nobody works on the instance, without a wait
 * in between. The layer that a machine writes keeps its name, since a hypervisor opens it by that again when it is sealed.
 */
import { linkSync, mkdirSync, renameSync, statSync, unlinkSync } from "node:fs";
import { chmod, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { untilAborted } from "../../lib/deadline.ts";
import { flush } from "../../lib/flush.ts";
import { Stopwatch } from "../../lib/stopwatch.ts";
import type { Turns } from "../../lib/turns.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { filesOf, type Dependencies } from "../instances/dependencies.ts";
import type { InstanceFiles } from "../instances/instance-files.ts";
import { shortenMachine } from "../instances/shorten-machine.ts";

/** Layers that are being merged, the blank one first: where they lie in the instance's disk, and own links of them. */
interface Pinned {
  readonly layers: readonly string[];
  readonly links: readonly string[];
}

interface Flattening {
  readonly deps: Dependencies;
  readonly instanceId: string;
  readonly files: InstanceFiles;
  readonly watch: Stopwatch;
  readonly isLong: (layers: number) => boolean;
  readonly turns: Turns;
  readonly signal: AbortSignal;
}

/**
 * Does nothing unless the instance's disk has too many sealed layers. @returns whether they were merged, when they are.
 * @param options.isLong whether so many on the blank one are too many.
 * @param options.turns one disk at a time is merged, however many wait.
 * @throws the signal's reason, or whatever failed; the disk is as it was, or merged, and nothing else is left.
 */
export async function flattenDisk(
  deps: Dependencies,
  instanceId: string,
  options: { readonly isLong: (layers: number) => boolean; readonly turns: Turns },
  signal: AbortSignal,
): Promise<boolean> {
  const watch = new Stopwatch();
  const files = filesOf(deps, instanceId);
  const layers = await replaceLayers({ deps, instanceId, files, watch, signal, ...options });
  if (layers === 0) return false;
  const timingsMs = watch.timingsMs();
  deps.metrics.recordOperation("flatten", "ok", timingsMs);
  deps.log.info({ instanceId, layers, timingsMs }, "disk.flattened");
  deps.changes.notify(instanceId);
  return true;
}

/** @returns how many layers became one, 0 when it was none. */
async function replaceLayers(flattening: Flattening): Promise<number> {
  const { deps, instanceId, files, watch, isLong, turns, signal } = flattening;
  const layerCount = (): number => files.diskLayersNow().sealed.length - 1;
  if ((await whenFree(flattening, () => isLong(layerCount()))) !== true) return 0;
  await using undo = new UndoStack();
  const merged = join(files.flatteningDirectory, "merged");
  const pinned = await turns.take(async () => {
    const taken = await whenFree(flattening, () => pin(files, isLong, undo));
    watch.lap("wait");
    if (taken !== null) await merge(deps, taken.links, merged, signal);
    watch.lap("merge");
    return taken;
  });
  if (pinned === null) return 0;
  const put = await whenFree(flattening, () => putInPlace(merged, pinned));
  if (put === null) return 0;
  await flush(files.diskDirectory);
  await whenFree(flattening, () => dropHidden(pinned, put.inode));
  watch.lap("switch");
  // Not while somebody works on the instance and has perhaps paused it: its guest would stand still for longer.
  await whenFree(flattening, () => true);
  await shortenMachine(deps, instanceId, signal);
  watch.lap("machine");
  return pinned.layers.length - 1;
}

/** What `act`, which cannot wait, gives as soon as nobody works on the instance; null when it is gone. */
async function whenFree<Result>(
  { deps, instanceId, signal }: Flattening,
  act: () => Result | null,
): Promise<Result | null> {
  // Somebody else may be told first that it is free.
  do await untilAborted(deps.lock.whenFree(instanceId), signal);
  while (deps.lock.isHeld(instanceId));
  signal.throwIfAborted();
  return deps.store.get(instanceId)?.operation === null ? act() : null;
}

/** Own links of the layers to merge; null when there are few. */
function pin(files: InstanceFiles, isLong: (layers: number) => boolean, undo: UndoStack): Pinned | null {
  const layers = files.diskLayersNow().sealed;
  if (!isLong(layers.length - 1)) return null;
  const directory = files.flatteningDirectory;
  const from = join(directory, "from");
  mkdirSync(directory, { mode: 0o700 });
  undo.push(() => rm(directory, { recursive: true, force: true }));
  mkdirSync(from, { mode: 0o700 });
  const links = layers.map((layer) => join(from, basename(layer)));
  for (const [index, layer] of layers.entries()) linkSync(layer, links[index] ?? "");
  return { layers, links };
}

/** The merged layer is whole, and stays so after a power cut, when this resolves. */
async function merge(
  deps: Dependencies,
  layers: readonly string[],
  merged: string,
  signal: AbortSignal,
): Promise<void> {
  await deps.driver.flattenDisk(layers, merged, signal);
  await chmod(merged, 0o400);
  await flush(merged);
}

/** @returns null when the disk is another one by now: a snapshot was restored. */
function putInPlace(merged: string, { layers, links }: Pinned): { readonly inode: number } | null {
  const last = layers.at(-1) ?? "";
  if (!links.every((link, index) => isSameFile(link, layers[index] ?? ""))) return null;
  renameSync(merged, last);
  return { inode: statSync(last).ino };
}

/** Those below the merged one, unless the disk is another one by now. */
function dropHidden({ layers }: Pinned, inode: number): true {
  const [, ...replaced] = layers;
  const isInPlace = statSync(replaced.at(-1) ?? "", { throwIfNoEntry: false })?.ino === inode;
  if (isInPlace) for (const hidden of replaced.slice(0, -1)) unlinkSync(hidden);
  return true;
}

function isSameFile(left: string, right: string): boolean {
  const [one, other] = [left, right].map((path) => statSync(path, { throwIfNoEntry: false }));
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}
