/**
 * Copies a machine's RAM to a new memory image: its own pages are read while it is paused; they are written, and the base's copied, when it
 * has gone on.
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
 *     prepareCapture ──► pause ──► take: own pages into buffers ──► resume ──► finish: buffers and base into the image
 *     files, buffers                 └── the first to the file, when there are more than the buffers hold
 */
import { existsSync } from "node:fs";
import { constants, copyFile, open, rm, writeFile, type FileHandle } from "node:fs/promises";
import { assert } from "../lib/assert.ts";
import { UndoStack } from "../lib/undo-stack.ts";
import { mapLimited } from "../lib/map-limited.ts";
import { Backlog, copiesAtOnce } from "./backlog.ts";
import { pageBytes, type GuestMemory, type MemoryRange } from "./guest-memory.ts";
import { encodeOffsets, encodeRanges, openImage, type ImagePaths, type IndexedImage } from "./image-reader.ts";
import { bridgeGaps, pageLookup, RangeBuilder, subtractRanges, totalBytes } from "./page-ranges.ts";
import { batchesOf, chunkBytes, longestGapBytes, windowsOf, writeRuns, type Piece } from "./pieces.ts";

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

/** Everything that a capture needs and that no pause has to wait for. Whoever has it must take or abandon it. */
export interface PreparedCapture {
  /**
   * The part that needs the machine to stand still: takes its own pages. How long that takes depends on what the guest has written, not on
   * the size of its base. To be called once. On failure no file is left.
   */
  take(memory: GuestMemory, signal: AbortSignal): Promise<BegunCapture>;
  /** Gives the image up, at any time: no file is left, also none that `finish` has made. Safe to call again. */
  abandon(): Promise<void>;
}

/** A capture whose machine may go on: what the image still lacks is in buffers, and in its base, which nobody writes. */
export interface BegunCapture {
  readonly dirtyBytes: number;
  /** Completes the image. On failure no file is left. To be called once. */
  finish(signal: AbortSignal): Promise<CaptureResult>;
  /** Gives the image up, in place of `finish`: no file is left. */
  abandon(): Promise<void>;
}

/**
 * @param sizeBytes of the memory that is going to be captured.
 * @param heldBackBytes how much is kept in buffers until `finish`, as far as there is room: of a machine that goes on, what it has of its own;
 * 0 where nobody waits for the end of the pause.
 */
export async function prepareCapture(
  sizeBytes: number,
  base: ImagePaths | null,
  target: ImagePaths,
  isFrame: FramePredicate,
  heldBackBytes: number,
): Promise<PreparedCapture> {
  // What is removed after a failure must be ours.
  assert(!filesOf(target).some((path) => existsSync(path)), "a capture writes new files");
  await using undo = new UndoStack();
  undo.push(() => removeImage(target));
  const image = base === null ? null : await openImage(base);
  undo.push(() => image?.[Symbol.asyncDispose]());
  assert(image === null || image.sizeBytes === sizeBytes, "an image has the size of the memory mapped from it");
  const sharesBase = base !== null && (await cloneExtents(base.memoryPath, target.memoryPath));
  const file = await open(target.memoryPath, sharesBase ? "r+" : "wx", 0o600);
  undo.push(() => file.close());
  await file.truncate(sizeBytes);
  const backlog = await Backlog.open(heldBackBytes);
  undo.commit();
  return new ImageCapture({ target, file, image, sharesBase, isFrame, backlog });
}

