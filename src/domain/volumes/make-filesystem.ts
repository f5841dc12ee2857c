import { execFile } from "node:child_process";
import { open } from "node:fs/promises";
import { promisify } from "node:util";
import { OperatingError } from "../../errors.ts";

const execute = promisify(execFile);

/** A large archive is written at the disk's speed. */
const limitMs = 30 * 60_000;

/** Administrators' programs are in directories that a user's PATH may lack. */
export const searchPath = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;

/**
 * Makes a new sparse file at `path` with an ext4 filesystem of this size, empty or with all that is in `contentDirectory`, and syncs it.
 * No blocks for the administrator, no tables written ahead of use (mke2fs(8)): 10 GiB take 5 MB and 30 ms.
 * @throws OperatingError `invalid_request` when the content does not fit; `insufficient_resources` when the host's disk is full.
 */
export async function makeFilesystem(
  path: string,
  sizeBytes: number,
  contentDirectory: string | null,
  signal: AbortSignal,
): Promise<void> {
  {
    await using file = await open(path, "wx", 0o600);
    await file.truncate(sizeBytes);
  }
  const content = contentDirectory === null ? [] : ["-d", contentDirectory];
  await runMkfs(["-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner=0:0", ...content, path], signal);
  await using file = await open(path, "r");
  await file.sync();
}

/**
 * Runs mkfs.ext4 with these arguments, which end with the file and perhaps a size.
 * @throws OperatingError as `makeFilesystem`; `not_supported` when this host has no such program.
 */
export async function runMkfs(args: readonly string[], signal: AbortSignal): Promise<void> {
  const options = { signal, timeout: limitMs, env: { PATH: searchPath, LC_ALL: "C" } };
  try {
    await execute("mkfs.ext4", ["-q", "-F", "-m", "0", ...args], options);
  } catch (cause) {
    signal.throwIfAborted();
    throw explain(cause);
  }
}

/** What to say when the host has no room left. */
export function diskFull(cause: unknown): OperatingError {
  const message = "The disk of the data directory is full: delete instances or volumes, or give it more space.";
  return new OperatingError("insufficient_resources", message, { cause });
}

function explain(cause: unknown): unknown {
  if (cause instanceof Error && "code" in cause && cause.code === "ENOENT")
    return new OperatingError("not_supported", "this host has no mkfs.ext4: install e2fsprogs", { cause });
  const words = cause instanceof Error && "stderr" in cause ? String(cause.stderr) : "";
  // A write that the last free blocks cut short is told in the second way (e2fsprogs, lib/et).
  if (/No space left on device|Disk quota exceeded|resulted in short write/i.test(words)) {
    return diskFull(cause);
  }
  if (/Could not allocate (block|inode)|while populating file system/.test(words)) {
    const message = "the archive's content does not fit: ask for a larger size_gb";
    return new OperatingError("invalid_request", message, { cause });
  }
  return cause;
}

/** The programs of this host that volumes need and that cannot be started. */
export async function whatVolumesLack(): Promise<string[]> {
  const wanted = ["mkfs.ext4", "e2fsck"];
  const starts = await Promise.all(wanted.map(canStart));
  return wanted.filter((_, index) => starts[index] !== true);
}

async function canStart(program: string): Promise<boolean> {
  try {
    await execute(program, ["-V"], { timeout: 10_000, env: { PATH: searchPath } });
    return true;
  } catch {
    return false;
  }
}
