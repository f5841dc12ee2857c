import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { randomInt } from "node:crypto";
import type { Readable } from "node:stream";
import { OperatingError } from "../../errors.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import type { Logger } from "../../observability/logger.ts";
import type { MachineVolume } from "../../hypervisors/driver.ts";
import { assert } from "../../lib/assert.ts";
import { ownFile } from "../../lib/own-file.ts";
import { makeFilesystem } from "./make-filesystem.ts";
import { replayJournal, unshare } from "./prepare-disk.ts";
import { unpackArchive } from "./unpack-archive.ts";
import type { Volume, VolumeAttachment, VolumeRequest } from "./volume.ts";
import { volumeNameTaken, type VolumeStore } from "./volume-store.ts";

export interface VolumesOptions {
  readonly store: VolumeStore;
  /** One directory for each volume lies in here. */
  readonly directory: string;
  /** Who has the volume, from the rows of the instances. */
  readonly attachmentsOf: (volumeId: string) => readonly VolumeAttachment[];
  readonly log: Logger;
}

/**
 * All volumes of a server.
 *
 *     volumes/ID.making/   a volume in the making: content/ (what the archive holds), disk; dropped after a crash
 *     volumes/ID/disk      the filesystem
 */
export class Volumes {
  readonly #store: VolumeStore;
  readonly #directory: string;
  readonly #attachmentsOf: VolumesOptions["attachmentsOf"];
  readonly #log: Logger;
  /** By volume: the end of what is being done to its disk. */
  readonly #turns = new Map<string, Promise<unknown>>();
  /** Names and ids of those in the making, so that two of one name do not both do the work. */
  readonly #making = new Set<string>();

  constructor({ store, directory, attachmentsOf, log }: VolumesOptions) {
    this.#store = store;
    this.#directory = directory;
    this.#attachmentsOf = attachmentsOf;
    this.#log = log;
  }

  /** At start: makes the directory and removes what no row owns. */
  async open(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#directory)) {
      if (this.#store.get(name) === null) await rm(join(this.#directory, name), { recursive: true, force: true });
    }
  }

  /**
   * Makes an empty volume.
   * @throws OperatingError `name_conflict`, `insufficient_resources`; nothing is left then, as of the next.
   */
  async create(request: VolumeRequest, signal: AbortSignal): Promise<Volume> {
    return await this.#make(request, null, signal);
  }

  /** Makes a volume that holds what a tar.gz archive holds. @throws OperatingError also `invalid_request` for the archive. */
  async createFromArchive(request: VolumeRequest, archive: Readable, signal: AbortSignal): Promise<Volume> {
    return await this.#make(request, archive, signal);
  }

  /** @throws OperatingError `not_found`, or `ambiguous`. */
  find(reference: string): Volume {
    const exact = this.#store.get(reference) ?? this.#store.getByName(reference);
    if (exact !== null) return exact;
    const [first, second] = reference === "" ? [] : this.#store.findByIdPrefix(reference);
    if (first === undefined)
      throw new OperatingError(
        "not_found",
        "there is no volume with this id, name or id prefix: list them with GET /volumes",
      );
    if (second !== undefined)
      throw new OperatingError("ambiguous", "several volumes' ids begin so: give more of the id");
    return first;
  }

  /** Oldest first. @param tags all of them must be there, with these values. */
  list(tags: Readonly<Record<string, string>> = {}): Volume[] {
    const wanted = Object.entries(tags);
    return this.#store
      .list()
      .filter((volume) =>
        wanted.every(([key, value]) => Object.hasOwn(volume.tags, key) && volume.tags[key] === value),
      );
  }

  attachmentsOf({ id }: Volume): readonly VolumeAttachment[] {
    return this.#attachmentsOf(id);
  }

