import { statSync } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { MachineFiles } from "../../hypervisors/driver.ts";
import { assert } from "../../lib/assert.ts";
import type { Dependencies } from "./dependencies.ts";
import type { InstanceFiles } from "./instance-files.ts";

/**
 * The files of a machine whose RAM is mapped from `memoryPath` and which writes to the overlay; see `ensureOverlay`.
 * @param tapName see `startConnected`.
 */
export async function machineFiles(
  deps: Dependencies,
  files: InstanceFiles,
  memoryPath: string,
  tapName: string | null = null,
): Promise<MachineFiles> {
  const { sealed, overlay } = await files.diskLayers();
  assert(overlay !== null, "a machine has an overlay to write to");
  return describeFiles(deps, files, memoryPath, [...sealed, overlay], tapName);
}

/** Those of a machine that outlived its server; which layers its disk has it says itself, see `takeUpDisk`. */
export async function adoptedFiles(deps: Dependencies, files: InstanceFiles): Promise<MachineFiles> {
  const { sealed, overlay } = await files.diskLayers();
  const layers = overlay === null ? sealed : [...sealed, overlay];
  return describeFiles(deps, files, baseMemoryPath(files), layers, null);
}

function describeFiles(
  deps: Dependencies,
  files: InstanceFiles,
  memoryPath: string,
  writableDiskLayers: readonly string[],
  tapName: string | null,
): MachineFiles {
  return {
    directory: files.directory,
    memoryPath,
    kernelPath: deps.settings.kernelPath,
    initramfsPath: deps.settings.initramfsPath,
    rootDiskPath: files.rootDiskPath,
    writableDiskLayers,
    volumePaths: files.volumePaths(),
    tapName,
  };
}

/** The path of the memory file that a running machine is mapped from. */
export function baseMemoryPath(files: InstanceFiles): string {
  return join(files.baseDirectory, "memory");
}

/** Makes the empty sparse file that a fresh boot's RAM is mapped from, in place of an earlier base. */
export async function makeEmptyBase(files: InstanceFiles, memoryBytes: number): Promise<void> {
  await rm(files.baseDirectory, { recursive: true, force: true });
  await mkdir(files.baseDirectory, { mode: 0o700 });
  await using file = await open(baseMemoryPath(files), "wx", 0o600);
  await file.truncate(memoryBytes);
}

/** Makes sure that there is an overlay to write to. The disk is as large as its blank first layer. */
export async function ensureOverlay(deps: Dependencies, files: InstanceFiles): Promise<void> {
  const { sealed, overlay, nextPath } = await files.diskLayers();
  const [blank] = sealed;
  if (overlay !== null) return;
  assert(blank !== undefined, "a disk has its blank layer");
  await deps.driver.createDiskOverlay(nextPath, statSync(blank).size);
}
