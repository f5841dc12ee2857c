/**
 * Copies a paused machine's RAM to a new memory image in one pass:
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
import { pageLookup, RangeBuilder, subtractRanges, totalBytes } from "./page-ranges.ts";

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
  // What is removed after a failure must be ours.
  assert(!filesOf(target).some((path) => existsSync(path)), "a capture writes new files");
  await using undo = new UndoStack();
  undo.push(() => removeImage(target));
  const dirty = await memory.dirtyRanges();
  await using image = base === null ? null : await openImage(base);
  assert(image === null || image.sizeBytes === memory.sizeBytes, "an image has the size of the memory mapped from it");
  const sharesBase = base !== null && (await cloneExtents(base.memoryPath, target.memoryPath));
  const copy = new MemoryCopy(memory, image, dirty, sharesBase, isFrame);
  await copy.run(target.memoryPath, signal);
  const pages = copy.storedRanges();
  const frames = copy.frameOffsets();
  await writeFile(target.pagesPath, encodeRanges(pages), { flag: "wx", mode: 0o600 });
  await writeFile(target.framesPath, encodeOffsets(frames), { flag: "wx", mode: 0o600 });
  undo.commit();
  return { dirtyBytes: totalBytes(dirty), storedBytes: totalBytes(pages), frameCount: frames.length };
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

/** A run of pages to copy, and where it comes from. */
interface Segment extends MemoryRange {
  readonly source: "machine" | "base";
}

/** A segment's place in the buffer. */
interface Piece extends Segment {
  readonly start: number;
}

const chunkBytes = 1 << 20;
const zeroPage = Buffer.alloc(pageBytes);

class MemoryCopy {
  readonly #memory: GuestMemory;
  readonly #image: IndexedImage | null;
  readonly #dirty: readonly MemoryRange[];
  readonly #kept: readonly MemoryRange[];
  readonly #sharesBase: boolean;
  readonly #isFrame: FramePredicate;
  readonly #hasBasePage: (offset: number) => boolean;
  /** Machine pages that were written. */
  readonly #written = new RangeBuilder();
  readonly #frames: number[] = [];

  constructor(
    memory: GuestMemory,
    image: IndexedImage | null,
    dirty: readonly MemoryRange[],
    sharesBase: boolean,
    isFrame: FramePredicate,
  ) {
    this.#memory = memory;
    this.#image = image;
    this.#dirty = dirty;
    this.#kept = subtractRanges(image?.pages ?? [], dirty);
    this.#sharesBase = sharesBase;
    this.#isFrame = isFrame;
    this.#hasBasePage = pageLookup(image?.pages ?? []);
  }

  /** Two buffers, so that one chunk is written while the next is read. */
  async run(targetPath: string, signal: AbortSignal): Promise<void> {
    await using file = await open(targetPath, this.#sharesBase ? "r+" : "wx", 0o600);
    await file.truncate(this.#memory.sizeBytes);
    let buffer = Buffer.allocUnsafeSlow(chunkBytes);
    let other = Buffer.allocUnsafeSlow(chunkBytes);
    let writing: Promise<void> = Promise.resolve();
    for (const batch of batchesOf(this.#segments())) {
      signal.throwIfAborted();
      await Promise.all([this.#read(batch, buffer), writing]);
      writing = writeRuns(file, buffer, this.#select(batch, buffer));
      [buffer, other] = [other, buffer];
    }
    await writing;
  }

  storedRanges(): readonly MemoryRange[] {
    return joinRanges(this.#kept, this.#written.finish());
  }

  frameOffsets(): readonly number[] {
    const isDirty = pageLookup(this.#dirty);
    const carried = (this.#image?.frames ?? []).filter((offset) => !isDirty(offset));
    return [...carried, ...this.#frames].sort((left, right) => left - right);
  }

  #segments(): Segment[] {
    const own = this.#dirty.map((range): Segment => ({ ...range, source: "machine" }));
    if (this.#sharesBase) return own;
    const kept = this.#kept.map((range): Segment => ({ ...range, source: "base" }));
    return [...own, ...kept].sort((left, right) => left.offset - right.offset);
  }

  async #read(batch: readonly Piece[], buffer: Buffer): Promise<void> {
    for (const { source, offset, start, length } of batch) {
      const into = buffer.subarray(start, start + length);
      if (source === "machine") await this.#memory.read(offset, into);
      else await this.#image?.read(offset, into);
    }
  }

  /** The pieces that are to be written: all of the base's, and the machine's without pages that a hole stands for. */
  #select(batch: readonly Piece[], buffer: Buffer): Piece[] {
    const runs: Piece[] = [];
    for (const piece of batch) {
      if (piece.source === "base") runs.push(piece);
      else this.#selectOwn(piece, buffer, runs);
    }
    return runs;
  }

  #selectOwn(piece: Piece, buffer: Buffer, runs: Piece[]): void {
    let runStart = 0;
    const endRun = (end: number): void => {
      if (end === runStart) return;
      const run = { ...piece, offset: piece.offset + runStart, start: piece.start + runStart, length: end - runStart };
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

/** Cuts ascending segments into batches of at most one chunk, each piece with its place in the buffer. */
function* batchesOf(segments: readonly Segment[]): Generator<readonly Piece[]> {
  let batch: Piece[] = [];
  let start = 0;
  for (const segment of segments) {
    for (let done = 0; done < segment.length;) {
      const length = Math.min(segment.length - done, chunkBytes - start);
      batch.push({ ...segment, offset: segment.offset + done, length, start });
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
