/**
 * Copy-on-write memory without a process, from two files:
 *
 *     base       ██░░██████░░   the memory image; opened read-only
 *     own pages  ░░██░░░░█░░░   sparse; holds a page as soon as one byte of it was written
 *     dirty      ··1·····1···   which pages those are
 *     written    ········1···   which of them were written since somebody asked
 *
 * What a private mapping is to a VMM: the same bytes, the same dirty pages, a base that nobody writes.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { assert } from "../lib/assert.ts";
import { pageBytes, type GuestMemory, type MemoryRange, type TrackedMemory } from "./guest-memory.ts";
import { checkRange, pagesAround, RangeBuilder } from "./page-ranges.ts";

export class FileMemory {
  readonly sizeBytes: number;
  readonly #base: number;
  readonly #ownPages: number;
  readonly #dirty: Uint8Array;
  readonly #written: Uint8Array;

  /**
   * @param basePath as long as the memory.
   * @param ownPagesPath is made, or emptied, with mode 0600.
   */
  constructor(basePath: string, ownPagesPath: string, sizeBytes: number) {
    assert(sizeBytes % pageBytes === 0, "a memory is a whole number of pages");
    this.sizeBytes = sizeBytes;
    this.#dirty = new Uint8Array(sizeBytes / pageBytes);
    this.#written = new Uint8Array(sizeBytes / pageBytes);
    this.#base = openSync(basePath, "r");
    try {
      if (fstatSync(this.#base).size !== sizeBytes)
        throw new Error("the memory file has another size than the machine's RAM");
      this.#ownPages = openSync(ownPagesPath, "w+", 0o600);
    } catch (failure) {
      closeSync(this.#base);
      throw failure;
    }
    ftruncateSync(this.#ownPages, sizeBytes);
  }

  read(offset: number, into: Uint8Array): void {
    checkRange(offset, into.length, this.sizeBytes);
    for (let done = 0; done < into.length;) {
      const at = offset + done;
      const length = Math.min(pageBytes - (at % pageBytes), into.length - done);
      const file = this.#isDirty(at) ? this.#ownPages : this.#base;
      const bytesRead = readSync(file, into, done, length, at);
      assert(bytesRead === length, "both files are as long as the memory");
      done += length;
    }
  }

  write(offset: number, bytes: Uint8Array): void {
    checkRange(offset, bytes.length, this.sizeBytes);
    const { offset: start, length } = pagesAround(offset, bytes.length);
    for (let page = start; page < start + length; page += pageBytes) this.#own(page);
    this.#written.fill(1, start / pageBytes, (start + length) / pageBytes);
    writeSync(this.#ownPages, bytes, 0, bytes.length, offset);
  }

  dirtyRanges(): readonly MemoryRange[] {
    return rangesOf(this.#dirty);
  }

  /** This memory as it tells of writes, to one who asks. */
  track(): TrackedMemory {
    let isAsked = false;
    return {
      ...this.view(),
      dirtyRanges: () => {
        const ranges = rangesOf(isAsked ? this.#written : this.#dirty);
        isAsked = true;
        this.#written.fill(0);
        return Promise.resolve(ranges);
      },
    };
  }

  /** This memory as a paused machine shows it. Disposing of the view leaves the memory as it is. */
  view(): GuestMemory {
    return {
      sizeBytes: this.sizeBytes,
      read: async (offset, into) => {
        this.read(offset, into);
        await Promise.resolve();
      },
      write: async (offset, bytes) => {
        this.write(offset, bytes);
        await Promise.resolve();
      },
      dirtyRanges: () => Promise.resolve(this.dirtyRanges()),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  close(): void {
    closeSync(this.#base);
    closeSync(this.#ownPages);
  }

  #isDirty(offset: number): boolean {
    return this.#dirty[Math.floor(offset / pageBytes)] === 1;
  }

  /** Copies a page out of the base before its first write. */
  #own(offset: number): void {
    if (this.#isDirty(offset)) return;
    const page = Buffer.alloc(pageBytes);
    readSync(this.#base, page, 0, pageBytes, offset);
    writeSync(this.#ownPages, page, 0, pageBytes, offset);
    this.#dirty[offset / pageBytes] = 1;
  }
}

function rangesOf(pages: Uint8Array): readonly MemoryRange[] {
  const ranges = new RangeBuilder();
  for (const [page, isOne] of pages.entries()) if (isOne === 1) ranges.add(page * pageBytes, pageBytes);
  return ranges.finish();
}
