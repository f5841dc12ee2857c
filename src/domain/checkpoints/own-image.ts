import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ownFile, type Ownership } from "../../lib/own-file.ts";
import type { Logger } from "../../observability/logger.ts";
import { ownPagesNames, type InstanceFiles } from "../instances/instance-files.ts";
import { isLayered } from "./manifest.ts";
import { makeWhole } from "./whole-image.ts";

const names = ["memory", "pages", "frames", "device-state"];

/**
 * Gives `to` its own links of the memory image of `from`, which can then be deleted at any time. The image becomes whole before: many are
 * going to map it. The manifest comes last: an image with a manifest is complete.
 */
export async function ownImage(log: Logger, from: InstanceFiles, to: InstanceFiles): Promise<Ownership[]> {
  await makeWhole(log, from);
  return await linkImage(from, to);
}

/** The same as it is, own pages apart. For a caller who holds a lock that nobody shares: the image must not become whole meanwhile. */
export async function linkImage(from: InstanceFiles, to: InstanceFiles): Promise<Ownership[]> {
  mkdirSync(to.imageDirectory, { mode: 0o700 });
  const ways: Ownership[] = [];
  const present = isLayered(from.imageDirectory) ? ownPagesNames : [];
  for (const name of [...names, ...present, "manifest.json"])
    ways.push(await ownFile(join(from.imageDirectory, name), join(to.imageDirectory, name)));
  return ways;
}
