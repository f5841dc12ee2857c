import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { randomInt } from "node:crypto";
import type { Readable } from "node:stream";
import { OperatingError } from "../../errors.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import type { Logger } from "../../observability/logger.ts";
import { makeFilesystem } from "./make-filesystem.ts";
import { unpackArchive } from "./unpack-archive.ts";
import type { Volume, VolumeAttachment, VolumeRequest } from "./volume.ts";
import { volumeNameTaken, type VolumeStore } from "./volume-store.ts";

export interface VolumesOptions {
  readonly store: VolumeStore;
  /** One directory for each volume lies in here. */
  readonly directory: string;
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
  readonly #log: Logger;
  /** Names and ids of those in the making, so that two of one name do not both do the work. */
  readonly #making = new Set<string>();

  constructor({ store, directory, log }: VolumesOptions) {
    this.#store = store;
    this.#directory = directory;
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

  attachmentsOf({ id }: Volume): VolumeAttachment[] {
    return this.#store.attachmentsOf(id);
  }

  /** @throws OperatingError `not_found`, `ambiguous`, or `volume_in_use` while an instance has it. */
  async delete(reference: string): Promise<void> {
    const volume = this.find(reference);
    const users = this.#store.attachmentsOf(volume.id).map(({ instanceId }) => instanceId);
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
