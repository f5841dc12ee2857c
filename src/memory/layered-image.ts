/**
 * An image that is its base and the own pages of one machine, each in three files of their own:
 *
 *     base image   ██░░██████░░░░██    shared with whoever else was restored from it
 *     own pages    ░░██░░██░░0░█░░░    a page in their `pages` wins, also where it is all zero
 *     together     ████████████░░█░██
 *
 * Such an image is made in the time that its own pages take. What maps it maps the base, and writes the own pages into its memory.
 */
import { assert } from "../lib/assert.ts";
import { mapLimited } from "../lib/map-limited.ts";
import { copiesAtOnce } from "./backlog.ts";
import type { GuestMemory, MemoryRange } from "./guest-memory.ts";
import type { IndexedImage } from "./image-reader.ts";
import { joinRanges, pageLookup, rangesWithin } from "./page-ranges.ts";
import { chunkBytes, windowsOf } from "./pieces.ts";

/** Reads as the machine's RAM did. Owns both images. */
export class LayeredImage implements IndexedImage {
  readonly sizeBytes: number;
  readonly pages: readonly MemoryRange[];
  readonly frames: readonly number[];
  readonly #base: IndexedImage;
  readonly #own: IndexedImage;

  /** @param own of the size of its base. */
  constructor(base: IndexedImage, own: IndexedImage) {
    assert(base.sizeBytes === own.sizeBytes, "own pages are of their base's size");
    this.#base = base;
    this.#own = own;
    this.sizeBytes = base.sizeBytes;
    this.pages = joinRanges(base.pages, own.pages);
    const isOwn = pageLookup(own.pages);
    this.frames = [...base.frames.filter((offset) => !isOwn(offset)), ...own.frames].sort((a, b) => a - b);
  }

  /** Those that win over the base's, as a machine's do: a capture of this makes one image of the two. */
  dirtyRanges(): Promise<readonly MemoryRange[]> {
    return Promise.resolve(this.#own.pages);
  }

  async read(offset: number, into: Uint8Array): Promise<void> {
    const own = rangesWithin(this.#own.pages, { offset, length: into.length });
    const [first] = own;
    const isOwnAlone = first?.offset === offset && first.length === into.length;
    if (!isOwnAlone) await this.#base.read(offset, into);
    for (const range of own) {
      const start = range.offset - offset;
      await this.#own.read(range.offset, into.subarray(start, start + range.length));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#own[Symbol.asyncDispose]();
    await this.#base[Symbol.asyncDispose]();
  }
}

/** Writes own pages into a memory that is mapped from their base and in which nothing has run. @throws the signal's reason, or what failed. */
export async function writeOwnPages(own: IndexedImage, memory: GuestMemory, signal: AbortSignal): Promise<void> {
  const buffers = Array.from({ length: copiesAtOnce }, () => Buffer.allocUnsafeSlow(chunkBytes));
  await mapLimited([...windowsOf(own.pages)], copiesAtOnce, async (pieces) => {
    signal.throwIfAborted();
    const [first] = pieces;
    const last = pieces.at(-1);
    const buffer = buffers.pop();
    assert(first !== undefined && last !== undefined && buffer !== undefined, "a window has pieces, a copy a buffer");
    await own.read(first.offset, buffer.subarray(first.start, last.start + last.length));
    for (const { offset, start, length } of pieces) await memory.write(offset, buffer.subarray(start, start + length));
    buffers.push(buffer);
  });
}
