import type { FileHandle } from "node:fs/promises";

/** Sends what was written on to the disk while more is written: the flush that every image ends with has less to wait for then. */
export class Flusher {
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

  async settled(): Promise<void> {
    await this.#flush;
  }

  /** @returns what a flush failed with, or null: the kernel tells a failure once, so that the image's last flush may succeed after it. */
  async end(): Promise<unknown> {
    await this.#flush;
    return this.#failure;
  }
}

const flushEveryBytes = 8 << 20;
