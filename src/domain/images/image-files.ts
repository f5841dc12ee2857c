/**
 * Who owns which file:
 *
 *     images/
 *       ramet-base/       the built-in image: see builtin-image.ts
 *       blobs/sha256/HEX  manifests, configs and layers, shared by all pulls; a blob has its name when it is whole
 *       roots/HEX         a root filesystem (0400), by the digest of its manifest; instances have links of their own
 *       making/HEX/       one pull in progress: layout/, tree/, root, auth.json (0600); gone after a crash
 *       making/look-…/    a look at a registry
 */
import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { join } from "node:path";

export class ImageFiles {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  get blobsDirectory(): string {
    return join(this.directory, "blobs");
  }

  get rootsDirectory(): string {
    return join(this.directory, "roots");
  }

  get makingDirectory(): string {
    return join(this.directory, "making");
  }

  blobPath(digest: string): string {
    return join(this.blobsDirectory, "sha256", hexOf(digest));
  }

  rootPath(digest: string): string {
    return join(this.rootsDirectory, hexOf(digest));
  }

  pullDirectory(digest: string): string {
    return join(this.makingDirectory, hexOf(digest));
  }

  /** Makes the directories, closed to others. */
  async make(): Promise<void> {
    for (const directory of [join(this.blobsDirectory, "sha256"), this.rootsDirectory, this.makingDirectory])
      await mkdir(directory, { recursive: true, mode: 0o700 });
  }

  /** A directory for one look at a registry. */
  makeLook(): Promise<string> {
    return mkdtemp(join(this.makingDirectory, "look-"));
  }

  /** The empty OCI layout of a pull, whose blobs are everybody's. */
  async makeLayout(digest: string): Promise<string> {
    const directory = this.pullDirectory(digest);
    await rm(directory, { recursive: true, force: true });
    const layout = join(directory, "layout");
    await mkdir(layout, { recursive: true, mode: 0o700 });
    await symlink(this.blobsDirectory, join(layout, "blobs"));
    return layout;
  }

  readBlob(digest: string): Promise<Buffer> {
    return readFile(this.blobPath(digest));
  }
}

export function hexOf(digest: string): string {
  return digest.slice(digest.indexOf(":") + 1);
}
