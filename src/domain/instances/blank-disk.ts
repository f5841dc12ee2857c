/**
 * What a guest finds on its writable disk when it boots for the first time:
 *
 *     0                  diskBytes           + overlayBytes      + …
 *     │ ext4 of the root │ ext4 of the first │ of the next one … │     the overlays of volumes that have a size of their own
 *
 * Without such an overlay the root's ext4 is the whole disk. No table says where the parts begin: the guest is told the sizes
 * (guest/protocol/README.md, `configure`), and has them in the same order.
 */
import { open } from "node:fs/promises";
import { OperatingError } from "../../errors.ts";
import type { MachineSpec, MachineVolume } from "../../hypervisors/driver.ts";
import { runMkfs } from "../volumes/make-filesystem.ts";

export const defaultDiskBytes = 10 * 2 ** 30;

type DiskSizes = Pick<MachineSpec, "diskBytes" | "volumes">;

/** What the guest's root may write. */
export function diskBytesOf({ diskBytes = defaultDiskBytes }: DiskSizes): number {
  return diskBytes;
}

/** The root's part, when the disk has several; null when the root has all of it. */
export function rootPartBytes(spec: DiskSizes): number | null {
  return overlaySizes(spec.volumes).length === 0 ? null : diskBytesOf(spec);
}

/**
 * Makes the disk at `path`, which must not exist: a sparse file (10 GiB take 240 kB, a TiB 12 MB) that nobody writes afterwards. It is not
 * synced: it means nothing until its instance is recorded.
 * @throws OperatingError `insufficient_resources` when the host's disk is full, or its filesystem has no files so large; `not_supported`
 * without mkfs.ext4.
 */
export async function makeBlankDisk(path: string, spec: DiskSizes, signal: AbortSignal): Promise<void> {
  const sizes = [diskBytesOf(spec), ...overlaySizes(spec.volumes)];
  await makeSparseFile(path, sum(sizes));
  for (const [index, sizeBytes] of sizes.entries()) {
    const placed = [...extended, `offset=${String(sum(sizes.slice(0, index)))}`].join(",");
    await runMkfs([...features, "-E", placed, path, `${String(sizeBytes / 1024)}k`], signal);
  }
}

/**
 * Made to be left alone: whatever a mount writes by itself becomes the instance's own data. A journal, so that an instance which was killed
 * starts again, but a small one: it is written round and round. uninit_bg: bitmaps and inode tables are not written here; the file is
 * sparse, so they read as zero, and the guest mounts with noinit_itable. No checksums over metadata: emulated processors compute them slowly.
 * Blocks and inodes are those of a large disk in a small one too: discards and QEMU's clusters want whole pages.
 */
const features = ["-b", "4096", "-i", "16384", "-J", "size=16", "-O", "^metadata_csum,uninit_bg,^resize_inode"];
const extended = ["lazy_itable_init=1", "lazy_journal_init=1", "nodiscard", "root_owner=0:0"];

/** ftruncate(2): EFBIG. */
async function makeSparseFile(path: string, sizeBytes: number): Promise<void> {
  await using file = await open(path, "wx", 0o600);
  try {
    await file.truncate(sizeBytes);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EFBIG")) throw cause;
    const message = "the filesystem of the data directory has no files so large: ask for smaller disks";
    throw new OperatingError("insufficient_resources", message, { cause });
  }
}

function overlaySizes(volumes: readonly MachineVolume[] = []): number[] {
  return volumes.flatMap(({ overlayBytes }) => overlayBytes ?? []);
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}
