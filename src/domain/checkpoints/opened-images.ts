import { statSync } from "node:fs";
import { untilAborted } from "../../lib/deadline.ts";
import type { Logger } from "../../observability/logger.ts";
import { openImage, type OpenedImage } from "./open-image.ts";
import { imageFiles } from "./memory-image.ts";

export interface OpenedImagesOptions {
  /** How many images are kept. */
  readonly maxImages?: number;
  /** How many mailbox frames of all kept images together. */
  readonly maxFrames?: number;
}

/**
 * What forks have read of memory images, kept for the next fork: a fork from an image that is known reads nothing of it. An image never
 * changes, and all links to it are the same image, so it is known by its manifest's inode; the manifest's times tell it from a later one
 * with that inode. The longest unused go first.
 */
export class OpenedImages {
  readonly #log: Logger;
  readonly #kept = new Map<string, KeptImage>();
  readonly #maxImages: number;
  readonly #maxFrames: number;

  constructor(log: Logger, options: OpenedImagesOptions = {}) {
    this.#log = log;
    this.#maxImages = options.maxImages ?? 32;
    this.#maxFrames = options.maxFrames ?? 16_384;
  }

  /** How many are kept now. */
  get count(): number {
    return this.#kept.size;
  }

  /** As `openImage`; those who ask at the same time share one reading, which no caller's abort ends. What cannot be read is not kept. */
  async open(directory: string, signal: AbortSignal): Promise<OpenedImage> {
    return await untilAborted(this.#open(directory), signal);
  }

  async #open(directory: string): Promise<OpenedImage> {
    const { key, manifestPath } = identify(directory);
    const known = this.#kept.get(key);
    if (known !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, { ...known, manifestPath });
      return await known.image;
    }
    const image = openImage(this.#log, directory, AbortSignal.timeout(readLimitMs));
    this.#kept.set(key, { image, manifestPath, frames: 0 });
    try {
      const { mailboxes } = await image;
      if (this.#kept.has(key)) this.#kept.set(key, { image, manifestPath, frames: mailboxes.frames.length });
    } catch (failure) {
      this.#kept.delete(key);
      throw failure;
    }
    this.#trim();
    return await image;
  }

  /** Forgets images that are gone from where they were last opened: an instance or a snapshot was removed. One that has other links is read again. */
  forgetGone(): void {
    for (const [key, { manifestPath }] of this.#kept) {
      if (statSync(manifestPath, { throwIfNoEntry: false }) === undefined) this.#kept.delete(key);
    }
  }

  #trim(): void {
    let frames = 0;
    let images = 0;
    for (const [key, kept] of [...this.#kept].reverse()) {
      frames += kept.frames;
      images += 1;
      if (images > this.#maxImages || (frames > this.#maxFrames && images > 1)) this.#kept.delete(key);
    }
  }
}

// A few milliseconds, unless an index is lost and all of the memory is read for it.
const readLimitMs = 600_000;

interface KeptImage {
  readonly image: Promise<OpenedImage>;
  /** By the name under which it was last asked for. */
  readonly manifestPath: string;
  readonly frames: number;
}

function identify(directory: string): { readonly key: string; readonly manifestPath: string } {
  const { manifestPath } = imageFiles(directory);
  const { dev, ino, mtimeNs } = statSync(manifestPath, { bigint: true });
  return { key: `${String(dev)}:${String(ino)}:${String(mtimeNs)}`, manifestPath };
}
