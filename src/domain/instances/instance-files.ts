/**
 * Small files are made and read at once, without a trip through the thread pool, which takes several times as long as they do: a fork has a
 * dozen of them. What grows with its content is waited for.
 *
 * Who owns which file. Everything of an instance lies in its own directory, by hard link where the content is shared:
 *
 *     instances/ID/
 *       secrets.json          the tokens of its mailboxes (0600; never in the database)
 *       console.log vmm.log   what the guest and the VMM said
 *       operations.log        what was done to it: see operation-log.ts
 *       agent.sock qmp.sock writes.sock   while a VMM runs
 *       disk/root             the image's read-only root filesystem
 *       disk/layer-0          the blank disk, of its size: see blank-disk.ts
 *       disk/layer-1 … N      sealed layers, oldest first: read-only files (0400) that nobody writes again; the last one may be
 *                             the overlay (0600), which the machine writes; without one, nothing has run since the last checkpoint.
 *                             Some numbers are missing: a layer that stands in for those before it has the last one's
 *       volumes/N             the volume in this place of the machine: a link of its own (0400 in effect: only one that is
 *                             attached for writing is written)
 *       base/                 what the running machine's RAM is mapped from (empty sparse file, or the image it was restored from)
 *       image/                the memory image it rests in while Standby
 *       image.making/         a checkpoint in progress: dropped after a crash
 *       image.whole/          a layered image that becomes whole: dropped after a crash
 *     instances/ID.flattening/   a merged layer in the making, see checkpoints/flatten-disk.ts: dropped after a crash
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../../lib/assert.ts";
import { removeBeside } from "../../lib/remove-beside.ts";
import { ownFile, type Ownership } from "../../lib/own-file.ts";
import { turnedPath } from "../history/operation-log.ts";

export interface InstanceSecrets {
  /** The default token of callers' mailboxes; children have their parent's, since it stands in the memory they share. */
  readonly mailboxToken: string;
  /** The token of `ramet.system`. */
  readonly systemToken: string;
}

export interface DiskLayers {
  /** Oldest first; the blank one is among them. */
  readonly sealed: readonly string[];
  /** What the machine writes; null when nothing has run since the last checkpoint. */
  readonly overlay: string | null;
  /** Where the next overlay goes. */
  readonly nextPath: string;
}

/** What a layered memory image has beside a whole one's files: see checkpoints/memory-image.ts. */
export const ownPagesNames: readonly string[] = ["own-memory", "own-pages", "own-frames"];

const layerPrefix = "layer-";
const ownerMayWrite = 0o200;

export class InstanceFiles {
  readonly directory: string;

  /** @param directory of one instance, or of a snapshot, which has the same form. */
  constructor(directory: string) {
    this.directory = directory;
  }

  get imageDirectory(): string {
    return join(this.directory, "image");
  }

  get imageInProgressDirectory(): string {
    return join(this.directory, "image.making");
  }

  get imageBecomingWholeDirectory(): string {
    return join(this.directory, "image.whole");
  }

  get baseDirectory(): string {
    return join(this.directory, "base");
  }

  get diskDirectory(): string {
    return join(this.directory, "disk");
  }

  /** Beside the instance's own, so that nobody who removes or replaces that has to wait. */
  get flatteningDirectory(): string {
    return `${this.directory}.flattening`;
  }

  get rootDiskPath(): string {
    return join(this.directory, "disk/root");
  }

  /** Where the volumes' disks lie, each named by its place. */
  get volumesDirectory(): string {
    return join(this.directory, "volumes");
  }

  /** The disks of the volumes, in their order. */
  volumePaths(): string[] {
    if (!existsSync(this.volumesDirectory)) return [];
    return readdirSync(this.volumesDirectory).map((_, place) => this.volumePath(place));
  }

  volumePath(place: number): string {
    return join(this.volumesDirectory, String(place));
  }

  /** The blank disk that the writable one starts from. */
  get firstLayerPath(): string {
    return this.layerPath(0);
  }

  logPath(source: "app" | "vmm"): string {
    return join(this.directory, source === "app" ? "console.log" : "vmm.log");
  }

  get operationLogPath(): string {
    return join(this.directory, "operations.log");
  }

  /** What tells the instance's whole life; those that are not there yet too. */
  get logPaths(): string[] {
    return [this.logPath("app"), this.logPath("vmm"), this.operationLogPath, turnedPath(this.operationLogPath)];
  }