  /**
   * That a further instance may have it so; to be asked in the same moment in which that instance's row is stored.
   * @throws OperatingError `not_found`, or `volume_in_use` when somebody writes it, or this one would and others have it.
   */
  assertAttachable({ volumeId, mode }: MachineVolume): void {
    const volume = this.#store.get(volumeId);
    if (volume === null) throw new OperatingError("not_found", "the volume was deleted meanwhile");
    const others = this.#attachmentsOf(volumeId).filter(
      (other) => mode === "read_write" || other.mode === "read_write",
    );
    if (others.length === 0) return;
    const instances = others.map(({ instanceId }) => instanceId);
    const message = `volume ${volume.name} is attached to ${instances.join(", ")}: one that is written belongs to one instance alone`;
    throw new OperatingError("volume_in_use", message, { details: { instances } });
  }

  /**
   * Gives an instance that has been stored with the volume a link to its disk. One that is to be written is first made this volume's alone: what
   * a snapshot holds of it stays as it was. One that is to be read only is first brought to rest, when whoever wrote it was cut off.
   */
  async lend({ volumeId, mode }: MachineVolume, path: string): Promise<void> {
    await this.#inTurn(volumeId, async () => {
      const disk = this.diskPath(volumeId);
      if (mode === "read_write") await unshare(disk);
      else await replayJournal(disk);
      const way = await ownFile(disk, path);
      assert(way === "link" || mode !== "read_write", "what is written is the volume itself");
    });
  }

  /** @throws OperatingError `not_found`, `ambiguous`, or `volume_in_use` while an instance has it. */
  async delete(reference: string): Promise<void> {
    const volume = this.find(reference);
    const users = this.#attachmentsOf(volume.id).map(({ instanceId }) => instanceId);
    if (users.length > 0) {
      const message = `volume ${volume.name} is attached to ${users.join(", ")}: delete what has it first`;
      throw new OperatingError("volume_in_use", message, { details: { instances: users } });
    }
    this.#store.remove(volume.id);
    await rm(join(this.#directory, volume.id), { recursive: true, force: true });
    this.#log.info({ volumeId: volume.id }, "volume.deleted");
  }

  /** The filesystem's file. */
  diskPath(volumeId: string): string {
    return join(this.#directory, volumeId, "disk");
  }

  async #make(request: VolumeRequest, archive: Readable | null, signal: AbortSignal): Promise<Volume> {
    const { name, sizeBytes, tags } = request;
    const id = request.id ?? newVolumeId();
    using _ = this.#claim(id, name);
    const making = join(this.#directory, `${id}.making`);
    await using undo = new UndoStack();
    undo.push(() => rm(making, { recursive: true, force: true }));
    await mkdir(making, { mode: 0o700 });
    const content = archive === null ? null : join(making, "content");
    if (archive !== null && content !== null) {
      await mkdir(content, { mode: 0o755 });
      await unpackArchive(archive, content, sizeBytes, signal);
    }
    await makeFilesystem(join(making, "disk"), sizeBytes, content, signal);
    if (content !== null) await rm(content, { recursive: true });
    signal.throwIfAborted();
    const directory = join(this.#directory, id);
    await rename(making, directory);
    undo.push(() => rm(directory, { recursive: true, force: true }));
    const volume: Volume = { id, name, sizeBytes, tags, createdAt: new Date().toISOString() };
    this.#store.insert(volume);
    undo.commit();
    this.#log.info({ volumeId: id, sizeBytes }, "volume.created");
    return volume;
  }

  async #inTurn(volumeId: string, work: () => Promise<void>): Promise<void> {
    const mine = (this.#turns.get(volumeId) ?? Promise.resolve()).then(work);
    // Whoever comes next waits for the end of this, not for its success.
    const end = mine.catch(() => undefined);
    this.#turns.set(volumeId, end);
    try {
      await mine;
    } finally {
      if (this.#turns.get(volumeId) === end) this.#turns.delete(volumeId);
    }
  }

  /** Until the result is disposed of, nobody else makes one of that id or name. */
  #claim(id: string, name: string): Disposable {
    const isTaken = [this.#store.get(id), this.#store.getByName(name)].some((volume) => volume !== null);
    const keys = [`id ${id}`, `name ${name}`];
    if (isTaken || keys.some((key) => this.#making.has(key)) || existsSync(join(this.#directory, id)))
      throw volumeNameTaken(name);
    for (const key of keys) this.#making.add(key);
    return {
      [Symbol.dispose]: () => {
        for (const key of keys) this.#making.delete(key);
      },
    };
  }
}

const idAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

/** 24 characters, the first a letter, as instances have them. */
function newVolumeId(): string {
  return Array.from({ length: 24 }, (_, index) => idAlphabet[randomInt(index === 0 ? 26 : idAlphabet.length)]).join("");
}
