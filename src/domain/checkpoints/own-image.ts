import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ownFile, type Ownership } from "../../lib/own-file.ts";
import type { InstanceFiles } from "../instances/instance-files.ts";

const names = ["memory", "pages", "frames", "device-state", "manifest.json"];

/**
 * Gives `to` its own links of the memory image of `from`, which can then be deleted at any time.
 * The manifest comes last: an image with a manifest is whole.
 */
export async function ownImage(from: InstanceFiles, to: InstanceFiles): Promise<Ownership[]> {
  mkdirSync(to.imageDirectory, { mode: 0o700 });
  const ways: Ownership[] = [];
  for (const name of names) ways.push(await ownFile(join(from.imageDirectory, name), join(to.imageDirectory, name)));
  return ways;
}
