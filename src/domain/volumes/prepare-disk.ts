import { execFile } from "node:child_process";
import { open, rename, rm, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { searchPath } from "./make-filesystem.ts";

const execute = promisify(execFile);

/** A journal is replayed in seconds; a disk that is slow takes longer. */
const replayMs = 5 * 60_000;
const copyMs = 30 * 60_000;

const env = { PATH: searchPath, LC_ALL: "C" };

/** Makes the file this name's alone: other links of it keep what it holds now, and are written no more. */
export async function unshare(path: string): Promise<void> {
  if ((await stat(path)).nlink === 1) return;
  const copy = `${path}.copy`;
  await rm(copy, { force: true });
  // cp(1) finds the holes without reading them, and shares blocks where the filesystem can.
  await execute("cp", ["--reflink=auto", "--sparse=always", "--", path, copy], { timeout: copyMs, env });
  await rename(copy, path);
}

/**
 * Brings an ext4 filesystem to rest whose machine was cut off: a guest that mounts it read-only cannot do that itself. Does nothing to one
 * that is at rest.
 */
export async function replayJournal(path: string): Promise<void> {
  if (!(await needsRecovery(path))) return;
  // Status 1: errors were found and corrected (e2fsck(8)); what it could not correct is for the guest's kernel to refuse.
  const options = { timeout: replayMs, env };
  await execute("e2fsck", ["-y", "-E", "journal_only", path], options).catch((failure: unknown) => {
    if (!(failure instanceof Error && "code" in failure && failure.code === 1)) throw failure;
  });
}

/** The flag `needs_recovery` of the superblock's incompatible features (kernel.org, ext4 disk layout): 4, in the word at 1024 + 96. */
async function needsRecovery(path: string): Promise<boolean> {
  await using file = await open(path, "r");
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 1024 + 96);
  return (buffer.readUInt32LE(0) & 4) !== 0;
}
