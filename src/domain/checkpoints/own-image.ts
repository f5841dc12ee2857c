import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ownFile, type Ownership } from "../../lib/own-file.ts";
import { filesOf, type Dependencies } from "../instances/dependencies.ts";

const names = ["memory", "pages", "frames", "device-state", "manifest.json"];

/**
 * Gives the child its own links of the parent's memory image, so that the parent can be deleted at any time.
 * The manifest comes last: an image with a manifest is whole.
 */
export async function ownImage(deps: Dependencies, parentId: string, childId: string): Promise<Ownership[]> {
  const from = filesOf(deps, parentId).imageDirectory;
  const to = filesOf(deps, childId).imageDirectory;
  await mkdir(to, { mode: 0o700 });
  const ways: Ownership[] = [];
  for (const name of names) ways.push(await ownFile(join(from, name), join(to, name)));
  return ways;
}
