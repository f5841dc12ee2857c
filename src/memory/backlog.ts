/**
 * Chunks that were read from a paused machine and are not written to a file yet. As long as there are free ones, nothing is written: the
 * machine waits for reads alone, and the writes come when it has gone on.
 *
 *     free ──take──► being read into ──put──► filled ──writeOldest──► free
 *                                               └── drain, when the machine runs again
 *
 * The memory of the last one is kept for the next for a minute: V8 counts it, and begins a collection for as much that is new, which falls
 * into the pause (decision 0016).
 */
import { open } from "node:fs/promises";
import { assert } from "../lib/assert.ts";
import { mapLimited } from "../lib/map-limited.ts";
import { chunkBytes, type Piece } from "./pieces.ts";

/** Reads, or writes, under way at a time. Each is a copy within the kernel, and a paused guest leaves its processor to the second. */
export const copiesAtOnce = 2;

/** All captures of this process together hold no more than this back, but for the few chunks without which none gets on. */
const highestLimitBytes = 1 << 30;
/** And no more than this part of what the host, or the group of processes that this one belongs to, has free. */
const partOfFreeMemory = 1 / 8;
const fewestChunks = 2 * copiesAtOnce;
let reservedBytes = 0;

const longestKeptMs = 60_000;
const mostKeptBytes = 64 << 20;
let kept: { readonly memory: ArrayBuffer; readonly expiry: NodeJS.Timeout } | null = null;

interface Filled {
  readonly buffer: Buffer;
  readonly batch: readonly Piece[];
}

/** Writes what `buffer` holds of `batch`. */
export type WriteBatch = (batch: readonly Piece[], buffer: Buffer) => Promise<void>;

export class Backlog {
  /** Resizable: its memory is given back at once by `resize(0)`, for it is more than the collector should decide on. */
  readonly #memory: ArrayBuffer;
  readonly #free: Buffer[] = [];
  readonly #filled: Filled[] = [];
  #reserved: number;

  private constructor(chunks: number, memory: ArrayBuffer) {
    this.#reserved = chunks * chunkBytes;
    reservedBytes += this.#reserved;
    this.#memory = memory;
    for (let index = 0; index < chunks; index += 1)
      this.#free.push(Buffer.from(this.#memory, index * chunkBytes, chunkBytes));
  }

  /** @param wantedBytes what is to be held back, as far as there is room. Whoever has the backlog must close it. */
  static async open(wantedBytes: number): Promise<Backlog> {
    const limitBytes = Math.min(highestLimitBytes, partOfFreeMemory * process.availableMemory());
    const room = Math.max(0, Math.min(wantedBytes, limitBytes - reservedBytes));
    const chunks = Math.max(fewestChunks, Math.ceil(room / chunkBytes));
    const wanted = chunks * chunkBytes;
    const used = takeKept(wanted);
    const backlog = new Backlog(chunks, used ?? new ArrayBuffer(wanted, { maxByteLength: wanted }));
    try {
      if (used === null) await touchPages(backlog.#free);
    } catch (failure) {
      backlog.close();
      throw failure;
    }
    return backlog;
  }

  /** A buffer to read into, to be given back by `put`. Writes out what came first when there is no other. */
  async take(write: WriteBatch): Promise<Buffer> {
    for (;;) {
      const buffer = this.#free.pop();
      if (buffer !== undefined) return buffer;
      const oldest = this.#filled.shift();
      assert(oldest !== undefined, "there are more chunks than reads under way");
      await this.#writeOut(oldest, write);
    }
  }

  put(buffer: Buffer, batch: readonly Piece[]): void {
    this.#filled.push({ buffer, batch });
  }

  /** Writes out everything. */
  async drain(write: WriteBatch, signal: AbortSignal): Promise<void> {
    await mapLimited(this.#filled.splice(0), copiesAtOnce, async (filled) => {
      signal.throwIfAborted();
      await this.#writeOut(filled, write);
    });
  }

  /** Gives the memory back. Nothing may be under way. Safe to call again. */
  close(): void {
    if (this.#reserved === 0) return;
    this.#free.length = 0;
    this.#filled.length = 0;
    keep(this.#memory);
    reservedBytes -= this.#reserved;
    this.#reserved = 0;
  }

  async #writeOut({ buffer, batch }: Filled, write: WriteBatch): Promise<void> {
    try {
      await write(batch, buffer);
    } finally {
      this.#free.push(buffer);
    }
  }
}

/** The memory that was kept, when it is enough; null otherwise. */
function takeKept(bytes: number): ArrayBuffer | null {
  if (kept === null || kept.memory.byteLength < bytes) return null;
  const { memory, expiry } = kept;
  clearTimeout(expiry);
  kept = null;
  return memory;
}

/** For the next one, for a while. The smaller of two, and what is too much to hold for nobody, is given back at once. */
function keep(memory: ArrayBuffer): void {
  if (memory.byteLength > mostKeptBytes || memory.byteLength < (kept?.memory.byteLength ?? 0)) {
    memory.resize(0);
    return;
  }
  takeKept(0)?.resize(0);
  const expiry = setTimeout(() => takeKept(0)?.resize(0), longestKeptMs).unref();
  kept = { memory, expiry };
}

/**
 * The kernel finds a page for each of these pages now: it would otherwise at its first use, which is in the pause. By reading zeros, which the
 * thread pool does: half a millisecond for a mebibyte is too long for the loop that serves everybody.
 */
async function touchPages(buffers: readonly Buffer[]): Promise<void> {
  await using zeros = await open("/dev/zero", "r");
  await mapLimited(buffers, copiesAtOnce, (buffer) => zeros.read(buffer, 0, buffer.length, null));
}
