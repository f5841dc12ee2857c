import { rm } from "node:fs/promises";
import { OperatingError } from "../../errors.ts";
import { withDeadline } from "../../lib/deadline.ts";
import { isBuiltin } from "./builtin-image.ts";
import type { ImageView } from "./image.ts";
import type { ImageRow } from "./image-catalog.ts";
import type { Images } from "./images.ts";
import { localSource, registrySource } from "./image-source.ts";
import { parsePlatform } from "./platform.ts";
import { parseReference, type Reference } from "./reference.ts";
import type { RegistryCredentials } from "./registry-access.ts";
import { resolveImage, type ResolvedImage } from "./resolve-image.ts";
import { publishState, queuePull } from "./run-pull.ts";
import { whatImagesLack } from "./what-images-lack.ts";
import { readableDigest, viewBuiltin, viewImage } from "./view-image.ts";

export interface PullRequest {
  readonly name: string;
  /** A file of the server, see `localSource`; null: the registry that the name says. */
  readonly source: string | null;
  /** Null: this host's. */
  readonly platform: string | null;
  readonly credentials: RegistryCredentials | null;
  /** Null: those that it has. */
  readonly tags: Readonly<Record<string, string>> | null;
}

/**
 * Learns what a name means, and has it fetched in the background unless it is here. Returns at once, with the digest known; the image goes
 * on to `ready` or `failed`. A name that was ready before stays usable as it was until its renewal is ready.
 * @throws OperatingError `invalid_request`, `invalid_platform`, `not_found`, `registry_denied`, `registry_unreachable`, `invalid_image`,
 * `forbidden`, `insufficient_resources`, `not_supported`.
 */
export async function pullImage(images: Images, request: PullRequest, signal: AbortSignal): Promise<ImageView> {
  if (isBuiltin(request.name) && request.source === null) return viewBuiltin(images);
  const reference = parseReference(request.name);
  assertFree(request, reference);
  assertPossible();
  images.queue.assertRoom();
  const resolved = await look(images, request, reference, signal);
  return begin(images, request, reference, resolved);
}

function assertFree({ name, source }: PullRequest, { digest }: Reference): void {
  if (source === null) return;
  if (isBuiltin(name)) throw new OperatingError("name_conflict", `${name} is built in: give it another name`);
  if (digest !== null) throw new OperatingError("invalid_request", "an image from a file is given a name with a tag");
}

/** Before anything is asked or fetched: what is missing at the end of a pull is missing now. */
function assertPossible(): void {
  const lack = whatImagesLack();
  if (lack !== null) throw new OperatingError("not_supported", `${lack}. ramet/base works without.`);
}

async function look(
  images: Images,
  request: PullRequest,
  reference: Reference,
  signal: AbortSignal,
): Promise<ResolvedImage> {
  const { registries: settings, sourceDirectory, resolveMs } = images.settings;
  const platform = parsePlatform(request.platform);
  const source =
    request.source === null ? registrySource(reference) : await localSource(request.source, sourceDirectory);
  const directory = await images.files.makeLook();
  try {
    const errand = { settings, source, credentials: request.credentials, platform, directory };
    return await withDeadline(signal, resolveMs, `asking for ${reference.name}`, (limited) =>
      resolveImage(errand, reference, limited),
    );
  } catch (failure) {
    if (failure instanceof Error && failure.name === "DeadlineError")
      throw new OperatingError("registry_unreachable", `the registry of ${reference.name} does not answer`, {
        cause: failure,
      });
    throw failure;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function begin(images: Images, request: PullRequest, reference: Reference, resolved: ResolvedImage): ImageView {
  const before = images.catalog.get(reference.name);
  const isHere = images.catalog.content(resolved.digest) !== null;
  const previousDigest = before === null ? null : readableDigest(images, before);
  const row: ImageRow = {
    name: reference.name,
    digest: resolved.digest,
    previousDigest: isHere || previousDigest === resolved.digest ? null : previousDigest,
    status: isHere ? "ready" : "pending",
    error: null,
    pull: {
      location: resolved.source.location,
      registry: resolved.source.registry,
      platform: resolved.platform,
      withCredentials: request.credentials !== null,
      blobs: resolved.blobs.map(({ digest, size }) => ({ digest, size })),
    },
    tags: request.tags ?? before?.tags ?? {},
    createdAt: before?.createdAt ?? new Date().toISOString(),
  };
  images.catalog.put(row);
  if (before?.status !== row.status || before.digest !== row.digest) publishState(images, row);
  if (!isHere) queuePull(images, row, request.credentials);
  return viewImage(images, images.catalog.get(row.name) ?? row);
}
