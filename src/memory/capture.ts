/**
 * Copies a machine's RAM to a new memory image: its own pages are read while it is paused, or those that it wrote since they were copied ahead; they
 * are written, and the base's copied, when it has gone on.
 *
 *     base image    ██░░██████░░░░██      populated extents, known from its `pages` file
 *     own pages     ░░██░░██░░░░█░░░      dirty: what the guest wrote since it was mapped from the base
 *     new image     ████████████░░█░██    a dirty page wins; where neither is, or a dirty page is all zero, a hole
 *
 * An image may also hold the own pages alone, to be laid over its base (layered-image.ts): it costs what the guest wrote, whatever its base is.
 *
 *     own pages  ░░██░░██░░0░█░░░      0: all zero where the base is not, in `pages` and a hole
 *
 * Beside the image two small files are written, both little-endian 64-bit numbers without a header:
 *
 *     pages    offset, length │ offset, length │ …   the populated extents, ascending: the next capture needs no search for holes
 *     frames   offset │ offset │ …                   the pages that `isFrame` picked, ascending
 *
 *     prepareCapture ──► copyAhead ──► pause ──► take: own pages into buffers ──► resume ──► finish: buffers and base into the image
 *     files, buffers     │                        └── the first to the file, when there are more than the buffers hold
 *                        └── own pages into the file, those written meanwhile again, until few are; where the memory tells which: the pause has those
 */
import { existsSync } from "node:fs";
import { open, writeFile, type FileHandle } from "node:fs/promises";
import { assert } from "../lib/assert.ts";
import { UndoStack } from "../lib/undo-stack.ts";
import { mapLimited } from "../lib/map-limited.ts";
import { Backlog, copiesAtOnce } from "./backlog.ts";
import { Flusher } from "./flusher.ts";
import { pageBytes, type GuestMemory, type MemoryRange, type TrackedMemory } from "./guest-memory.ts";
import { cloneExtents, filesOf, removeImage } from "./image-files.ts";
import { encodeOffsets, encodeRanges, openImage, type ImagePaths, type IndexedImage } from "./image-reader.ts";
import { bridgeGaps, joinRanges, pageLookup, subtractRanges, totalBytes } from "./page-ranges.ts";
import { batchesOf, chunkBytes, longestGapBytes, windowsOf, writeRuns, type Piece } from "./pieces.ts";

export interface CaptureResult {
  /** The machine's own pages, all-zero ones included. */
  readonly dirtyBytes: number;
  /** What the new image says, without what it leaves out: holes, and, of own pages alone, all else. */
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
  memory: CapturedMemory,
  base: ImagePaths | null,
  target: ImagePaths,
  isFrame: FramePredicate,
  signal: AbortSignal,
): Promise<CaptureResult> {
  const capture = await beginCapture(memory, base, target, isFrame, signal);
  return await capture.finish(signal);
}

/** What is captured: a machine's RAM, or what reads like it. */
export type CapturedMemory = Pick<GuestMemory, "sizeBytes" | "read" | "dirtyRanges">;

