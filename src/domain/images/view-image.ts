import { OperatingError } from "../../errors.ts";
import { isBuiltin } from "./builtin-image.ts";
import type { ImageView } from "./image.ts";
import type { ImageRow } from "./image-catalog.ts";
import type { Images } from "./images.ts";
import { parseReference } from "./reference.ts";

/** All images, the built-in one first, then by name. */
export function listImages(images: Images): ImageView[] {
  return [viewBuiltin(images), ...images.catalog.list().map((row) => viewImage(images, row))];
}

/** @throws OperatingError `not_found`, `invalid_request` for what is no name. */
export function findImage(images: Images, name: string): ImageView {
  return isBuiltin(name) ? viewBuiltin(images) : viewImage(images, findRow(images, name));
}

/** @throws OperatingError `not_found`, `invalid_request` for what is no name. */
export function findRow({ catalog }: Images, text: string): ImageRow {
  const { name } = parseReference(text);
  const row = catalog.get(name);
  if (row !== null) return row;
  throw new OperatingError(
    "not_found",
    `there is no image ${name} here: pull it with POST /images, or with ramet image pull ${text}`,
  );
}

/** What instances are made of when they ask for the name now; null when there is nothing yet. */
export function readableDigest({ catalog }: Images, { digest, previousDigest }: ImageRow): string | null {
  if (catalog.content(digest) !== null) return digest;
  return previousDigest !== null && catalog.content(previousDigest) !== null ? previousDigest : null;
}

export function viewImage(images: Images, row: ImageRow): ImageView {
  const digest = readableDigest(images, row);
  const content = digest === null ? null : images.catalog.content(digest);
  return {
    name: row.name,
    digest: row.digest,
    status: row.status,
    error: row.error?.message ?? null,
    errorCode: row.error?.code ?? null,
    queuePosition: images.queue.position(row.digest),
    progress: images.progress.get(row.digest) ?? null,
    platform: content?.platform ?? row.pull.platform,
    config: content?.config ?? null,
    sizeBytes: content?.sizeBytes ?? null,
    tags: row.tags,
    createdAt: row.createdAt,
  };
}

export function viewBuiltin({ builtin }: Images): ImageView {
  const { name, digest, platform, sizeBytes, createdAt, ...config } = builtin;
  return {
    name,
    digest,
    status: "ready",
    error: null,
    errorCode: null,
    queuePosition: null,
    progress: null,
    platform,
    config,
    sizeBytes,
    tags: {},
    createdAt,
  };
}