/** `prepareCapture` and `take` in one, with nothing held back. Whoever gets the answer must finish or abandon it. */
export async function beginCapture(
  memory: GuestMemory,
  base: ImagePaths | null,
  target: ImagePaths,
  isFrame: FramePredicate,
  signal: AbortSignal,
): Promise<BegunCapture> {
  const prepared = await prepareCapture(memory.sizeBytes, base, target, isFrame, 0);
  return await prepared.take(memory, signal);
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

const zeroPage = Buffer.alloc(pageBytes);

interface CaptureFiles {
  readonly target: ImagePaths;
  readonly file: FileHandle;
  readonly image: IndexedImage | null;
  /** Whether the file began as a clone of the base: what is not written is the base's already. */
  readonly sharesBase: boolean;
  readonly isFrame: FramePredicate;
  readonly backlog: Backlog;
}

class ImageCapture implements PreparedCapture, BegunCapture {
  readonly #files: CaptureFiles;
  readonly #flusher: Flusher;
  /** What is read from the machine: its own pages, and the base's pages in small gaps between them. */
  #taken: readonly MemoryRange[] = [];
  #kept: readonly MemoryRange[] = [];
  #dirtyBytes = 0;
  /** A caller whose deadline has passed gives up before the kernel does: its buffers stay until then. */
  #reading: Promise<unknown> = Promise.resolve();
  /** Machine pages that were written, in no order. */
  readonly #written: MemoryRange[] = [];
  readonly #frames: number[] = [];

  constructor(files: CaptureFiles) {
    this.#files = files;
    this.#flusher = new Flusher(files.file);
  }

  get dirtyBytes(): number {
    return this.#dirtyBytes;
  }

  async take(memory: GuestMemory, signal: AbortSignal): Promise<BegunCapture> {
    await using undo = new UndoStack();
    undo.push(() => this.abandon());
    const { backlog } = this.#files;
    this.#plan(await memory.dirtyRanges());
    this.#reading = mapLimited([...batchesOf(this.#taken)], copiesAtOnce, async (batch) => {
      signal.throwIfAborted();
      const buffer = await backlog.take(this.#write);
      try {
        for (const { offset, start, length } of batch)
          await memory.read(offset, buffer.subarray(start, start + length));
      } finally {
        backlog.put(buffer, batch);
      }
    });
    await this.#reading;
    undo.commit();
    return this;
  }

  async finish(signal: AbortSignal): Promise<CaptureResult> {
    const { target, sharesBase, backlog } = this.#files;
    await using undo = new UndoStack();
    undo.push(() => removeImage(target));
    try {
      await backlog.drain(this.#write, signal);
      if (!sharesBase) await this.#takeBasePages(signal);
    } finally {
      await this.#close();
    }
    const failure = await this.#flusher.end();
    if (failure !== null) throw failure as Error;
    const pages = joinRanges(this.#kept, this.#written);
    const frames = this.#frameOffsets();
    await writeFile(target.pagesPath, encodeRanges(pages), { flag: "wx", mode: 0o600 });
    await writeFile(target.framesPath, encodeOffsets(frames), { flag: "wx", mode: 0o600 });
    undo.commit();
    return { dirtyBytes: this.dirtyBytes, storedBytes: totalBytes(pages), frameCount: frames.length };
  }

  async abandon(): Promise<void> {
    await this.#close();
    await removeImage(this.#files.target);
  }

  readonly #write = async (batch: readonly Piece[], buffer: Buffer): Promise<void> => {
    const runs = this.#select(batch, buffer);
    await writeRuns(this.#files.file, buffer, runs);
    this.#flusher.wrote(totalBytes(runs));
  };

  async #close(): Promise<void> {
    await Promise.allSettled([this.#reading]);
    this.#files.backlog.close();
    await this.#flusher.end();
    await this.#files.file.close();
    await this.#files.image?.[Symbol.asyncDispose]();
  }

  /** Scattered pages would be a read and a write each. Where extents are shared, what lies between them is better left shared. */
  #plan(dirty: readonly MemoryRange[]): void {
    const { image, sharesBase } = this.#files;
    const basePages = image?.pages ?? [];
    this.#dirtyBytes = totalBytes(dirty);
    this.#taken = sharesBase ? dirty : bridgeGaps(dirty, basePages, longestGapBytes);
    this.#kept = subtractRanges(basePages, this.#taken);
  }

  /** One read for each window of the base: a read of every single page between the machine's own would be a trip each. */
  async #takeBasePages(signal: AbortSignal): Promise<void> {
    const { image, file } = this.#files;
    if (image === null) return;
    const buffers = Array.from({ length: copiesAtOnce }, () => Buffer.allocUnsafeSlow(chunkBytes));
    await mapLimited([...windowsOf(this.#kept)], copiesAtOnce, async (pieces) => {
      signal.throwIfAborted();
      const [first] = pieces;
      const last = pieces.at(-1);
      const buffer = buffers.pop();
      assert(first !== undefined && last !== undefined && buffer !== undefined, "a window has pieces, a copy a buffer");
      try {
        await image.read(first.offset, buffer.subarray(first.start, last.start + last.length));
        await writeRuns(file, buffer, pieces);
        this.#flusher.wrote(last.start + last.length);
      } finally {
        buffers.push(buffer);
      }
    });
  }

  #frameOffsets(): readonly number[] {
    const isTaken = pageLookup(this.#taken);
    const carried = (this.#files.image?.frames ?? []).filter((offset) => !isTaken(offset));
    return [...carried, ...this.#frames].sort((left, right) => left - right);
  }

  /** The machine's pages without those that a hole stands for. */
  #select(batch: readonly Piece[], buffer: Buffer): Piece[] {
    const runs: Piece[] = [];
    const isBasePage = pageLookup(this.#files.image?.pages ?? []);
    for (const piece of batch) this.#selectFrom(piece, buffer, isBasePage, runs);
    this.#written.push(...runs);
    return runs;
  }

  #selectFrom(piece: Piece, buffer: Buffer, isBasePage: (offset: number) => boolean, runs: Piece[]): void {
    const { sharesBase, isFrame } = this.#files;
    let runStart = 0;
    const endRun = (end: number): void => {
      if (end === runStart) return;
      runs.push({ offset: piece.offset + runStart, start: piece.start + runStart, length: end - runStart });
    };
    for (let at = 0; at < piece.length; at += pageBytes) {
      const page = buffer.subarray(piece.start + at, piece.start + at + pageBytes);
      const offset = piece.offset + at;
      // Over shared extents a zero page must be written where the base has another.
      if (page[0] === 0 && zeroPage.equals(page) && !(sharesBase && isBasePage(offset))) {
        endRun(at);
        runStart = at + pageBytes;
      } else if (isFrame(page)) this.#frames.push(offset);
    }
    endRun(piece.length);
  }
}

/** Sends what was written on to the disk while more is written: the flush that every image ends with has less to wait for then. */
class Flusher {
  readonly #file: FileHandle;
  #unflushedBytes = 0;
  #flush: Promise<void> | null = null;
  #failure: unknown = null;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  wrote(bytes: number): void {
    this.#unflushedBytes += bytes;
    if (this.#flush !== null || this.#unflushedBytes < flushEveryBytes) return;
    this.#unflushedBytes = 0;
    this.#flush = this.#file.datasync().then(
      () => {
        this.#flush = null;
      },
      (failure: unknown) => {
        this.#failure = failure;
        this.#flush = null;
      },
    );
  }

  /** @returns what a flush failed with, or null: the kernel tells a failure once, so that the image's last flush may succeed after it. */
  async end(): Promise<unknown> {
    await this.#flush;
    return this.#failure;
  }
}

const flushEveryBytes = 8 << 20;

function joinRanges(left: readonly MemoryRange[], right: readonly MemoryRange[]): readonly MemoryRange[] {
  const joined = new RangeBuilder();
  for (const { offset, length } of [...left, ...right].sort((one, two) => one.offset - two.offset)) {
    joined.add(offset, length);
  }
  return joined.finish();
}
