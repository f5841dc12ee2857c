/**
 * Copies a machine's RAM to a new memory image: its own pages while it is paused, the base's then or when it has gone on.
 *
 *     base image    ██░░██████░░░░██      populated extents, known from its `pages` file
 *     own pages     ░░██░░██░░░░█░░░      dirty: what the guest wrote since it was mapped from the base
 *     new image     ████████████░░█░██    a dirty page wins; where neither is, or a dirty page is all zero, a hole
 *
 * Beside the image two small files are written, both little-endian 64-bit numbers without a header:
 *
 *     pages    offset, length │ offset, length │ …   the populated extents, ascending: the next capture needs no search for holes
 *     frames   offset │ offset │ …                   the pages that `isFrame` picked, ascending
 *
 * A page is looked at while it is in the processor's cache anyway, so that finding frames costs one compare per copied page.
 */
import { existsSync, writeSync } from "node:fs";
import { constants, copyFile, open, rm, writeFile, type FileHandle } from "node:fs/promises";
import { assert } from "../lib/assert.ts";
import { UndoStack } from "../lib/undo-stack.ts";
import { pageBytes, type GuestMemory, type MemoryRange } from "./guest-memory.ts";
import { encodeOffsets, encodeRanges, openImage, type ImagePaths, type IndexedImage } from "./image-reader.ts";
import { bridgeGaps, pageLookup, RangeBuilder, subtractRanges, totalBytes } from "./page-ranges.ts";

export interface CaptureResult {
  /** The machine's own pages, all-zero ones included. */
  readonly dirtyBytes: number;
  /** What the new image holds without its holes. */
  readonly storedBytes: number;
  readonly frameCount: number;
}

/** Whether a page of 4096 bytes is to be remembered. Called once for each page that is copied from the machine. */
export type FramePredicate = (page: Uint8Array) => boolean;

/**
 * Captures `memory` into new files at `target`, mode 0600. The caller gives temporary names, and syncs and renames the files
 * when the machine goes on: a sync takes longer than all the rest and must not lengthen the pause. On failure no file is left.
 * @param base the image that the machine was mapped from; null when it was booted from an empty file.
 * @throws the signal's reason, or what reading or writing failed with.
 */
export async function captureMemory(
  memory: GuestMemory,
  base: ImagePaths | null,
  target: ImagePaths,
  isFrame: FramePredicate,
  signal: AbortSignal,
): Promise<CaptureResult> {
  const capture = await beginCapture(memory, base, target, isFrame, signal);
  return await capture.finish(signal);
}

/** A capture whose machine may go on: what the image still lacks is in its base, which nobody writes. */
export interface BegunCapture {
  readonly dirtyBytes: number;
  /** Completes the image. On failure no file is left. To be called once. */
  finish(signal: AbortSignal): Promise<CaptureResult>;
  /** Gives the image up, in place of `finish`: no file is left. */
  abandon(): Promise<void>;
}

/**
 * The part of `captureMemory` that needs the machine to stand still: takes its own pages. How long that takes depends on what the
 * guest has written, not on the size of its base. Whoever gets the answer must finish or abandon it.
 */
export async function beginCapture(
  memory: GuestMemory,
  base: ImagePaths | null,
  target: ImagePaths,
  isFrame: FramePredicate,
  signal: AbortSignal,
): Promise<BegunCapture> {
  // What is removed after a failure must be ours.
  assert(!filesOf(target).some((path) => existsSync(path)), "a capture writes new files");
  await using undo = new UndoStack();
  undo.push(() => removeImage(target));
  const image = base === null ? null : await openImage(base);
  undo.push(() => image?.[Symbol.asyncDispose]());
  assert(image === null || image.sizeBytes === memory.sizeBytes, "an image has the size of the memory mapped from it");
  const sharesBase = base !== null && (await cloneExtents(base.memoryPath, target.memoryPath));
  const file = await open(target.memoryPath, sharesBase ? "r+" : "wx", 0o600);
  undo.push(() => file.close());
  await file.truncate(memory.sizeBytes);
  const dirty = await memory.dirtyRanges();
  const capture = new ImageCapture(target, file, image, dirty, sharesBase, isFrame);
  await capture.takeOwnPages(memory, signal);
  undo.commit();
  return capture;
}

/** Flushes the image's files to the disk: after the pause, before they get their final names. */
export async function syncImage(image: ImagePaths): Promise<void> {
  for (const path of filesOf(image)) {
    await using file = await open(path, "r+");
    await file.sync();
  }
}

export async function removeImage(image: ImagePaths): Promise<void> {
  for (const path of filesOf(image)) await rm(path, { force: true });
}

