import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { hexOf } from "./image-files.ts";
import type { Images } from "./images.ts";

/**
 * Removes what no name means any more: root filesystems, and the blobs that none of the others has. Runs only while no pull does. What a
 * pull that failed has fetched stays for the next attempt, as long as its name does. Never rejects: what could not be removed now is
 * removed another time.
 */
export async function collectGarbage(images: Images): Promise<void> {
  try {
    const unwanted = forgetContents(images);
    const kept = blobsInUse(images);
    for (const digest of unwanted) await rm(images.files.rootPath(digest), { force: true });
    const blobs = join(images.files.blobsDirectory, "sha256");
    for (const name of await readdir(blobs)) if (!kept.has(name)) await rm(join(blobs, name), { force: true });
    if (unwanted.length > 0) images.log.info({ digests: unwanted }, "images.collected");
  } catch (failure) {
    images.log.error({ err: failure }, "images.collect_failed");
  }
}

function forgetContents({ catalog, holds }: Images): string[] {
  const named = new Set(catalog.list().flatMap(({ digest, previousDigest }) => [digest, previousDigest]));
  const unwanted = catalog.contents().map(({ digest }) => digest);
  const forgotten = unwanted.filter((digest) => !named.has(digest) && !holds.has(digest));
  for (const digest of forgotten) catalog.removeContent(digest);
  return forgotten;
}

function blobsInUse({ catalog }: Images): Set<string> {
  const made = catalog.contents().flatMap(({ blobs }) => blobs);
  const fetched = catalog
    .list()
    .filter(({ status }) => status !== "ready")
    .flatMap(({ pull }) => pull.blobs.map(({ digest }) => digest));
  return new Set([...made, ...fetched].map(hexOf));
}
