import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OperatingError } from "../../errors.ts";
import type { HypervisorHost, MachineSpec } from "../../hypervisors/driver.ts";

/**
 * What stands in a memory image's `manifest.json`: the machine that it is the RAM of. Written last, so that an image with a manifest is complete.
 */
export interface Manifest {
  /** 1: the image is whole. 2: it is layered, see memory-image.ts; a server that does not know of layers refuses it. */
  readonly version: 1 | 2;
  readonly createdAt: string;
  readonly spec: MachineSpec;
  /** What the machine had changed against what it was mapped from. */
  readonly dirtyBytes: number;
}

export async function writeManifest(directory: string, manifest: Manifest): Promise<void> {
  await writeFile(join(directory, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`, {
    mode: 0o600,
    flag: "wx",
    flush: true,
  });
}

export async function readManifest(directory: string): Promise<Manifest> {
  return parseManifest(await readFile(join(directory, "manifest.json"), "utf8"));
}

/** Whether own pages lie over the image's memory. At once: it is asked in every restore. */
export function isLayered(directory: string): boolean {
  return parseManifest(readFileSync(join(directory, "manifest.json"), "utf8")).version === 2;
}

function parseManifest(text: string): Manifest {
  const content = JSON.parse(text) as { readonly version: number };
  if (!isCurrent(content)) {
    const message = `the memory image has version ${String(content.version)}, this server reads versions 1 and 2`;
    throw new OperatingError("image_mismatch", message);
  }
  return content;
}

function isCurrent(content: { readonly version: number }): content is Manifest {
  return content.version === 1 || content.version === 2;
}

const matched = [
  "hypervisor",
  "version",
  "machineType",
  "cpuModel",
  "accelerator",
] as const satisfies (keyof HypervisorHost)[];

/**
 * Device state loads only into the machine that it was saved from, and a guest that was told of one CPU must not wake up on another.
 * @throws OperatingError `image_mismatch` that names each difference, before anything is started.
 */
export function assertRestorable(manifest: Manifest, host: HypervisorHost): void {
  const differences = matched
    .filter((field) => manifest.spec[field] !== host[field])
    .map((field) => `${field} is ${host[field]} here and was ${manifest.spec[field]} when the image was made`);
  if (differences.length === 0) return;
  throw new OperatingError(
    "image_mismatch",
    `the memory image cannot be restored on this host: ${differences.join("; ")}`,
    {
      details: { differences },
    },
  );
}
