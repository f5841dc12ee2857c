import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OperatingError } from "../../errors.ts";
import { ownFile } from "../../lib/own-file.ts";

/** A root filesystem and what it runs when nobody says otherwise. */
export interface Image {
  readonly name: string;
  /** Read-only root filesystem; instances take links of it. */
  readonly rootPath: string;
  /** Empty ext4 that every writable disk starts from. */
  readonly blankDiskPath: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
}

const builtin = {
  name: "ramet/base",
  files: { root: "guest/images/ramet-base.erofs", blank: "guest/blank-10g.ext4" },
} as const;

export class ImageStore {
  readonly #images: ReadonlyMap<string, Image>;

  constructor(images: readonly Image[]) {
    this.#images = new Map(images.map((image) => [image.name, image]));
  }

  /**
   * Takes the built-in image into the data directory, so that instances can link its files: again when set-up has built another one.
   * Instances of the former one keep their own links.
   * @param buildDirectory what set-up built.
   */
  static async open(imagesDirectory: string, buildDirectory: string): Promise<ImageStore> {
    const directory = join(imagesDirectory, builtin.name.replace("/", "-"));
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const rootPath = await take(join(buildDirectory, builtin.files.root), join(directory, "root"));
    const blankDiskPath = await take(join(buildDirectory, builtin.files.blank), join(directory, "blank"));
    return new ImageStore([{ name: builtin.name, rootPath, blankDiskPath, entrypoint: [], cmd: [] }]);
  }

  /** @throws OperatingError `not_found` that lists what there is. */
  get(reference: string): Image {
    const image = this.#images.get(reference.replace(/:latest$/, ""));
    if (image !== undefined) return image;
    throw new OperatingError(
      "not_found",
      `there is no image ${reference}: there is ${[...this.#images.keys()].join(", ")}`,
    );
  }
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
