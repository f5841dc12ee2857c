import { OperatingError } from "../../errors.ts";

/** What an image was built for (OCI image-spec, "platform"). */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | null;
}

/** Node's words for architectures (nodejs.org, process.arch) in those of images (Go's GOARCH). */
const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

export const hostPlatform: Platform = {
  os: "linux",
  architecture: architectures[process.arch] ?? process.arch,
  variant: null,
};

/**
 * Reads `os/arch[/variant]`; null is this host's own.
 * @throws OperatingError `invalid_platform` when it is malformed, or when no VM of this host runs such programs.
 */
export function parsePlatform(text: string | null): Platform {
  if (text === null) return hostPlatform;
  const [os = "", architecture = "", variant = null, ...rest] = text.split("/");
  const isWellFormed = [os, architecture, variant ?? "x"].every((part) => /^[a-z0-9_]{1,32}$/.test(part));
  if (!isWellFormed || rest.length > 0)
    throw invalid(`${JSON.stringify(text.slice(0, 80))} is no platform: write os/arch or os/arch/variant`);
  const platform = { os, architecture, variant };
  if (os !== hostPlatform.os || architecture !== hostPlatform.architecture) throw notOfThisHost(platform);
  return platform;
}

/** What programs the VMs of this host run, as images name it. */
export const hostPlatformName = formatPlatform(hostPlatform);

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === null ? [] : [variant])].join("/");
}

/** Whether an image built for `offered` is what was asked for; a variant that nobody asked for does not matter. */
export function fits(offered: Platform, wanted: Platform): boolean {
  if (offered.os !== wanted.os || offered.architecture !== wanted.architecture) return false;
  return wanted.variant === null || offered.variant === wanted.variant;
}

/** @param offered what there is instead. */
export function lacksPlatform(name: string, wanted: Platform, offered: readonly string[]): OperatingError {
  const there = [...new Set(offered)].slice(0, 16).join(", ");
  return invalid(`${name} is not there for ${formatPlatform(wanted)}, only for ${there === "" ? "others" : there}`);
}

function notOfThisHost(platform: Platform): OperatingError {
  return invalid(
    `VMs of this host run ${formatPlatform(hostPlatform)} and not ${formatPlatform(platform)}: leave the platform out, or use a host of that kind`,
  );
}

function invalid(message: string): OperatingError {
  return new OperatingError("invalid_platform", message);
}
