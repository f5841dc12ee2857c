import { open, readFile, type FileHandle } from "node:fs/promises";
import { pageBytes, type MemoryRange } from "./guest-memory.ts";
import { checkRange } from "./page-ranges.ts";

/** The three files of an image. */
export interface ImagePaths {
  readonly memoryPath: string;
  readonly pagesPath: string;
  readonly framesPath: string;
}

/** An image's memory file, opened to be read. Nobody writes an image after its capture, so what is read here stays true. */
export interface ImageReader extends AsyncDisposable {
  readonly sizeBytes: number;
  /** Fills `into` from `offset`. Throws a RangeError when the range leaves the image. */
  read(offset: number, into: Uint8Array): Promise<void>;
}

/** An image with its two indexes. */
export interface IndexedImage extends ImageReader {
  /** The populated extents, ascending and disjoint; all else reads as zero. */
  readonly pages: readonly MemoryRange[];
  /** Offsets of the pages that the capture picked as frames, ascending. */
  readonly frames: readonly number[];
}

/** Opens the memory file of an image, without its indexes. */
export async function openImageReader(memoryPath: string): Promise<ImageReader> {
  const file = await open(memoryPath, "r");
  try {
    const { size } = await file.stat();
    return new FileImageReader(file, size);
  } catch (failure) {
    await file.close();
    throw failure;
  }
}

/** An index of an image is missing, or is not of this image. The memory file says all that it said: see rebuild-indexes.ts. */
export class ImageIndexError extends Error {
  override readonly name = "ImageIndexError";
}

/** @throws ImageIndexError when an index is missing or does not fit the image; else what opening the memory file failed with. */
export async function openImage(paths: ImagePaths): Promise<IndexedImage> {
  const reader = await openImageReader(paths.memoryPath);
  try {
    const pages = decodeRanges(await readIndex(paths.pagesPath));
    const frames = decodeOffsets(await readIndex(paths.framesPath));
    checkIndex(pages, frames, reader.sizeBytes);
    return Object.assign(reader, { pages, frames });
  } catch (failure) {
    await reader[Symbol.asyncDispose]();
    throw failure;
  }
}

/** The bytes of a `pages` file. */
export function encodeRanges(ranges: readonly MemoryRange[]): Uint8Array {
  return encodeOffsets(ranges.flatMap(({ offset, length }) => [offset, length]));
}

/** The bytes of a `frames` file. */
export function encodeOffsets(offsets: readonly number[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(offsets.length * 8));
  for (const [index, offset] of offsets.entries()) bytes.setBigUint64(index * 8, BigInt(offset), true);
  return new Uint8Array(bytes.buffer);
}

class FileImageReader implements ImageReader {
  readonly sizeBytes: number;
  readonly #file: FileHandle;

  constructor(file: FileHandle, sizeBytes: number) {
    this.#file = file;
    this.sizeBytes = sizeBytes;
  }

  async read(offset: number, into: Uint8Array): Promise<void> {
    checkRange(offset, into.length, this.sizeBytes);
    await readFully(this.#file, offset, into);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

/** Reads until `into` is full. Throws when the file ends first. */
export async function readFully(file: FileHandle, offset: number, into: Uint8Array): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await file.read(into, done, into.length - done, offset + done);
    if (bytesRead === 0) throw new Error("the memory file ends before it should");
    done += bytesRead;
  }
}

async function readIndex(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new ImageIndexError("an index of the image is missing", { cause });
  }
}

function decodeRanges(bytes: Uint8Array): readonly MemoryRange[] {
  const numbers = decodeOffsets(bytes);
  if (numbers.length % 2 !== 0) throw new ImageIndexError("the image's page index is cut short");
  const ranges: MemoryRange[] = [];
  for (let index = 0; index < numbers.length; index += 2) {
    ranges.push({ offset: numbers[index] ?? 0, length: numbers[index + 1] ?? 0 });
  }
  return ranges;
}

/** The offsets in the bytes of a `frames` file. Throws when it is cut short. */
export function decodeOffsets(bytes: Uint8Array): readonly number[] {
  if (bytes.length % 8 !== 0) throw new ImageIndexError("an index of the image is cut short");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 8 }, (_, index) => Number(view.getBigUint64(index * 8, true)));
}

/** These files are read back from a disk: an index that is not of this image must not steer what is copied. */
function checkIndex(pages: readonly MemoryRange[], frames: readonly number[], sizeBytes: number): void {
  let end = 0;
  for (const { offset, length } of pages) {
    if (offset < end || length === 0 || offset % pageBytes !== 0 || length % pageBytes !== 0) {
      throw new ImageIndexError("the image's page index is damaged");
    }
    end = offset + length;
  }
  if (end > sizeBytes) throw new ImageIndexError("the image's page index is longer than the image");
  let last = -1;
  for (const offset of frames) {
    if (offset <= last || offset % pageBytes !== 0) throw new ImageIndexError("the image's frame index is damaged");
    last = offset;
  }
  if (last + pageBytes > sizeBytes && last >= 0)
    throw new ImageIndexError("the image's frame index is longer than the image");
}
