import { readdir, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { endProcesses, processesIn } from "../../lib/processes-in.ts";
import type { Database } from "../../store/database.ts";
import { openBuiltinImage } from "./builtin-image.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { ImageCatalog } from "./image-catalog.ts";
import { hexOf, ImageFiles } from "./image-files.ts";
import type { Images } from "./images.ts";
import { PullQueue } from "./pull-queue.ts";
import { resumePulls } from "./run-pull.ts";

/** Registries and disks are shared with everybody: two pulls fill either. */
const pullsAtOnce = 2;
const longestQueue = 64;

export interface ImageOptions extends Pick<Images, "settings" | "usersOf" | "events" | "log"> {
  readonly directory: string;
  /** What set-up built. */
  readonly buildDirectory: string;
  readonly database: Database;
}

/**
 * Opens the images of a data directory, brings rows and files in agreement, and goes on with the pulls that the last server did not finish.
 */
export async function openImages(options: ImageOptions): Promise<Images> {
  const { directory, buildDirectory, database, ...rest } = options;
  const files = new ImageFiles(directory);
  await files.make();
  const images: Images = {
    ...rest,
    builtin: await openBuiltinImage(directory, buildDirectory),
    catalog: new ImageCatalog(database),
    files,
    queue: new PullQueue(() => collectGarbage(images), pullsAtOnce, longestQueue),
    progress: new Map(),
    holds: new Map(),
  };
  await sweep(images);
  resumePulls(images);
  return images;
}

/** Ends the pulls under way; the next start goes on with them. */
export async function closeImages(images: Images): Promise<void> {
  await images.queue.close();
}

/** What a killed server left: programs that go on without it, half-made files, files and rows without each other. */
async function sweep(images: Images): Promise<void> {
  const { files, catalog, log } = images;
  await endProcesses((await processesIn(files.makingDirectory)).map(({ identity }) => identity));
  for (const name of await readdir(files.makingDirectory))
    await rm(join(files.makingDirectory, name), { recursive: true, force: true });
  for (const { digest } of catalog.contents()) {
    if (existsSync(files.rootPath(digest))) continue;
    log.warn({ digest }, "images.root_is_gone");
    catalog.removeContent(digest);
  }
  const known = new Set(catalog.contents().map(({ digest }) => hexOf(digest)));
  for (const name of await readdir(files.rootsDirectory))
    if (!known.has(name)) await rm(join(files.rootsDirectory, name), { force: true });
  await collectGarbage(images);
}
