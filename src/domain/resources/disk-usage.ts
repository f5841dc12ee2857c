/**
 * What the data directory takes of the disk. A file that several own by links counts once, for the first of these that has it:
 *
 *     images ► layers of pulls ► volumes ► snapshots ► instances: disks, memory images, the rest
 */
import { readdir, lstat, statfs } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { Clock } from "../../lib/clock.ts";

/** Bytes on the disk; holes do not count. */
export interface DiskUsage {
  readonly imagesBytes: number;
  /** Layers as they were pulled, kept so that they need not be pulled again. */
  readonly layersBytes: number;
  readonly volumesBytes: number;
  /** What nobody but snapshots has. */
  readonly snapshotsBytes: number;
  /** The instances' writable disks. */
  readonly overlaysBytes: number;
  readonly memoryImagesBytes: number;
  /** Logs and the like. */
  readonly otherBytes: number;
  /** By instance: what it alone has, and what its deletion would give back. */
  readonly ownBytes: ReadonlyMap<string, number>;
  /** What the filesystem has left for an ordinary user. */
  readonly freeBytes: number;
}

/** However often it is asked, the directory is walked once in so long. */
const keptMs = 10_000;

export class DiskMeter {
  readonly #dataDirectory: string;
  readonly #clock: Clock;
  #last: { readonly atMs: number; readonly usage: Promise<DiskUsage> } | null = null;

  constructor(dataDirectory: string, clock: Clock) {
    this.#dataDirectory = dataDirectory;
    this.#clock = clock;
  }

  /** As it is now, or was at most ten seconds ago; who asks during a walk waits for that one. */
  async measure(): Promise<DiskUsage> {
    const atMs = this.#clock.nowMs();
    if (this.#last === null || atMs - this.#last.atMs >= keptMs) {
      const usage = this.#walk();
      const mine = { atMs, usage };
      this.#last = mine;
      usage.catch(() => {
        if (this.#last === mine) this.#last = null;
      });
    }
    return await this.#last.usage;
  }

  async #walk(): Promise<DiskUsage> {
    const count = new Count();
    const images = join(this.#dataDirectory, "images");
    const layersBytes = await count.below(join(images, "blobs"));
    const imagesBytes = await count.below(images);
    const volumesBytes = await count.below(join(this.#dataDirectory, "volumes"));
    const snapshotsBytes = await count.below(join(this.#dataDirectory, "snapshots"));
    const instances = await walkInstances(join(this.#dataDirectory, "instances"), count);
    const { bavail, bsize } = await statfs(this.#dataDirectory);
    return { imagesBytes, layersBytes, volumesBytes, snapshotsBytes, ...instances, freeBytes: bavail * bsize };
  }
}

type InstancesUsage = Pick<DiskUsage, "overlaysBytes" | "memoryImagesBytes" | "otherBytes" | "ownBytes">;

async function walkInstances(directory: string, count: Count): Promise<InstancesUsage> {
  const sums = { overlaysBytes: 0, memoryImagesBytes: 0, otherBytes: 0 };
  const ownBytes = new Map<string, number>();
  await count.each(directory, (path, { bytes, isShared }) => {
    const [place = "", part] = relative(directory, path).split(sep);
    // An instance's second directory, while it is restored or flattened, is still the instance's.
    const [id = ""] = place.split(".");
    sums[sumOf(part)] += bytes;
    if (!isShared) ownBytes.set(id, (ownBytes.get(id) ?? 0) + bytes);
  });
  return { ...sums, ownBytes };
}

function sumOf(part: string | undefined): "overlaysBytes" | "memoryImagesBytes" | "otherBytes" {
  if (part === "disk") return "overlaysBytes";
  return part === "image" || part === "image.making" || part === "base" ? "memoryImagesBytes" : "otherBytes";
}

interface FileUsage {
  readonly bytes: number;
  readonly isShared: boolean;
}

/** Adds up files, each inode once. */
class Count {
  readonly #seen = new Set<number>();

  async below(directory: string): Promise<number> {
    let sum = 0;
    await this.each(directory, (_path, { bytes }) => {
      sum += bytes;
    });
    return sum;
  }

  /** Calls back for each file that was not counted before. What goes while it is walked is left out. */
  async each(directory: string, found: (path: string, usage: FileUsage) => void): Promise<void> {
    const entries = await readdir(directory, { withFileTypes: true }).catch(ignoreGone<[]>([]));
    for (const entry of entries) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) await this.each(path, found);
      else if (entry.isFile()) {
        const stat = await lstat(path).catch(ignoreGone(null));
        if (stat === null || this.#seen.has(stat.ino)) continue;
        this.#seen.add(stat.ino);
        // stat(2) counts in blocks of 512 bytes, whatever the filesystem's are.
        found(path, { bytes: stat.blocks * 512, isShared: stat.nlink > 1 });
      }
    }
  }
}

function ignoreGone<Nothing>(nothing: Nothing): (failure: unknown) => Nothing {
  return (failure) => {
    if (failure instanceof Error && "code" in failure && (failure.code === "ENOENT" || failure.code === "ENOTDIR"))
      return nothing;
    throw failure;
  };
}
