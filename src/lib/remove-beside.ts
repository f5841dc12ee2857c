import { close, openSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Removes files that may be missing. Their names are gone when this returns; their content goes beside whatever comes next, when the last
 * descriptor of it is closed (unlink(2)): the kernel takes about a millisecond for a mebibyte that lies in its cache.
 */
export function removeBeside(paths: readonly string[]): void {
  const held = paths.flatMap((path) => hold(path));
  try {
    for (const path of paths) rmSync(path, { force: true });
  } finally {
    for (const descriptor of held) close(descriptor, tellOf);
  }
}

/** The same of a directory without directories in it; it may be missing. */
export function removeDirectoryBeside(directory: string): void {
  removeBeside(namesIn(directory).map((name) => join(directory, name)));
  rmSync(directory, { recursive: true, force: true });
}

function hold(path: string): number[] {
  try {
    return [openSync(path, "r")];
  } catch (failure) {
    if (isMissing(failure)) return [];
    throw failure;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (failure) {
    if (isMissing(failure)) return [];
    throw failure;
  }
}

function isMissing(failure: unknown): boolean {
  return failure instanceof Error && "code" in failure && failure.code === "ENOENT";
}

function tellOf(failure: Error | null | undefined): void {
  if (failure !== null && failure !== undefined) process.emitWarning(failure);
}
