/**
 * Asks the thread that `host/track-writes.c` runs in QEMU which pages of the guest's RAM were written. The wire format is drawn there.
 *
 *     connect ──► register each region ──► own pages ──► written since ──► written since ──► …
 *                       └── refused by the kernel: null, and captures read everything in the pause
 */
import { existsSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { connectInDirectory } from "../../lib/socket-path.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { pageBytes, type MemoryRange } from "../../memory/guest-memory.ts";
import { RangeBuilder } from "../../memory/page-ranges.ts";
import type { MemoryRegion } from "../../memory/regions.ts";
import { inheritedDescriptors } from "./command-line.ts";

export const trackerSocketName = "writes.sock";

const libraryName = "track-writes.so";

/** What set-up built of `host/track-writes.c`; null where there is none. */
export function findTracker(buildDirectory: string): string | null {
  const path = join(buildDirectory, "host", libraryName);
  return existsSync(path) ? path : null;
}

/**
 * The environment of a QEMU that is to be asked. Both descriptors are its own: of the listening socket and of the library, which the dynamic linker would
 * not find by a path with a space or a colon (ld.so(8), LD_PRELOAD).
 */
export function trackerEnvironment(): Readonly<Record<string, string>> {
  const { tracker, trackerListener } = inheritedDescriptors;
  const others = process.env["LD_PRELOAD"] ?? "";
  return {
    LD_PRELOAD: `/proc/self/fd/${String(tracker)} ${others}`.trimEnd(),
    RAMET_TRACK_WRITES_FD: String(trackerListener),
  };
}

/** Whether the process was started with the library: one that was not would never answer. */
export function hasWriteTracker(pid: number): boolean {
  return readFileSync(`/proc/${String(pid)}/maps`, "utf8").includes(`/${libraryName}`);
}

const operations = { register: 0n, own: 1n, written: 2n } as const;
const requestBytes = 24;
const numberBytes = 8;
/** REGIONS_AT_ONCE there. Whatever answers may not have this process hold as much as it likes. */
const mostRangesOfBlock = 2048;

/** One asker at a time: QEMU's thread takes the next connection when this one is closed. */
export class WriteTracker implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #regions: readonly MemoryRegion[];
  readonly #sizeBytes: number;
  readonly #received: AsyncIterator<Buffer, undefined>;
  #rest: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket, regions: readonly MemoryRegion[], sizeBytes: number) {
    this.#socket = socket;
    this.#regions = regions;
    this.#sizeBytes = sizeBytes;
    this.#received = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  }

  /**
   * Has the regions' first `sizeBytes` of the memory file watched.
   * @returns null when the kernel does not offer it. @throws when QEMU does not answer; the signal's reason.
   */
  static async open(
    directory: string,
    regions: readonly MemoryRegion[],
    sizeBytes: number,
    signal: AbortSignal,
  ): Promise<WriteTracker | null> {
    await using undo = new UndoStack();
    const socket = await connectInDirectory(directory, trackerSocketName, signal);
    undo.push(() => socket.destroy());
    const tracker = new WriteTracker(socket, regions, sizeBytes);
    for (const region of tracker.#watched()) {
      const answer = await tracker.#ask(operations.register, region, signal);
      if (answer.errno !== 0) return null;
    }
    undo.commit();
    return tracker;
  }

  /** All pages that QEMU has of its own. From now on their next write is noticed. */
  ownRanges(signal: AbortSignal): Promise<readonly MemoryRange[]> {
    return this.#ranges(operations.own, signal);
  }

  /** Those of its own pages that were written since they were told last, by this or by `ownRanges`. */
  writtenRanges(signal: AbortSignal): Promise<readonly MemoryRange[]> {
    return this.#ranges(operations.written, signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    return Promise.resolve();
  }

  async #ranges(operation: bigint, signal: AbortSignal): Promise<readonly MemoryRange[]> {
    const ranges = new RangeBuilder();
    for (const region of this.#watched()) {
      const { errno, found } = await this.#ask(operation, region, signal);
      if (errno !== 0) throw new Error(`the kernel does not tell what QEMU wrote: error ${String(errno)}`);
      for (const { offset, length } of found) ranges.add(offset, length);
    }
    return ranges.finish();
  }

  #watched(): readonly MemoryRegion[] {
    return this.#regions
      .map((region) => ({ ...region, length: Math.min(region.length, this.#sizeBytes - region.fileOffset) }))
      .filter(({ length }) => length > 0);
  }

  async #ask(
    operation: bigint,
    region: MemoryRegion,
    signal: AbortSignal,
  ): Promise<{ readonly errno: number; readonly found: readonly MemoryRange[] }> {
    signal.throwIfAborted();
    const onAbort = (): void => {
      this.#socket.destroy();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      this.#socket.write(encodeRequest(operation, region));
      const found: MemoryRange[] = [];
      for (;;) {
        const count = Number((await this.#take(numberBytes)).readBigInt64LE());
        if (count <= 0) return { errno: -count, found };
        if (count > mostRangesOfBlock) throw new Error("QEMU's process tells more at a time than it may");
        decodeBlock(await this.#take(2 * numberBytes * count), region, found);
      }
    } catch (failure) {
      signal.throwIfAborted();
      throw failure;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  async #take(bytes: number): Promise<Buffer> {
    while (this.#rest.length < bytes) {
      const next = await this.#received.next();
      if (next.done === true) throw new Error("QEMU ended while it was asked what it wrote");
      this.#rest = Buffer.concat([this.#rest, next.value]);
    }
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return taken;
  }
}

function encodeRequest(operation: bigint, { address, length }: MemoryRegion): Buffer {
  const request = Buffer.alloc(requestBytes);
  request.writeBigUInt64LE(operation, 0);
  request.writeBigUInt64LE(BigInt(address), numberBytes);
  request.writeBigUInt64LE(BigInt(address + length), 2 * numberBytes);
  return request;
}

/** The answer comes from the process of a guest that nobody trusts: it may only lead into that guest's own RAM. */
function decodeBlock(block: Buffer, { address, fileOffset, length }: MemoryRegion, found: MemoryRange[]): void {
  let end = found.at(-1);
  for (let at = 0; at < block.length; at += 2 * numberBytes) {
    const start = Number(block.readBigUInt64LE(at)) - address;
    const stop = Number(block.readBigUInt64LE(at + numberBytes)) - address;
    const isAscending = fileOffset + start >= (end === undefined ? 0 : end.offset + end.length);
    const isWhole = start % pageBytes === 0 && stop % pageBytes === 0;
    if (!isAscending || !isWhole || start < 0 || stop <= start || stop > length)
      throw new Error("QEMU's process names pages that its guest does not have");
    end = { offset: fileOffset + start, length: stop - start };
    found.push(end);
  }
}