function filesOf({ memoryPath, pagesPath, framesPath }: ImagePaths): readonly string[] {
  return [memoryPath, pagesPath, framesPath];
}

/** Lets the new file share all extents with the base, where the filesystem can (ioctl_ficlone(2)). */
async function cloneExtents(source: string, target: string): Promise<boolean> {
  try {
    await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch (failure) {
    const code = (failure as NodeJS.ErrnoException).code ?? "";
    if (["EXDEV", "ENOTSUP", "EOPNOTSUPP", "ENOTTY", "EINVAL", "ENOSYS"].includes(code)) return false;
    throw failure;
  }
}

/** A run of pages and its place in the buffer. */
interface Piece extends MemoryRange {
  readonly start: number;
}

const chunkBytes = 1 << 20;
const zeroPage = Buffer.alloc(pageBytes);

class ImageCapture implements BegunCapture {
  readonly dirtyBytes: number;
  readonly #target: ImagePaths;
  readonly #file: FileHandle;
  readonly #image: IndexedImage | null;
  /** What is read from the machine: its own pages, and the base's pages in small gaps between them. */
  readonly #taken: readonly MemoryRange[];
  readonly #kept: readonly MemoryRange[];
  readonly #sharesBase: boolean;
  readonly #isFrame: FramePredicate;
  readonly #hasBasePage: (offset: number) => boolean;
  /** Machine pages that were written. */
  readonly #written = new RangeBuilder();
  readonly #frames: number[] = [];

  constructor(
    target: ImagePaths,
    file: FileHandle,
    image: IndexedImage | null,
    dirty: readonly MemoryRange[],
    sharesBase: boolean,
    isFrame: FramePredicate,
  ) {
    this.#target = target;
    this.#file = file;
    this.#image = image;
    this.dirtyBytes = totalBytes(dirty);
    // Scattered pages would be a read and a write each. Where extents are shared, what lies between them is better left shared.
    this.#taken = sharesBase ? dirty : bridgeGaps(dirty, image?.pages ?? [], longestGapBytes);
    this.#kept = subtractRanges(image?.pages ?? [], this.#taken);
    this.#sharesBase = sharesBase;
    this.#isFrame = isFrame;
    this.#hasBasePage = pageLookup(image?.pages ?? []);
  }

  async takeOwnPages(memory: GuestMemory, signal: AbortSignal): Promise<void> {
    const read = async (batch: readonly Piece[], buffer: Buffer): Promise<readonly Piece[]> => {
      for (const { offset, start, length } of batch) await memory.read(offset, buffer.subarray(start, start + length));
      return this.#select(batch, buffer);
    };
    await copy(batchesOf(this.#taken), read, this.#file, signal);
  }

  async finish(signal: AbortSignal): Promise<CaptureResult> {
    await using undo = new UndoStack();
    undo.push(() => removeImage(this.#target));
    try {
      if (!this.#sharesBase) await this.#takeBasePages(signal);
    } finally {
      await this.#close();
    }
    const pages = joinRanges(this.#kept, this.#written.finish());
    const frames = this.#frameOffsets();
    await writeFile(this.#target.pagesPath, encodeRanges(pages), { flag: "wx", mode: 0o600 });
    await writeFile(this.#target.framesPath, encodeOffsets(frames), { flag: "wx", mode: 0o600 });
    undo.commit();
    return { dirtyBytes: this.dirtyBytes, storedBytes: totalBytes(pages), frameCount: frames.length };
  }

  async abandon(): Promise<void> {
    await this.#close();
    await removeImage(this.#target);
  }

  async #close(): Promise<void> {
    await this.#file.close();
    await this.#image?.[Symbol.asyncDispose]();
  }

  /** One read for each window of the base: a read of every single page between the machine's own would be a trip each. */
  async #takeBasePages(signal: AbortSignal): Promise<void> {
    const image = this.#image;
    if (image === null) return;
    const read = async (pieces: readonly Piece[], buffer: Buffer): Promise<readonly Piece[]> => {
      const [first] = pieces;
      const last = pieces.at(-1);
      if (first === undefined || last === undefined) return [];
      await image.read(first.offset, buffer.subarray(first.start, last.start + last.length));
      return pieces;
    };
    await copy(windowsOf(this.#kept), read, this.#file, signal);
  }

  #frameOffsets(): readonly number[] {
    const isTaken = pageLookup(this.#taken);
    const carried = (this.#image?.frames ?? []).filter((offset) => !isTaken(offset));
    return [...carried, ...this.#frames].sort((left, right) => left - right);
  }

  /** The machine's pages without those that a hole stands for. */
  #select(batch: readonly Piece[], buffer: Buffer): Piece[] {
    const runs: Piece[] = [];
    for (const piece of batch) this.#selectFrom(piece, buffer, runs);
    return runs;
  }

  #selectFrom(piece: Piece, buffer: Buffer, runs: Piece[]): void {
    let runStart = 0;
    const endRun = (end: number): void => {
      if (end === runStart) return;
      const run = { offset: piece.offset + runStart, start: piece.start + runStart, length: end - runStart };
      this.#written.add(run.offset, run.length);
      runs.push(run);
    };
    for (let at = 0; at < piece.length; at += pageBytes) {
      const page = buffer.subarray(piece.start + at, piece.start + at + pageBytes);
      if (this.#isHole(page, piece.offset + at)) {
        endRun(at);
        runStart = at + pageBytes;
      } else if (this.#isFrame(page)) this.#frames.push(piece.offset + at);
    }
    endRun(piece.length);
  }

  /** Over shared extents a zero page must be written where the base has another. */
  #isHole(page: Buffer, offset: number): boolean {
    return page[0] === 0 && zeroPage.equals(page) && !(this.#sharesBase && this.#hasBasePage(offset));
  }
}

/** Reads batch by batch and writes what `read` picks of each. Two buffers, so that one is written while the next is read. */
async function copy(
  batches: Iterable<readonly Piece[]>,
  read: (batch: readonly Piece[], buffer: Buffer) => Promise<readonly Piece[]>,
  file: FileHandle,
  signal: AbortSignal,
): Promise<void> {
  let buffer = Buffer.allocUnsafeSlow(chunkBytes);
  let other = Buffer.allocUnsafeSlow(chunkBytes);
  let writing: Promise<void> = Promise.resolve();
  try {
    for (const batch of batches) {
      signal.throwIfAborted();
      const [runs] = await Promise.all([read(batch, buffer), writing]);
      writing = writeRuns(file, buffer, runs);
      [buffer, other] = [other, buffer];
    }
    await writing;
  } finally {
    // The caller closes the file: nothing may be on its way to it any more, also after a failed read.
    await Promise.allSettled([writing]);
  }
}

/** Cuts ascending ranges into batches of at most one chunk, the pieces side by side in the buffer. */
function* batchesOf(ranges: readonly MemoryRange[]): Generator<readonly Piece[]> {
  let batch: Piece[] = [];
  let start = 0;
  for (const range of ranges) {
    for (let done = 0; done < range.length;) {
      const length = Math.min(range.length - done, chunkBytes - start);
      batch.push({ offset: range.offset + done, length, start });
      done += length;
      start += length;
      if (start < chunkBytes) continue;
      yield batch;
      batch = [];
      start = 0;
    }
  }
  if (batch.length > 0) yield batch;
}

/** A gap that is longer than this is not read across. */
const longestGapBytes = 16 * pageBytes;

/** Cuts ascending ranges into windows of at most one chunk: a piece lies in the buffer as far from the first as it does in the file. */
function* windowsOf(ranges: readonly MemoryRange[]): Generator<readonly Piece[]> {
  let window: Piece[] = [];
  let [origin, end] = [0, 0];
  for (const range of ranges) {
    for (let done = 0; done < range.length;) {
      const offset = range.offset + done;
      if (window.length > 0 && (offset - end > longestGapBytes || offset - origin >= chunkBytes)) {
        yield window;
        window = [];
      }
      if (window.length === 0) origin = offset;
      const length = Math.min(range.length - done, chunkBytes - (offset - origin));
      window.push({ offset, length, start: offset - origin });
      done += length;
      end = offset + length;
    }
  }
  if (window.length > 0) yield window;
}

/** Scattered pages are many small writes into the page cache: microseconds each, and a trip through the thread pool is more. */
const smallWriteBytes = 16 * pageBytes;

async function writeRuns(file: FileHandle, buffer: Buffer, runs: readonly Piece[]): Promise<void> {
  for (const { offset, start, length } of runs) {
    for (let done = 0; done < length;) {
      const rest = length - done;
      done +=
        rest <= smallWriteBytes
          ? writeSync(file.fd, buffer, start + done, rest, offset + done)
          : (await file.write(buffer, start + done, rest, offset + done)).bytesWritten;
    }
  }
}

function joinRanges(left: readonly MemoryRange[], right: readonly MemoryRange[]): readonly MemoryRange[] {
  const joined = new RangeBuilder();
  for (const { offset, length } of [...left, ...right].sort((one, two) => one.offset - two.offset)) {
    joined.add(offset, length);
  }
  return joined.finish();
}
