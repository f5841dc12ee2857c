/**
 * The files of a memory image, in one of two forms:
 *
 *     whole      memory, pages, frames               all of the RAM
 *     layered    memory, pages, frames               links of those that the machine was mapped from, its base
 *                own-memory, own-pages, own-frames   what the machine had of its own: memory/layered-image.ts
 *
 * The manifest's version tells them apart. What is mapped is `memory` in both. Only an instance that rests, and a snapshot of such a one, has
 * the second form, and it becomes the first when somebody else wants the image: whole-image.ts.
 */
import { join } from "node:path";
import type { ImagePaths } from "../../memory/image-reader.ts";

/** The files of one memory image. What they say is immutable once it has a manifest. */
export interface ImageFiles extends ImagePaths {
  /** Guest RAM, raw and sparse; machines map it copy-on-write. */
  readonly memoryPath: string;
  /** Which ranges of it hold data; see memory/capture.ts. */
  readonly pagesPath: string;
  /** Offsets of the pages that hold mailbox frames. */
  readonly framesPath: string;
  /** Of a layered one: what its machine had over the other three. */
  readonly own: ImagePaths;
  readonly deviceStatePath: string;
  readonly manifestPath: string;
}

export function imageFiles(directory: string): ImageFiles {
  return {
    ...memoryFiles(directory, ""),
    own: memoryFiles(directory, "own-"),
    deviceStatePath: join(directory, "device-state"),
    manifestPath: join(directory, "manifest.json"),
  };
}

/** The three files of a memory in a directory, all named with this prefix. */
export function memoryFiles(directory: string, prefix: string): ImagePaths {
  return {
    memoryPath: join(directory, `${prefix}memory`),
    pagesPath: join(directory, `${prefix}pages`),
    framesPath: join(directory, `${prefix}frames`),
  };
}
