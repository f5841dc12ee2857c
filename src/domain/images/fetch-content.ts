import { mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { flush } from "../../lib/flush.ts";
import { checkLayers } from "./check-layers.ts";
import { convertImage } from "./convert-image.ts";
import type { PullProgress, RunConfig } from "./image.ts";
import type { ImageContent, PullOrder } from "./image-catalog.ts";
import type { ImageFiles } from "./image-files.ts";
import { invalidImage, platformOf, readConfig, readIndex, readManifest, type Manifest } from "./manifest.ts";
import { fits, formatPlatform, lacksPlatform, parsePlatform } from "./platform.ts";
import type { RegistryCredentials, RegistrySettings } from "./registry-access.ts";
import { readRunConfig } from "./run-config.ts";
import { copyToLayout } from "./skopeo.ts";
import { watchProgress } from "./watch-progress.ts";

export interface Fetch {
  readonly files: ImageFiles;
  readonly settings: RegistrySettings;
  readonly name: string;
  readonly digest: string;
  readonly order: PullOrder;
  readonly credentials: RegistryCredentials | null;
  readonly stallMs: number;
  readonly onProgress: (progress: PullProgress) => void;
  /** The bytes are here; from now on they are unpacked and packed. */
  readonly onConverting: () => void;
}

/**
 * Fetches an image and makes its root filesystem; when this resolves, that stands under its own name. Whatever happens, of the work in
 * between only whole blobs are left, so that another attempt need not fetch those again.
 * @throws OperatingError, see `copyToLayout` and `convertImage`; the signal's reason.
 */
export async function fetchContent(fetch: Fetch, signal: AbortSignal): Promise<ImageContent> {
  const { files, digest, name } = fetch;
  const layout = await files.makeLayout(digest);
  const directory = files.pullDirectory(digest);
  try {
    await copy(fetch, layout, signal);
    const { manifestDigest, manifest, platform, config } = await readLayout(fetch, layout);
    const layers = manifest.layers.map((layer) => files.blobPath(layer.digest));
    fetch.onConverting();
    await checkLayers(layers, name, signal);
    const root = await convertImage(directory, layout, name, signal);
    const sizeBytes = (await stat(root)).size;
    await rename(root, files.rootPath(digest));
    await flush(files.rootsDirectory);
    const blobs = [manifestDigest, manifest.config.digest, ...manifest.layers.map((layer) => layer.digest)];
    return { digest, platform, config, blobs, sizeBytes };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function copy(fetch: Fetch, layout: string, signal: AbortSignal): Promise<void> {
  const { files, settings, credentials, order, digest } = fetch;
  const { location, registry } = order;
  const directory = join(files.pullDirectory(digest), "work");
  await mkdir(directory, { mode: 0o700 });
  const platform = parsePlatform(order.platform);
  const errand = { settings, source: { location, registry }, credentials, platform, directory };
  // A file of this host is no network: it is slow, but it does not fall silent.
  const stallMs = registry === null ? Infinity : fetch.stallMs;
  const options = { stallMs, tell: fetch.onProgress, signal };
  await watchProgress(files, layout, order.blobs, options, (limited) =>
    copyToLayout(errand, layout, files.blobsDirectory, limited),
  );
}

interface CopiedImage {
  readonly manifestDigest: string;
  readonly manifest: Manifest;
  readonly platform: string;
  readonly config: RunConfig;
}

async function readLayout({ files, name, order }: Fetch, layout: string): Promise<CopiedImage> {
  const index = readIndex(await readFile(join(layout, "index.json")), name);
  const manifestDigest = index.manifests[0]?.digest;
  if (manifestDigest === undefined) throw invalidImage(name, "nothing came of it");
  const manifest = readManifest(await files.readBlob(manifestDigest), name);
  const config = readConfig(await files.readBlob(manifest.config.digest), name);
  const built = platformOf(config);
  const wanted = parsePlatform(order.platform);
  // An index may say of a manifest what its config contradicts; the variant is often left out of a config.
  if (built !== null && !fits(built, { ...wanted, variant: null }))
    throw lacksPlatform(name, wanted, [formatPlatform(built)]);
  const platform = built === null ? order.platform : formatPlatform(built);
  return { manifestDigest, manifest, platform, config: readRunConfig(config, name) };
}
