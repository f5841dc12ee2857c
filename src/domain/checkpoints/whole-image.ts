/**
 * A layered image becomes a whole one, in place, when it is going to be mapped by others than the machine that it is of:
 *
 *     image/   memory (base's)  own-*  manifest 2   ─► image.whole/ memory, made of both, and manifest 1, flushed
 *     image/   memory           own-*  manifest 2   ◄─ renamed over the base's: the own pages over it say the same
 *     image/   memory           own-*  manifest 1   ◄─ renamed last: it is whole
 *     image/   memory                  manifest 1      the own pages are removed; by the next who asks, after a crash
 *
 * Whatever a crash interrupts, the image reads the same.
 */
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { flush } from "../../lib/flush.ts";
import { removeBeside } from "../../lib/remove-beside.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { captureMemory } from "../../memory/capture.ts";
import { filesOf, syncImage } from "../../memory/image-files.ts";
import type { Logger } from "../../observability/logger.ts";
import type { InstanceFiles } from "../instances/instance-files.ts";
import { isFrame } from "../mailboxes/frame.ts";
import { readManifest, writeManifest } from "./manifest.ts";
import { imageFiles } from "./memory-image.ts";
import { openLayered } from "./open-image.ts";

const underWay = new Map<string, Promise<void>>();

/**
 * Resolves when the memory image in `files` is whole; those who ask at the same time wait for the same work, which takes as long as a copy of
 * its base. Whoever asks keeps others from changing the image by a lock, of the shared kind at least.
 */
export async function makeWhole(log: Logger, files: InstanceFiles): Promise<void> {
  const key = files.imageDirectory;
  const known = underWay.get(key);
  if (known !== undefined) {
    await known;
    return;
  }
  const work = merge(log, files).finally(() => underWay.delete(key));
  underWay.set(key, work);
  await work;
}

async function merge(log: Logger, files: InstanceFiles): Promise<void> {
  const image = imageFiles(files.imageDirectory);
  const signal = AbortSignal.timeout(longestMs);
  await using layered = await openLayered(log, files.imageDirectory, signal);
  if (layered === null) {
    if (existsSync(image.own.memoryPath)) removeBeside(filesOf(image.own));
    return;
  }
  const startedAt = performance.now();
  await using undo = new UndoStack();
  const directory = files.imageBecomingWholeDirectory;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { mode: 0o700 });
  undo.push(() => rm(directory, { recursive: true }));
  const whole = imageFiles(directory);
  const { storedBytes } = await captureMemory(layered, image, whole, isFrame, signal);
  await syncImage(whole);
  await writeManifest(directory, { ...(await readManifest(files.imageDirectory)), version: 1 });
  await rename(whole.memoryPath, image.memoryPath);
  await rename(whole.pagesPath, image.pagesPath);
  await rename(whole.framesPath, image.framesPath);
  await flush(files.imageDirectory);
  await rename(whole.manifestPath, image.manifestPath);
  await flush(files.imageDirectory);
  removeBeside(filesOf(image.own));
  const ms = Math.round(performance.now() - startedAt);
  log.info({ imageDirectory: files.imageDirectory, storedBytes, ms }, "memory_image.made_whole");
}

/** As long as the longest checkpoint may take. */
const longestMs = 600_000;
