/**
 * Guest RAM inside the process that has it mapped copy-on-write from a memory file. Three files of proc(5):
 *
 *     /proc/PID/maps     where the file's bytes are mapped (regions.ts)
 *     /proc/PID/mem      those bytes, to read and to write; a write makes the page the process' own
 *     /proc/PID/pagemap  per page 64 bits (kernel: admin-guide/mm/pagemap): 63 present, 62 swapped, 61 file-mapped.
 *                        A page of a private file mapping is the process' own when it is present or swapped and not file-mapped.
 *
 * They need ptrace rights over the process: the same user and no Yama restriction, or CAP_SYS_PTRACE.
 */
import { closeSync, openSync, read, readFileSync, readSync, write, writeSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { promisify } from "node:util";
import { assert } from "../lib/assert.ts";
import { mapLimited } from "../lib/map-limited.ts";
import { pageBytes, type GuestMemory, type MemoryRange } from "./guest-memory.ts";
import { checkRange, RangeBuilder, totalBytes } from "./page-ranges.ts";
import { coversFile, findRegions, piecesOf, type MappedFile, type MemoryRegion } from "./regions.ts";

/**
 * Where a process has a memory file mapped. The answer holds as long as the process keeps that mapping, so it may be kept.
 * @throws when the process is gone, may not be looked into, or has not mapped the whole file.
 */
export function locateProcessMemory(
  pid: number,
  file: MappedFile,
  sizeBytes: number,
): Promise<readonly MemoryRegion[]> {
  return Promise.try(() => {
    const regions = findRegions(readFileSync(`/proc/${String(pid)}/maps`, "utf8"), file);
    if (coversFile(regions, sizeBytes)) return regions;
    throw new Error(`process ${String(pid)} has not mapped all ${String(sizeBytes)} bytes of its memory file`);
  });
}

/** Opens the memory of a process. It is written only while the guest is paused; what is read while it runs may be older than the read's end. */
export function openProcessMemory(
  pid: number,
  regions: readonly MemoryRegion[],
  sizeBytes: number,
): Promise<GuestMemory> {
  return Promise.try(() => {
    assert(sizeBytes % pageBytes === 0, "guest RAM is a whole number of pages");
    return new ProcessMemory(pid, regions, sizeBytes, openSync(`/proc/${String(pid)}/mem`, "r+"));
  });
}

/** How much of its memory the process has of its own by now; the guest may run. */
export async function countOwnBytes(pid: number, regions: readonly MemoryRegion[], sizeBytes: number): Promise<number> {
  return totalBytes(await findOwnRanges(pid, regions, sizeBytes));
}

class ProcessMemory implements GuestMemory {
  readonly sizeBytes: number;
  readonly #pid: number;
  readonly #regions: readonly MemoryRegion[];
  readonly #descriptor: number;

  constructor(pid: number, regions: readonly MemoryRegion[], sizeBytes: number, descriptor: number) {
    this.sizeBytes = sizeBytes;
    this.#pid = pid;
    this.#regions = regions;
    this.#descriptor = descriptor;
  }

  async read(offset: number, into: Uint8Array): Promise<void> {
    checkRange(offset, into.length, this.sizeBytes);
    for (const piece of piecesOf(this.#regions, { offset, length: into.length })) {
      const start = piece.offset - offset;
      await this.#readPiece(into.subarray(start, start + piece.length), piece.address);
    }
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    checkRange(offset, bytes.length, this.sizeBytes);
    for (const piece of piecesOf(this.#regions, { offset, length: bytes.length })) {
      const start = piece.offset - offset;
      await this.#writePiece(bytes.subarray(start, start + piece.length), piece.address);
    }
  }

  async dirtyRanges(): Promise<readonly MemoryRange[]> {
    return await findOwnRanges(this.#pid, this.#regions, this.sizeBytes);
  }

  [Symbol.asyncDispose](): Promise<void> {
    closeSync(this.#descriptor);
    return Promise.resolve();
  }

  async #readPiece(into: Uint8Array, address: number): Promise<void> {
    for (let done = 0; done < into.length;) {
      const rest = into.length - done;
      const bytesRead = isSmall(rest)
        ? readSync(this.#descriptor, into, done, rest, address + done)
        : (await readAsync(this.#descriptor, into, done, rest, address + done)).bytesRead;
      if (bytesRead === 0) throw new Error(`process ${String(this.#pid)} ended while its memory was read`);
      done += bytesRead;
    }
  }

  async #writePiece(bytes: Uint8Array, address: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const rest = bytes.length - done;
      const bytesWritten = isSmall(rest)
        ? writeSync(this.#descriptor, bytes, done, rest, address + done)
        : (await writeAsync(this.#descriptor, bytes, done, rest, address + done)).bytesWritten;
      if (bytesWritten === 0) throw new Error(`process ${String(this.#pid)} ended while its memory was written`);
      done += bytesWritten;
    }
  }
}

const readAsync = promisify(read);
const writeAsync = promisify(write);

/**
 * A transfer of a few pages is a memory copy of microseconds; a trip through the thread pool costs ten times as much and
 * more on a busy machine.
 */
function isSmall(length: number): boolean {
  return length <= 16 * pageBytes;
}

async function findOwnRanges(
  pid: number,
  regions: readonly MemoryRegion[],
  sizeBytes: number,
): Promise<readonly MemoryRange[]> {
  await using pagemap = await open(`/proc/${String(pid)}/pagemap`, "r");
  const found = await mapLimited(slicesOf(regions, sizeBytes), scansAtOnce, (slice) => scan(pagemap, slice));
  const own = new RangeBuilder();
  for (const { offset, length } of found.flat()) own.add(offset, length);
  return own.finish();
}

const pagemapEntryBytes = 8;
/** The kernel walks a page table for each read: two walk side by side, and what one has found is looked through meanwhile. */
const slicePages = 1 << 15;
const scansAtOnce = 2;

/** The part of the regions that is the memory, in slices. */
function slicesOf(regions: readonly MemoryRegion[], sizeBytes: number): readonly MemoryRegion[] {
  const slices: MemoryRegion[] = [];
  for (const region of regions) {
    const bytes = Math.min(region.length, sizeBytes - region.fileOffset);
    for (let at = 0; at < bytes; at += slicePages * pageBytes) {
      const length = Math.min(slicePages * pageBytes, bytes - at);
      slices.push({ fileOffset: region.fileOffset + at, address: region.address + at, length });
    }
  }
  return slices;
}

async function scan(
  pagemap: FileHandle,
  { address, fileOffset, length }: MemoryRegion,
): Promise<readonly MemoryRange[]> {
  const buffer = spareEntries.pop() ?? new Uint32Array(2 * slicePages);
  const entries = buffer.subarray(0, (2 * length) / pageBytes);
  await readEntries(
    pagemap,
    new Uint8Array(buffer.buffer, 0, entries.byteLength),
    (address / pageBytes) * pagemapEntryBytes,
  );
  const dirty = new RangeBuilder();
  collectOwnPages(entries, fileOffset, dirty);
  if (spareEntries.length < scansAtOnce) spareEntries.push(buffer);
  return dirty.finish();
}

/** Kept from one scan to the next, for the reason that a backlog's memory is. */
const spareEntries: Uint32Array<ArrayBuffer>[] = [];

async function readEntries(pagemap: FileHandle, into: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await pagemap.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) throw new Error("the process ended while its page map was read");
    done += bytesRead;
  }
}

// Bits 63, 62 and 61 in the upper half of an entry: x86-64 is little-endian, so that is every second word.
const presentOrSwapped = 0xc0000000;
const fileMapped = 0x20000000;

function collectOwnPages(entries: Uint32Array, fileOffset: number, dirty: RangeBuilder): void {
  for (let index = 1, offset = fileOffset; index < entries.length; index += 2, offset += pageBytes) {
    const flags = entries[index] ?? 0;
    if ((flags & presentOrSwapped) !== 0 && (flags & fileMapped) === 0) dirty.add(offset, pageBytes);
  }
}
