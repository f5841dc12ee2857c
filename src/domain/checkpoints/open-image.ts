import { ImageIndexError, openImage as openMemory, type IndexedImage } from "../../memory/image-reader.ts";
import { rebuildIndexes } from "../../memory/rebuild-indexes.ts";
import type { Logger } from "../../observability/logger.ts";
import { isFrame } from "../mailboxes/frame.ts";
import { indexMailboxes, type MailboxIndex } from "../mailboxes/frame-index.ts";
import { readManifest, type Manifest } from "./manifest.ts";
import { imageFiles, type ImageFiles } from "./memory-image.ts";

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
  await using memory = await openIndexed(log, imageFiles(directory), signal);
  return { manifest, mailboxes: await indexMailboxes(memory, memory.frames) };
}

/** The image with its indexes, which are made anew from its memory, with a read of all of it, when one is missing or damaged. */
export async function openIndexed(log: Logger, files: ImageFiles, signal: AbortSignal): Promise<IndexedImage> {
  try {
    return await openMemory(files);
  } catch (failure) {
    if (!(failure instanceof ImageIndexError)) throw failure;
    await rebuildIndexes(files, isFrame, signal);
    log.warn({ memoryPath: files.memoryPath, err: failure }, "memory_image.indexes_rebuilt");
    return await openMemory(files);
  }
}
