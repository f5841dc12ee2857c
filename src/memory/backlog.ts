/**
 * Chunks that were read from a paused machine and are not written to a file yet. As long as there are free ones, nothing is written: the
 * machine waits for reads alone, and the writes come when it has gone on.
 *
 *     free ──take──► being read into ──put──► filled ──writeOldest──► free
 *                                               └── drain, when the machine runs again
 */
import { assert } from "../lib/assert.ts";
import { mapLimited } from "../lib/map-limited.ts";
import { chunkBytes, type Piece } from "./pieces.ts";

/** Reads, or writes, under way at a time. Each is a copy within the kernel, and a paused guest leaves its processor to the second. */
export const copiesAtOnce = 2;

/** All captures of this process together hold no more than this back, but for the few chunks without which none gets on. */
const limitBytes = 128 << 20;
const fewestChunks = 2 * copiesAtOnce;
let reservedBytes = 0;

interface Filled {
  readonly buffer: Buffer;
  readonly batch: readonly Piece[];
}

/** Writes what `buffer` holds of `batch`. */
export type WriteBatch = (batch: readonly Piece[], buffer: Buffer) => Promise<void>;

export class Backlog {
  readonly #write: WriteBatch;
  readonly #free: Buffer[] = [];
  readonly #filled: Filled[] = [];
  #reserved = 0;

  /** @param wantedBytes what is to be held back, as far as there is room. */
  constructor(wantedBytes: number, write: WriteBatch) {
    this.#write = write;
    const room = Math.max(0, Math.min(wantedBytes, limitBytes - reservedBytes));
    const chunks = Math.max(fewestChunks, Math.ceil(room / chunkBytes));
    this.#reserved = chunks * chunkBytes;
    reservedBytes += this.#reserved;
    // Filled now: the kernel would otherwise find each page at its first use, which is in the pause.
    for (let index = 0; index < chunks; index += 1) this.#free.push(Buffer.allocUnsafeSlow(chunkBytes).fill(0));
  }

  /** A buffer to read into, to be given back by `put`. Writes out what came first when there is no other. */
  async take(): Promise<Buffer> {
    for (;;) {
      const buffer = this.#free.pop();
      if (buffer !== undefined) return buffer;
      const oldest = this.#filled.shift();
      assert(oldest !== undefined, "there are more chunks than reads under way");
      await this.#writeOut(oldest);
    }
  }

  put(buffer: Buffer, batch: readonly Piece[]): void {
    this.#filled.push({ buffer, batch });
  }

  /** Writes out everything. */
  async drain(signal: AbortSignal): Promise<void> {
    await mapLimited(this.#filled.splice(0), copiesAtOnce, async (filled) => {
      signal.throwIfAborted();
      await this.#writeOut(filled);
    });
  }

  /** Gives the memory back at once: it is more than the collector should decide on. Nothing may be under way. Safe to call again. */
  close(): void {
    const buffers = [...this.#free, ...this.#filled.map(({ buffer }) => buffer)];
    for (const { buffer } of buffers) if (buffer instanceof ArrayBuffer) buffer.transfer(0);
    this.#free.length = 0;
    this.#filled.length = 0;
    reservedBytes -= this.#reserved;
    this.#reserved = 0;
  }

  async #writeOut({ buffer, batch }: Filled): Promise<void> {
    try {
      await this.#write(batch, buffer);
    } finally {
      this.#free.push(buffer);
    }
  }
}
