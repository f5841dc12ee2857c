import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { OperatingError } from "../../errors.ts";
import type { ImageSource } from "./image-source.ts";

/** A caller's own right to one registry, borrowed for one pull: in memory and in a file of mode 0600 while it runs, nowhere else. */
export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}

/** What an operator says of registries. */
export interface RegistrySettings {
  /** Docker's config.json or containers-auth.json(5); null: where skopeo looks by itself. */
  readonly authFile: string | null;
  /** `HOST[:PORT]` of registries that may speak plain HTTP, or show a certificate that nobody vouches for. */
  readonly insecure: readonly string[];
}

/**
 * The arguments that let skopeo into the source's registry. A password never is one: it goes into a file in `directory`, which is
 * removed with that.
 * @param prefix of the two options: `--src-` for a copy, `--` for a look.
 */
export async function accessArguments(
  settings: RegistrySettings,
  source: ImageSource,
  credentials: RegistryCredentials | null,
  directory: string,
  prefix: "--" | "--src-",
): Promise<string[]> {
  if (source.registry === null) {
    if (credentials === null) return [];
    throw new OperatingError("invalid_request", 'a file of the server takes no "credentials"');
  }
  const authFile =
    credentials === null ? settings.authFile : await writeAuthFile(directory, source.registry, credentials);
  return [
    ...(authFile === null ? [] : [`${prefix}authfile`, authFile]),
    ...(settings.insecure.includes(source.registry) ? [`${prefix}tls-verify=false`] : []),
  ];
}

/** containers-auth.json(5). */
async function writeAuthFile(
  directory: string,
  registry: string,
  { username, password }: RegistryCredentials,
): Promise<string> {
  const path = join(directory, "auth.json");
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  await writeFile(path, JSON.stringify({ auths: { [registry]: { auth } } }), { mode: 0o600 });
  return path;
}

/** Where containers-policy.json(5) may stand. Without one skopeo takes nothing at all; with one it is the operator's word. */
export function policyArguments(): string[] {
  const places = [join(homedir(), ".config/containers/policy.json"), "/etc/containers/policy.json"];
  return places.some((path) => existsSync(path)) ? [] : ["--insecure-policy"];
}
