import { realpath } from "node:fs/promises";
import { isAbsolute, sep } from "node:path";
import { OperatingError } from "../../errors.ts";
import type { Reference } from "./reference.ts";

/** Where an image's bytes come from, in skopeo's words (containers-transports(5)). */
export interface ImageSource {
  /** `docker://…`, `oci:…`, `oci-archive:…` or `docker-archive:…`. */
  readonly location: string;
  /** Null for files of this host. */
  readonly registry: string | null;
}

export function registrySource(reference: Reference, digest: string | null = reference.digest): ImageSource {
  const { registry, path, tag } = reference;
  const which = digest === null ? `:${tag ?? "latest"}` : `@${digest}`;
  return { location: `docker://${registry}/${path}${which}`, registry };
}

const localPattern = /^(?<transport>oci|oci-archive|docker-archive):(?<path>[^:]*)(?::(?<rest>[\w][\w./:@-]{0,300}))?$/;

/**
 * A file or directory of this host: `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`, `docker-archive:FILE[:NAME:TAG]`.
 * @param allowedDirectory it must lie in there, links followed; null: nothing may be read.
 * @throws OperatingError `invalid_request`, `forbidden`, `not_found`.
 */
export async function localSource(text: string, allowedDirectory: string | null): Promise<ImageSource> {
  const { transport, path, rest } = localPattern.exec(text)?.groups ?? {};
  if (transport === undefined || path === undefined || !isAbsolute(path))
    throw new OperatingError(
      "invalid_request",
      '"source" must be oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME:TAG], with an absolute path without a colon',
    );
  if (allowedDirectory === null)
    throw new OperatingError(
      "forbidden",
      "this server reads no images from its own files: start it with --image-source-dir DIRECTORY",
    );
  const real = await realAllowedPath(path, allowedDirectory);
  return { location: `${transport}:${real}${rest === undefined ? "" : `:${rest}`}`, registry: null };
}

async function realAllowedPath(path: string, allowedDirectory: string): Promise<string> {
  const allowed = await realpath(allowedDirectory).catch(() => allowedDirectory);
  const outside = new OperatingError("forbidden", `this server reads images from ${allowedDirectory} only`);
  const real = await realpath(path).catch((cause: unknown) => {
    // Whether a file outside exists is nobody's business.
    if (!path.startsWith(`${allowedDirectory}${sep}`)) throw outside;
    throw new OperatingError("not_found", `there is no ${path} on this server`, { cause });
  });
  if (real !== allowed && !real.startsWith(`${allowed}${sep}`)) throw outside;
  if (real.includes(":")) throw new OperatingError("invalid_request", "the path must not have a colon in it");
  return real;
}
