/** skopeo(1) brings manifests and layers, and checks each against its digest. This file knows its options and its words. */
import { OperatingError } from "../../errors.ts";
import type { ImageSource } from "./image-source.ts";
import type { Platform } from "./platform.ts";
import {
  accessArguments,
  policyArguments,
  type RegistryCredentials,
  type RegistrySettings,
} from "./registry-access.ts";
import { missingTool, runTool, ToolError } from "./run-tool.ts";

/** One errand. */
export interface SkopeoErrand {
  readonly settings: RegistrySettings;
  readonly source: ImageSource;
  readonly credentials: RegistryCredentials | null;
  readonly platform: Platform;
  /** Where its temporary files go. */
  readonly directory: string;
}

/** The manifest or index, byte for byte. @throws OperatingError, see `translate`. */
export async function inspectManifest(errand: SkopeoErrand, signal: AbortSignal): Promise<Buffer> {
  return await inspect(errand, ["--raw"], signal);
}

/** The config of the image for the errand's platform. @throws OperatingError, see `translate`. */
export async function inspectConfig(errand: SkopeoErrand, signal: AbortSignal): Promise<Buffer> {
  return await inspect(errand, ["--raw", "--config"], signal);
}

async function inspect(errand: SkopeoErrand, options: readonly string[], signal: AbortSignal): Promise<Buffer> {
  const { settings, source, credentials, directory } = errand;
  const access = await accessArguments(settings, source, credentials, directory, "--");
  return await skopeo(errand, ["inspect", ...options, "--retry-times", "1", ...access, source.location], signal);
}

/**
 * Copies the image into the OCI layout `layout` under the name `image`; its blobs go to `blobsDirectory`, and those that are there
 * already are not fetched again. Layers come out as gzip, which umoci reads, whatever they were before.
 * @throws OperatingError, see `translate`.
 */
export async function copyToLayout(
  errand: SkopeoErrand,
  layout: string,
  blobsDirectory: string,
  signal: AbortSignal,
): Promise<void> {
  const { settings, source, credentials, directory } = errand;
  const access = await accessArguments(settings, source, credentials, directory, "--src-");
  const form = ["--quiet", "--dest-compress-format", "gzip", "--retry-times", "3", "--remove-signatures"];
  const target = ["--dest-shared-blob-dir", blobsDirectory, source.location, `oci:${layout}:image`];
  await skopeo(errand, ["copy", ...form, ...access, ...target], signal);
}

async function skopeo(errand: SkopeoErrand, args: readonly string[], signal: AbortSignal): Promise<Buffer> {
  const { os, architecture, variant } = errand.platform;
  const platform = ["--override-os", os, "--override-arch", architecture];
  if (variant !== null) platform.push("--override-variant", variant);
  try {
    return await runTool(errand.directory, "skopeo", [...policyArguments(), ...platform, ...args], signal);
  } catch (failure) {
    if (failure instanceof ToolError) throw translate(errand.source, failure);
    throw failure;
  }
}

/** What skopeo and the registries say (distribution-spec, "error codes"; Go's net and syscall packages), and what it means to a caller. */
const meanings: readonly (readonly [RegExp, (name: string, words: string) => OperatingError])[] = [
  [
    /no space left on device|disk quota exceeded/i,
    (name, words) =>
      failed("insufficient_resources", `the disk is too full to pull ${name}: give it more space`, words),
  ],
  [
    /server gave HTTP response to HTTPS client/i,
    (name, words) =>
      failed(
        "registry_unreachable",
        `the registry of ${name} speaks plain HTTP: if that is meant, start the server with --insecure-registries HOST[:PORT]`,
        words,
      ),
  ],
  [
    /digest did not match|does not match (?:expected )?digest|digest mismatch/i,
    (name, words) => failed("invalid_image", `${name} is damaged: what came is not what its digest says`, words),
  ],
  [
    /unauthorized|authentication required|access to the resource is denied|\bdenied\b|forbidden|invalid username\/password/i,
    (name, words) =>
      failed(
        "registry_denied",
        `the registry refuses ${name}: it needs other credentials, or there is no such image`,
        words,
      ),
  ],
  [
    /manifest unknown|name unknown|repository name not known|not found|no such file or directory|no descriptor found|no image found/i,
    (name, words) => failed("not_found", `there is no image ${name} at its registry: check name and tag`, words),
  ],
  [
    /invalid (?:tar )?header|unexpected EOF.*tar|unsupported|unmarshal|invalid character|malformed|unrecognized image format/i,
    (name, words) => failed("invalid_image", `${name} holds no image that can be read`, words),
  ],
];

function translate(source: ImageSource, failure: ToolError): OperatingError {
  if (failure.missing !== null) return missingTool(failure.missing);
  const words = wordsOf(failure);
  // The location's prefix is skopeo's business.
  const name = source.location.replace(/^docker:\/\//, "");
  const meaning = meanings.find(([pattern]) => pattern.test(words))?.[1];
  if (meaning !== undefined) return meaning(name, words);
  if (source.registry === null) return failed("invalid_image", `${name} cannot be read`, words);
  return failed("registry_unreachable", `the registry of ${name} did not answer as it should`, words);
}

function failed(code: OperatingError["code"], sentence: string, words: string): OperatingError {
  return new OperatingError(code, `${sentence} (${words})`);
}

const longestWords = 300;

/** The message of skopeo's last log line, without what a URL carries behind its path. */
function wordsOf({ words }: ToolError): string {
  const last = words.split("\n").at(-1) ?? "";
  const message = /msg="(?<message>(?:[^"\\]|\\.)*)"/.exec(last)?.groups?.["message"] ?? last;
  const plain = message.replace(/\\(.)/g, "$1").replace(/\?[^\s"]*/g, "");
  return plain.length > longestWords ? `…${plain.slice(-longestWords)}` : plain;
}
