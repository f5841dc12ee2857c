import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultDataDirectory, type Environment } from "./data-directory.ts";
import { RametSettingsError } from "./errors.ts";

export const defaultUrl = "http://127.0.0.1:7263";

export interface ServerOptions {
  readonly url?: string | undefined;
  readonly dataDir?: string | undefined;
}

export interface FoundServer {
  readonly url: string;
  readonly token: string | undefined;
}

/**
 * Which server is meant, and its token. The URL: `url`, RAMET_URL, what the server on this machine wrote into its data directory,
 * or the default. The token: RAMET_TOKEN, RAMET_TOKEN_FILE, or the data directory's; the last is a secret of this machine and is
 * given to no URL that leads elsewhere.
 * @throws RametSettingsError when the URL is none, or a file that was named cannot be read.
 */
export async function findServer(options: ServerOptions, env: Environment): Promise<FoundServer> {
  const dataDirectory = options.dataDir ?? nonEmpty(env["RAMET_DATA_DIR"]) ?? defaultDataDirectory(env);
  // A data directory that was named means its server, whatever the environment says.
  const named = options.url ?? (options.dataDir === undefined ? nonEmpty(env["RAMET_URL"]) : undefined);
  const announced = named === undefined ? await announcedUrl(dataDirectory) : undefined;
  const url = checkedUrl(named ?? announced ?? defaultUrl);
  return { url, token: await findToken(env, dataDirectory, announced !== undefined || isLoopback(url)) };
}

async function announcedUrl(dataDirectory: string): Promise<string | undefined> {
  const path = join(dataDirectory, "server.json");
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  const url = urlIn(text);
  if (url === undefined) throw new RametSettingsError(`${path} holds no url: remove it, or give the URL`);
  return url;
}

function urlIn(text: string): string | undefined {
  try {
    const server = JSON.parse(text) as { url?: unknown } | null;
    return typeof server?.url === "string" ? server.url : undefined;
  } catch {
    return undefined;
  }
}

async function findToken(env: Environment, dataDirectory: string, isOurs: boolean): Promise<string | undefined> {
  const given = nonEmpty(env["RAMET_TOKEN"]);
  if (given !== undefined) return checkedToken(given, "RAMET_TOKEN");
  const file = nonEmpty(env["RAMET_TOKEN_FILE"]);
  if (file !== undefined) {
    const text = await readIfThere(file);
    if (text === undefined) throw new RametSettingsError(`RAMET_TOKEN_FILE names a file that is not there: ${file}`);
    return checkedToken(text, "RAMET_TOKEN_FILE");
  }
  const path = join(dataDirectory, "token");
  const text = isOurs ? await readIfThere(path) : undefined;
  return text === undefined ? undefined : checkedToken(text, path);
}

/** A token travels in a header, where only visible ASCII may stand (RFC 6750, section 2.1). */
function checkedToken(text: string, source: string): string {
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new RametSettingsError(`${source} holds no token: one line of visible ASCII is expected`);
  return token;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new RametSettingsError(`cannot read ${path} (${String(code)}): run as the user that the server runs as`, {
      cause: error,
    });
  }
}

function checkedUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw new RametSettingsError(`not an http URL: ${text} (expected such as ${defaultUrl})`);
  }
  return url.href.replace(/\/$/, "");
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}
