/**
 * The indexes of an image, made anew from its memory file when one of them is lost:
 *
 *     memory   ░░██░█F░░░░██     every page is looked at once, in windows of 1 MiB
 *     pages    ··██·██····██     those that are not all zero
 *     frames   ······▲           those of them that `isFrame` picks
 *
 * A capture knows both while it copies and needs none of this; it costs a read of the whole file.
 */
import { randomUUID } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { flush } from "../lib/flush.ts";
import { UndoStack } from "../lib/undo-stack.ts";
import type { FramePredicate } from "./capture.ts";
import { pageBytes, type MemoryRange } from "./guest-memory.ts";
import { encodeOffsets, encodeRanges, openImageReader, type ImagePaths } from "./image-reader.ts";
import { RangeBuilder } from "./page-ranges.ts";

/** What the two files beside a memory file say. */
export interface ImageIndexes {
  /** The ranges that hold anything but zeros, ascending and disjoint. */
  readonly pages: readonly MemoryRange[];
  /** Offsets of the pages that were picked as frames, ascending. */
  readonly frames: readonly number[];
}

/**
 * Makes both indexes of an image anew, for one that cannot be read: see ImageIndexError. The memory file is only read, and each index
 * takes its name when it is whole: whoever reads the image meanwhile is not disturbed.
 * @throws when there is no memory file; the signal's reason.
 */
export async function rebuildIndexes(image: ImagePaths, isFrame: FramePredicate, signal: AbortSignal): Promise<void> {
  const { pages, frames } = await scanMemory(image.memoryPath, isFrame, signal);
  await replaceFile(image.pagesPath, encodeRanges(pages));
  await replaceFile(image.framesPath, encodeOffsets(frames));
}

/** Reads the memory file from end to end. @throws what reading failed with; the signal's reason. */
export async function scanMemory(
  memoryPath: string,
  isFrame: FramePredicate,
  signal: AbortSignal,
): Promise<ImageIndexes> {
  await using reader = await openImageReader(memoryPath);
  const pages = new RangeBuilder();
  const frames: number[] = [];
  const buffer = Buffer.allocUnsafeSlow(windowBytes);
  for (let offset = 0; offset < reader.sizeBytes; offset += windowBytes) {
    signal.throwIfAborted();
    const window = buffer.subarray(0, Math.min(windowBytes, reader.sizeBytes - offset));
    await reader.read(offset, window);
    // Most of a guest's RAM was never written: one compare instead of one for each page.
    if (!isZero(window)) scanWindow(window, offset, { pages, frames, isFrame });
  }
  return { pages: pages.finish(), frames };
}

const windowBytes = 1 << 20;
const zeros = Buffer.alloc(windowBytes);

function scanWindow(
  window: Buffer,
  offset: number,
  found: { readonly pages: RangeBuilder; readonly frames: number[]; readonly isFrame: FramePredicate },
): void {
  for (let at = 0; at < window.length; at += pageBytes) {
    const page = window.subarray(at, at + pageBytes);
    if (isZero(page)) continue;
    found.pages.add(offset + at, page.length);
    if (found.isFrame(page)) found.frames.push(offset + at);
  }
}

function isZero(bytes: Buffer): boolean {
  return bytes[0] === 0 && bytes.equals(zeros.subarray(0, bytes.length));
}

/** Another link of the old file, which belongs to another instance, stays as it is. */
async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  await using undo = new UndoStack();
  const making = `${path}.${randomUUID()}`;
  undo.push(() => rm(making, { force: true }));
  await writeFile(making, bytes, { flag: "wx", mode: 0o600 });
  await flush(making);
  await rename(making, path);
  undo.commit();
}
