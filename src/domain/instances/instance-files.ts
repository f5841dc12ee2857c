/**
 * Who owns which file. Everything of an instance lies in its own directory, by hard link where the content is shared:
 *
 *     instances/ID/
 *       secrets.json          the tokens of its mailboxes (0600; never in the database)
 *       console.log vmm.log   what the guest and the VMM said
 *       agent.sock qmp.sock   while a VMM runs
 *       disk/root             the image's read-only root filesystem
 *       disk/layer-0          the blank disk; then sealed layers, oldest first: never written again
 *       disk/layer-N
 *       disk/overlay          the layer that is written; absent when nothing has run since the last checkpoint
 *       base/                 what the running machine's RAM is mapped from (empty sparse file, or the image it was restored from)
 *       image/                the memory image it rests in while Standby
 *       image.making/         a checkpoint in progress: dropped after a crash
 */
import { chmod, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../../lib/assert.ts";
import { ownFile, type Ownership } from "../../lib/own-file.ts";

export interface InstanceSecrets {
  /** The default token of callers' mailboxes; children have their parent's, since it stands in the memory they share. */
  readonly mailboxToken: string;
  /** The token of `ramet.system`. */
  readonly systemToken: string;
}

export class InstanceFiles {
  readonly directory: string;

  constructor(instancesDirectory: string, instanceId: string) {
    this.directory = join(instancesDirectory, instanceId);
  }

  get imageDirectory(): string {
    return join(this.directory, "image");
  }

  get imageInProgressDirectory(): string {
    return join(this.directory, "image.making");
  }

  get baseDirectory(): string {
    return join(this.directory, "base");
  }

  get rootDiskPath(): string {
    return join(this.directory, "disk/root");
  }

  /** The blank disk that every writable disk starts from. */
  get firstLayerPath(): string {
    return join(this.directory, "disk/layer-0");
  }

  get overlayPath(): string {
    return join(this.directory, "disk/overlay");
  }

  logPath(source: "app" | "vmm"): string {
    return join(this.directory, source === "app" ? "console.log" : "vmm.log");
  }

  /** Makes the directories, closed to others. */
  async make(): Promise<void> {
    await mkdir(join(this.directory, "disk"), { recursive: true, mode: 0o700 });
    await chmod(this.directory, 0o700);
  }

  /** Removes everything; what others own by their own links stays theirs. */
  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  async writeSecrets(secrets: InstanceSecrets): Promise<void> {
    await writeFile(join(this.directory, "secrets.json"), JSON.stringify(secrets), { mode: 0o600, flag: "wx" });
  }

  async readSecrets(): Promise<InstanceSecrets> {
    return JSON.parse(await readFile(join(this.directory, "secrets.json"), "utf8")) as InstanceSecrets;
  }

  /** The sealed layers, oldest first. */
  async sealedLayers(): Promise<string[]> {
    const names = (await readdir(join(this.directory, "disk"))).filter((name) => name.startsWith("layer-"));
    const numbers = names.map((name) => Number(name.slice("layer-".length))).sort((a, b) => a - b);
    numbers.forEach((number, index) => {
      assert(number === index, "disk layers are numbered without a gap");
    });
    return numbers.map((number) => join(this.directory, `disk/layer-${number}`));
  }

  /** Makes the overlay a sealed layer: from here on nobody writes it. Does nothing when there is no overlay. */
  async sealOverlay(): Promise<void> {
    const sealed = await this.sealedLayers();
    try {
      await rename(this.overlayPath, join(this.directory, `disk/layer-${sealed.length}`));
    } catch (failure) {
      if (!(failure instanceof Error && "code" in failure && failure.code === "ENOENT")) throw failure;
    }
  }

  /** The image becomes what the running machine's RAM is mapped from: it is no longer rested in, and the next image differs from it. */
  async turnImageIntoBase(): Promise<void> {
    await rm(this.baseDirectory, { recursive: true, force: true });
    await rename(this.imageDirectory, this.baseDirectory);
  }

  /** Drops what a machine wrote since its disk was sealed. */
  async dropOverlay(): Promise<void> {
    await rm(this.overlayPath, { force: true });
  }

  /** Takes own links of another instance's root and sealed layers, and its secrets. */
  async ownDisksOf(parent: InstanceFiles): Promise<Ownership[]> {
    const ways = [await ownFile(parent.rootDiskPath, this.rootDiskPath)];
    for (const [index, layer] of (await parent.sealedLayers()).entries()) {
      ways.push(await ownFile(layer, join(this.directory, `disk/layer-${index}`)));
    }
    await this.writeSecrets(await parent.readSecrets());
    return ways;
  }
}
