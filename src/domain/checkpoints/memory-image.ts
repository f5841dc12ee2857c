import { join } from "node:path";

/** The files of one memory image; immutable once it has a manifest. */
export interface ImageFiles {
  /** Guest RAM, raw and sparse; machines map it copy-on-write. */
  readonly memoryPath: string;
  /** Which ranges of it hold data; see memory/capture.ts. */
  readonly pagesPath: string;
  /** Offsets of the pages that hold mailbox frames. */
  readonly framesPath: string;
  readonly deviceStatePath: string;
  readonly manifestPath: string;
}

export function imageFiles(directory: string): ImageFiles {
  return {
    memoryPath: join(directory, "memory"),
    pagesPath: join(directory, "pages"),
    framesPath: join(directory, "frames"),
    deviceStatePath: join(directory, "device-state"),
    manifestPath: join(directory, "manifest.json"),
  };
}
