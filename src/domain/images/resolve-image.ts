import { createHash } from "node:crypto";
import { registrySource, type ImageSource } from "./image-source.ts";
import {
  invalidImage,
  platformOf,
  readConfig,
  readManifest,
  readManifestOrIndex,
  type Descriptor,
  type Index,
  type Manifest,
} from "./manifest.ts";
import { fits, formatPlatform, lacksPlatform, type Platform } from "./platform.ts";
import type { Reference } from "./reference.ts";
import { inspectConfig, inspectManifest, type SkopeoErrand } from "./skopeo.ts";

/** What a name means now. */
export interface ResolvedImage {
  /** Of the manifest for the platform, as the registry names it. */
  readonly digest: string;
  /** That manifest and no other, should the tag move meanwhile. */
  readonly source: ImageSource;
  readonly platform: string;
  /** Config and layers; empty when they are known only after the copy. */
  readonly blobs: readonly Descriptor[];
}

/**
 * Asks the registry, or the file, which manifest a name means for a platform; fetches no layer.
 * @throws OperatingError `not_found`, `registry_denied`, `registry_unreachable`, `invalid_image`, `invalid_platform`.
 */
export async function resolveImage(
  errand: SkopeoErrand,
  reference: Reference,
  signal: AbortSignal,
): Promise<ResolvedImage> {
  const { name } = reference;
  const bytes = await inspectManifest(errand, signal);
  if (reference.digest !== null && errand.source.registry !== null) assertDigest(bytes, reference.digest, name);
  const { manifest, index } = readManifestOrIndex(bytes, name);
  if (index !== null) return await resolveIndex(errand, reference, index, signal);
  await assertPlatform(errand, name, signal);
  return resolved(errand, reference, manifest, digestOf(bytes));
}

async function resolveIndex(
  errand: SkopeoErrand,
  reference: Reference,
  index: Index,
  signal: AbortSignal,
): Promise<ResolvedImage> {
  const { digest } = chooseManifest(index, errand.platform, reference.name);
  // Of a file skopeo itself takes the manifest that fits, and gives no other way to it.
  if (errand.source.registry === null)
    return { digest, source: errand.source, platform: formatPlatform(errand.platform), blobs: [] };
  const source = registrySource(reference, digest);
  const bytes = await inspectManifest({ ...errand, source }, signal);
  assertDigest(bytes, digest, reference.name);
  return resolved(errand, reference, readManifest(bytes, reference.name), digest);
}

function resolved(errand: SkopeoErrand, reference: Reference, manifest: Manifest, digest: string): ResolvedImage {
  const source = errand.source.registry === null ? errand.source : registrySource(reference, digest);
  const blobs = [manifest.config, ...manifest.layers];
  return { digest, source, platform: formatPlatform(errand.platform), blobs };
}

function chooseManifest(index: Index, wanted: Platform, name: string): Index["manifests"][number] {
  const offers = index.manifests.flatMap((entry) => {
    const platform = entry.platform === undefined ? null : platformOf(entry.platform);
    return platform === null ? [] : [{ entry, platform }];
  });
  const fitting = offers.filter(({ platform }) => fits(platform, wanted));
  // Of several variants the plain one runs everywhere.
  const chosen = fitting.find(({ platform }) => platform.variant === wanted.variant) ?? fitting[0];
  if (chosen !== undefined) return chosen.entry;
  throw lacksPlatform(
    name,
    wanted,
    offers.map(({ platform }) => formatPlatform(platform)).filter((text) => !text.startsWith("unknown")),
  );
}

/** An image that is not one of several says in its config what it was built for. */
async function assertPlatform(errand: SkopeoErrand, name: string, signal: AbortSignal): Promise<void> {
  const built = platformOf(readConfig(await inspectConfig(errand, signal), name));
  if (built === null || fits(built, errand.platform)) return;
  throw lacksPlatform(name, errand.platform, [formatPlatform(built)]);
}

function assertDigest(bytes: Buffer, digest: string, name: string): void {
  if (digestOf(bytes) !== digest) throw invalidImage(name, "its manifest is not what its digest says");
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