/** Everything that a capture needs and that no pause has to wait for. Whoever has it must take or abandon it. */
export interface PreparedCapture {
  /**
   * Copies own pages of a machine that runs, again and again what it writes meanwhile, until that is little or does not become less. `take` is
   * then to be called with the same memory, and takes what was written since.
   */
  copyAhead(memory: TrackedMemory, signal: AbortSignal): Promise<void>;
  /**
   * The part that needs the machine to stand still: takes its own pages. How long that takes depends on what the guest has written, not on
   * the size of its base. To be called once. On failure no file is left.
   */
  take(memory: CapturedMemory, signal: AbortSignal): Promise<BegunCapture>;
  /** Whether the image is going to hold the own pages alone. */
  readonly isLayer: boolean;
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

export interface CaptureOptions {
  /**
   * How much is kept in buffers until `finish`, as far as there is room: of a machine that goes on, what it has of its own; left out, 0, where
   * nobody waits for the end of the pause.
   */
  readonly heldBackBytes?: number;
  /** The image holds the own pages alone, unless the filesystem lets it share the base's extents, which is better still. Needs a base. */
  readonly ownPagesAlone?: boolean;
}

/** @param sizeBytes of the memory that is going to be captured. */
export async function prepareCapture(
  sizeBytes: number,
  base: ImagePaths | null,
  target: ImagePaths,
  isFrame: FramePredicate,
  { heldBackBytes = 0, ownPagesAlone = false }: CaptureOptions = {},
): Promise<PreparedCapture> {
  // What is removed after a failure must be ours.
  assert(!filesOf(target).some((path) => existsSync(path)), "a capture writes new files");
  await using undo = new UndoStack();
  undo.push(() => removeImage(target));
  const image = base === null ? null : await openImage(base);
  undo.push(() => image?.[Symbol.asyncDispose]());
  assert(image === null || image.sizeBytes === sizeBytes, "an image has the size of the memory mapped from it");
  assert(image !== null || !ownPagesAlone, "own pages alone are laid over a base");
  const sharesBase = base !== null && (await cloneExtents(base.memoryPath, target.memoryPath));
  const file = await open(target.memoryPath, sharesBase ? "r+" : "wx", 0o600);
  undo.push(() => file.close());
  await file.truncate(sizeBytes);
  const backlog = await Backlog.open(heldBackBytes);
  undo.commit();
  const isLayer = ownPagesAlone && !sharesBase;
  return new ImageCapture({ target, file, image, sharesBase, isLayer, isFrame }, backlog);
}

/** `prepareCapture` and `take` in one, with nothing held back. Whoever gets the answer must finish or abandon it. */
export async function beginCapture(
  memory: CapturedMemory,
  base: ImagePaths | null,
  target: ImagePaths,
  isFrame: FramePredicate,
  signal: AbortSignal,
): Promise<BegunCapture> {
  const prepared = await prepareCapture(memory.sizeBytes, base, target, isFrame);
  return await prepared.take(memory, signal);
}

const zeroPage = Buffer.alloc(pageBytes);

interface CaptureFiles {
  readonly target: ImagePaths;
  readonly file: FileHandle;
  readonly image: IndexedImage | null;
  /** Whether the file began as a clone of the base: what is not written is the base's already. */
  readonly sharesBase: boolean;
  /** Whether the file gets the own pages alone. */
  readonly isLayer: boolean;
  readonly isFrame: FramePredicate;
}

class ImageCapture implements PreparedCapture, BegunCapture {
  readonly #files: CaptureFiles;
  readonly #flusher: Flusher;
  #backlog: Backlog;
  /** What is read from the machine: its own pages, and the base's pages in small gaps between them. */
  #taken: readonly MemoryRange[] = [];
  /** The base's pages of which nothing is read from the machine; null before anything was. */
  #kept: readonly MemoryRange[] | null = null;
  #dirty: readonly MemoryRange[] = [];
  /** A caller whose deadline has passed gives up before the kernel does: its buffers stay until then. */
  #underWay: Promise<unknown> = Promise.resolve();
  /** What was written to the machine after it was copied ahead, as far as the memory has told it already. */
  #pending: readonly MemoryRange[] = [];
  /** Machine pages that are in the file, in no order; of those that were copied before the last time, in order. */
  readonly #written: MemoryRange[] = [];
  #writtenBefore: readonly MemoryRange[] = [];
  /** Of a layer: pages that are all zero and the base's are not. */
  readonly #zeroed: MemoryRange[] = [];
  #frames: number[] = [];

  constructor(files: CaptureFiles, backlog: Backlog) {
    this.#files = files;
    this.#backlog = backlog;
    this.#flusher = new Flusher(files.file);
  }

  get isLayer(): boolean {
    return this.#files.isLayer;
  }