  /** Makes the directories, closed to others. */
  make(): void {
    mkdirSync(this.diskDirectory, { recursive: true, mode: 0o700 });
    chmodSync(this.directory, 0o700);
  }

  /** Removes everything; what others own by their own links stays theirs. */
  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  writeSecrets(secrets: InstanceSecrets): void {
    writeFileSync(join(this.directory, "secrets.json"), JSON.stringify(secrets), { mode: 0o600, flag: "wx" });
  }

  readSecrets(): InstanceSecrets {
    return JSON.parse(readFileSync(join(this.directory, "secrets.json"), "utf8")) as InstanceSecrets;
  }

  /** The layers of the writable disk. Sealing changes a file's mode and never its name: QEMU opens it by name again. */
  diskLayers(): Promise<DiskLayers> {
    return Promise.resolve().then(() => this.diskLayersNow());
  }

  /** The same for a caller whom nothing may come between. */
  diskLayersNow(): DiskLayers {
    const numbers = this.#layerNumbers();
    const lastNumber = numbers.at(-1);
    assert(numbers[0] === 0 && lastNumber !== undefined, "a disk has its blank layer");
    const paths = numbers.map((number) => this.layerPath(number));
    const last = this.layerPath(lastNumber);
    const hasOverlay = paths.length > 1 && (statSync(last).mode & ownerMayWrite) !== 0;
    return {
      sealed: hasOverlay ? paths.slice(0, -1) : paths,
      overlay: hasOverlay ? last : null,
      nextPath: this.layerPath(lastNumber + 1),
    };
  }

  /** Makes the overlay a sealed layer: from here on nobody writes it. Does nothing when there is no overlay. */
  async sealOverlay(): Promise<void> {
    const { overlay } = await this.diskLayers();
    if (overlay !== null) await chmod(overlay, 0o400);
  }

  /** Drops what a machine wrote since its disk was sealed. */
  async dropOverlay(): Promise<void> {
    const { overlay } = await this.diskLayers();
    if (overlay !== null) await rm(overlay);
  }

  /** The image becomes what the running machine's RAM is mapped from: it is no longer rested in, and the next image differs from it. */
  async turnImageIntoBase(): Promise<void> {
    if (existsSync(this.baseDirectory)) await rm(this.baseDirectory, { recursive: true, force: true });
    renameSync(this.imageDirectory, this.baseDirectory);
  }

  /** The opposite, for one that never got beyond that; does nothing when there is an image. */
  turnBaseBackIntoImage(): void {
    const isOne = (directory: string): boolean => existsSync(join(directory, "manifest.json"));
    if (!isOne(this.imageDirectory) && isOne(this.baseDirectory)) renameSync(this.baseDirectory, this.imageDirectory);
  }

  /** What lay over a layered image is in the memory of the machine that was restored from it. */
  dropOwnPagesOfBase(): void {
    removeBeside(ownPagesNames.map((name) => join(this.baseDirectory, name)));
  }

  /** What a crash left of an image that was becoming whole. */
  async sweepImages(): Promise<void> {
    await rm(this.imageBecomingWholeDirectory, { recursive: true, force: true });
  }

  /** Takes own links of another instance's root, sealed layers and volumes, and its secrets. */
  async ownDisksOf(parent: InstanceFiles): Promise<Ownership[]> {
    const ways = [await ownFile(parent.rootDiskPath, this.rootDiskPath)];
    const { sealed } = await parent.diskLayers();
    for (const [index, layer] of sealed.entries()) ways.push(await ownFile(layer, this.layerPath(index)));
    const volumes = parent.volumePaths();
    if (volumes.length > 0) mkdirSync(this.volumesDirectory, { mode: 0o700 });
    for (const [place, path] of volumes.entries()) ways.push(await ownFile(path, this.volumePath(place)));
    this.writeSecrets(parent.readSecrets());
    return ways;
  }

  /** Where the layer of this number lies, if there is one. */
  layerPath(number: number): string {
    return join(this.diskDirectory, `${layerPrefix}${String(number)}`);
  }

  #layerNumbers(): number[] {
    const names = readdirSync(this.diskDirectory).filter((name) => name.startsWith(layerPrefix));
    return names.map((name) => Number(name.slice(layerPrefix.length))).sort((left, right) => left - right);
  }
}
