import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { digestFile } from "../../lib/digest-file.ts";
import { ownFile } from "../../lib/own-file.ts";
import { plainRunConfig, type Image } from "./image.ts";
import { formatPlatform, hostPlatform } from "./platform.ts";

const builtin = {
  name: "ramet/base",
  root: "guest/images/ramet-base.erofs",
} as const;

export interface BuiltinImage extends Image {
  readonly sizeBytes: number;
  readonly createdAt: string;
}

/** Whether a name, as a caller writes it, is the built-in image's. */
export function isBuiltin(name: string): boolean {
  return name.replace(/:latest$/, "") === builtin.name;
}

/**
 * Takes the built-in image into the data directory, so that instances can link its files: again when set-up has built another one.
 * Instances of the former one keep their own links.
 * @param buildDirectory what set-up built.
 */
export async function openBuiltinImage(imagesDirectory: string, buildDirectory: string): Promise<BuiltinImage> {
  const directory = join(imagesDirectory, builtin.name.replace("/", "-"));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const rootPath = await take(join(buildDirectory, builtin.root), join(directory, "root"));
  const { size: sizeBytes, mtime } = await stat(rootPath);
  return {
    ...plainRunConfig,
    name: builtin.name,
    digest: `sha256:${await digestFile(rootPath)}`,
    platform: formatPlatform(hostPlatform),
    rootPath,
    sizeBytes,
    createdAt: mtime.toISOString(),
  };
}

/** Makes `target` the content of `source`, unless it is that already. */
async function take(source: string, target: string): Promise<string> {
  const { dev, ino, size, mtimeMs } = await stat(source).catch((cause: unknown) => {
    throw new Error(`${source} is missing: run ./ramet setup`, { cause });
  });
  const identity = JSON.stringify({ dev, ino, size, mtimeMs });
  if ((await readFile(`${target}.source`, "utf8").catch(() => "")) === identity) return target;
  await rm(`${target}.making`, { force: true });
  await ownFile(source, `${target}.making`);
  await rename(`${target}.making`, target);
  await writeFile(`${target}.source`, identity, { mode: 0o600 });
  return target;
}
