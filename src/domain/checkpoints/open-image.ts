import { OperatingError } from "../../errors.ts";
import {
  ImageIndexError,
  openImage as openMemory,
  type ImagePaths,
  type IndexedImage,
} from "../../memory/image-reader.ts";
import { LayeredImage } from "../../memory/layered-image.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { rebuildIndexes } from "../../memory/rebuild-indexes.ts";
import type { Logger } from "../../observability/logger.ts";
import { isFrame } from "../mailboxes/frame.ts";
import { indexMailboxes, type MailboxIndex } from "../mailboxes/frame-index.ts";
import { isLayered, readManifest, type Manifest } from "./manifest.ts";
import { imageFiles } from "./memory-image.ts";

/** A memory image as far as a fork must know it before anything is started. */
export interface OpenedImage {
  readonly manifest: Manifest;
  readonly mailboxes: MailboxIndex;
}

/**
 * Reads the manifest and the mailbox frames of the memory image in `directory`: a page for each frame, and none of the rest, unless an
 * index is lost.
 */
export async function openImage(log: Logger, directory: string, signal: AbortSignal): Promise<OpenedImage> {
  const manifest = await readManifest(directory);
  await using memory =
    (await openLayered(log, directory, signal)) ?? (await openIndexed(log, imageFiles(directory), signal));
  return { manifest, mailboxes: await indexMailboxes(memory, memory.frames) };
}

/** A layered image, read as one; null when it is whole. @throws OperatingError `image_mismatch` when it is damaged. */
export async function openLayered(log: Logger, directory: string, signal: AbortSignal): Promise<LayeredImage | null> {
  const own = await openOwnPages(directory);
  if (own === null) return null;
  await using undo = new UndoStack();
  undo.push(() => own[Symbol.asyncDispose]());
  const base = await openIndexed(log, imageFiles(directory), signal);
  undo.push(() => base[Symbol.asyncDispose]());
  if (base.sizeBytes !== own.sizeBytes)
    throw damaged(new ImageIndexError("the own pages are not of their base's size"));
  undo.commit();
  return new LayeredImage(base, own);
}

/** What a layered image has over its memory; null when it is whole. @throws OperatingError `image_mismatch` when it is damaged. */
export async function openOwnPages(directory: string): Promise<IndexedImage | null> {
  if (!isLayered(directory)) return null;
  try {
    return await openMemory(imageFiles(directory).own);
  } catch (failure) {
    // It has become whole while it was opened.
    if (!isLayered(directory)) return null;
    const isMissing = (failure as NodeJS.ErrnoException).code === "ENOENT";
    if (!isMissing && !(failure instanceof ImageIndexError)) throw failure;
    throw damaged(failure);
  }
}

function damaged(cause: unknown): OperatingError {
  const message =
    "the memory image is damaged: what its machine had of its own cannot be read; restore a snapshot of it, or delete it";
  return new OperatingError("image_mismatch", message, { cause });
}

/** A memory with its indexes, without own pages; they are made anew from its memory, with a read of all of it, when one is missing or damaged. */
export async function openIndexed(log: Logger, files: ImagePaths, signal: AbortSignal): Promise<IndexedImage> {
  try {
    return await openMemory(files);
  } catch (failure) {
    if (!(failure instanceof ImageIndexError)) throw failure;
    await rebuildIndexes(files, isFrame, signal);
    log.warn({ memoryPath: files.memoryPath, err: failure }, "memory_image.indexes_rebuilt");
    return await openMemory(files);
  }
}
