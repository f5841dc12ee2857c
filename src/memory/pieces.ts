/**
 * How ranges of a memory are cut to travel through buffers of one chunk, and how runs of pages get from a buffer to a file.
 *
 *     ranges     ██████████████████░░░██░░░░░░░░░█░░██
 *     batches    1111111111111111112222│22        2  22     side by side in the buffer, whatever lies between them
 *     windows    1111111111111111112222222        3333      as far from each other in the buffer as in the memory
 */
import { writeSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { pageBytes, type MemoryRange } from "./guest-memory.ts";

/** A run of pages and its place in a buffer. */
export interface Piece extends MemoryRange {
  readonly start: number;
}

/** Size of a buffer. The host's filesystem takes a write of this size twice as fast as sixteen small ones. */
export const chunkBytes = 1 << 20;

/** A gap that is longer than this is not read across. */
export const longestGapBytes = 16 * pageBytes;

/** Cuts ascending ranges into batches of at most one chunk, the pieces side by side in the buffer. */
export function* batchesOf(ranges: readonly MemoryRange[]): Generator<readonly Piece[]> {
  let batch: Piece[] = [];
  let start = 0;
  for (const range of ranges) {
    for (let done = 0; done < range.length;) {
      const length = Math.min(range.length - done, chunkBytes - start);
      batch.push({ offset: range.offset + done, length, start });
      done += length;
      start += length;
      if (start < chunkBytes) continue;
      yield batch;
      batch = [];
      start = 0;
    }
  }
  if (batch.length > 0) yield batch;
}

/** Cuts ascending ranges into windows of at most one chunk: a piece lies in the buffer as far from the first as it does in the file. */
export function* windowsOf(ranges: readonly MemoryRange[]): Generator<readonly Piece[]> {
  let window: Piece[] = [];
  let [origin, end] = [0, 0];
  for (const range of ranges) {
    for (let done = 0; done < range.length;) {
      const offset = range.offset + done;
      if (window.length > 0 && (offset - end > longestGapBytes || offset - origin >= chunkBytes)) {
        yield window;
        window = [];
      }
      if (window.length === 0) origin = offset;
      const length = Math.min(range.length - done, chunkBytes - (offset - origin));
      window.push({ offset, length, start: offset - origin });
      done += length;
      end = offset + length;
    }
  }
  if (window.length > 0) yield window;
}

/** Scattered pages are many small writes into the page cache: microseconds each, and a trip through the thread pool is more. */
const smallWriteBytes = 16 * pageBytes;

/** Writes each run to its offset in the file. */
export async function writeRuns(file: FileHandle, buffer: Buffer, runs: readonly Piece[]): Promise<void> {
  for (const { offset, start, length } of runs) {
    for (let done = 0; done < length;) {
      const rest = length - done;
      done +=
        rest <= smallWriteBytes
          ? writeSync(file.fd, buffer, start + done, rest, offset + done)
          : (await file.write(buffer, start + done, rest, offset + done)).bytesWritten;
    }
  }
}