  get dirtyBytes(): number {
    return totalBytes(this.#dirty);
  }

  async copyAhead(memory: TrackedMemory, signal: AbortSignal): Promise<void> {
    await using undo = new UndoStack();
    undo.push(() => this.abandon());
    this.#underWay = this.#copyInRounds(memory, signal);
    await this.#underWay;
    undo.commit();
  }

  async #copyInRounds(memory: TrackedMemory, signal: AbortSignal): Promise<void> {
    let fresh = await memory.dirtyRanges();
    for (let round = 1; ; round += 1) {
      this.#plan(fresh);
      await this.#read(memory, signal);
      await this.#backlog.drain(this.#write, signal);
      await this.#flusher.settled();
      this.#pending = await memory.dirtyRanges();
      const pendingBytes = totalBytes(this.#pending);
      if (round === mostRounds || pendingBytes <= littleBytes || 2 * pendingBytes > totalBytes(fresh)) break;
      fresh = this.#pending;
    }
    this.#backlog.close();
    this.#backlog = await Backlog.open(2 * totalBytes(this.#pending) + littleBytes);
  }

  async take(memory: CapturedMemory, signal: AbortSignal): Promise<BegunCapture> {
    await using undo = new UndoStack();
    undo.push(() => this.abandon());
    this.#plan(joinRanges(this.#pending, await memory.dirtyRanges()));
    this.#underWay = this.#read(memory, signal);
    await this.#underWay;
    undo.commit();
    return this;
  }

  async #read(memory: CapturedMemory, signal: AbortSignal): Promise<void> {
    const backlog = this.#backlog;
    await mapLimited([...batchesOf(this.#taken)], copiesAtOnce, async (batch) => {
      signal.throwIfAborted();
      const buffer = await backlog.take(this.#write);
      try {
        for (const { offset, start, length } of batch)
          await memory.read(offset, buffer.subarray(start, start + length));
      } finally {
        backlog.put(buffer, batch);
      }
    });
  }

  async finish(signal: AbortSignal): Promise<CaptureResult> {
    const { target, sharesBase, isLayer } = this.#files;
    await using undo = new UndoStack();
    undo.push(() => removeImage(target));
    try {
      await this.#backlog.drain(this.#write, signal);
      if (!sharesBase && !isLayer) await this.#takeBasePages(signal);
    } finally {
      await this.#close();
    }
    const failure = await this.#flusher.end();
    if (failure !== null) throw failure as Error;
    const pages = joinRanges(isLayer ? this.#zeroed : (this.#kept ?? []), this.#written);
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
    await Promise.allSettled([this.#underWay]);
    this.#backlog.close();
    await this.#flusher.end();
    await this.#files.file.close();
    await this.#files.image?.[Symbol.asyncDispose]();
  }

  /** Scattered pages would be a read and a write each. Where extents are shared, what lies between them is better left shared. */
  #plan(dirty: readonly MemoryRange[]): void {
    const { image, sharesBase } = this.#files;
    const ground = joinRanges(image?.pages ?? [], this.#dirty);
    const before = this.#kept ?? image?.pages ?? [];
    this.#dirty = joinRanges(this.#dirty, dirty);
    this.#taken = sharesBase ? dirty : bridgeGaps(dirty, ground, longestGapBytes);
    this.#kept = subtractRanges(before, this.#taken);
    this.#forget(this.#taken);
  }

  /** What was found in pages that are taken once more. They stay among those that the file has: all-zero ones are written over what is there. */
  #forget(taken: readonly MemoryRange[]): void {
    const isTaken = pageLookup(taken);
    this.#writtenBefore = joinRanges([], this.#written);
    this.#frames = this.#frames.sort((left, right) => left - right).filter((offset) => !isTaken(offset));
  }

  /** One read for each window of the base: a read of every single page between the machine's own would be a trip each. */
  async #takeBasePages(signal: AbortSignal): Promise<void> {
    const { image, file } = this.#files;
    if (image === null) return;
    const buffers = Array.from({ length: copiesAtOnce }, () => Buffer.allocUnsafeSlow(chunkBytes));
    await mapLimited([...windowsOf(this.#kept ?? image.pages)], copiesAtOnce, async (pieces) => {
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
    const { image, isLayer } = this.#files;
    const isKept = pageLookup(this.#kept ?? []);
    const carried = isLayer ? [] : (image?.frames ?? []).filter((offset) => isKept(offset));
    return [...carried, ...this.#frames].sort((left, right) => left - right);
  }

  /** The machine's pages without those that a hole stands for, and, of a layer, without the base's that were read between them. */
  #select(batch: readonly Piece[], buffer: Buffer): Piece[] {
    const { image, isLayer } = this.#files;
    const runs: Piece[] = [];
    const isBasePage = pageLookup(image?.pages ?? []);
    const isWanted = isLayer ? pageLookup(this.#dirty) : (): boolean => true;
    const isInFile = pageLookup(this.#writtenBefore);
    for (const piece of batch) this.#selectFrom(piece, buffer, { isBasePage, isWanted, isInFile }, runs);
    this.#written.push(...runs);
    return runs;
  }

  #selectFrom(piece: Piece, buffer: Buffer, lookups: Lookups, runs: Piece[]): void {
    let runStart = 0;
    const endRun = (end: number): void => {
      if (end === runStart) return;
      runs.push({ offset: piece.offset + runStart, start: piece.start + runStart, length: end - runStart });
    };
    for (let at = 0; at < piece.length; at += pageBytes) {
      const page = buffer.subarray(piece.start + at, piece.start + at + pageBytes);
      const offset = piece.offset + at;
      const fate = this.#fateOf(page, offset, lookups);
      if (fate === "written") {
        if (this.#files.isFrame(page)) this.#frames.push(offset);
        continue;
      }
      if (fate === "zeroed") this.#zeroed.push({ offset, length: pageBytes });
      endRun(at);
      runStart = at + pageBytes;
    }
    endRun(piece.length);
  }

  #fateOf(page: Buffer, offset: number, lookups: Lookups): "written" | "zeroed" | "left out" {
    const { isWanted, isBasePage, isInFile } = lookups;
    if (!isWanted(offset)) return "left out";
    if (page[0] !== 0 || !zeroPage.equals(page) || isInFile(offset)) return "written";
    const { sharesBase, isLayer } = this.#files;
    if ((!sharesBase && !isLayer) || !isBasePage(offset)) return "left out";
    // Over shared extents a zero page must be written where the base has another; a layer says that it is zero.
    return sharesBase ? "written" : "zeroed";
  }
}

interface Lookups {
  readonly isWanted: (offset: number) => boolean;
  readonly isBasePage: (offset: number) => boolean;
  /** Whether the file has something of an earlier copy there. */
  readonly isInFile: (offset: number) => boolean;
}

/** A pause of so much more is not worth another round. */
const littleBytes = 2 << 20;
/** A guest that writes as fast as it is copied would be copied for ever. */
const mostRounds = 4;
