/**
 * The peer: QEMU's own snapshots, internal to a qcow2 file, on the same guest. RAM goes through QEMU into the file and back:
 *
 *     Ramet's image ──restore──► QEMU ──snapshot-save──► overlay.qcow2 [RAM, devices, disk]
 *                                  ▲                            │
 *                                  └──────snapshot-load─────────┘   in a QEMU that is started for it
 *
 * It restores that one machine. A second one at the same time would need a copy of the whole file, which is not measured.
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../../src/lib/assert.ts";
import { bareArguments, endQemu, spawnQemu, type BareParent } from "./bare-qemu.ts";
import type { RestoringPeer } from "./peer.ts";
import { QmpScript } from "./qmp-script.ts";

const tag = "saved";
const nodes = { tag, vmstate: "disk", devices: ["disk"] };

/** Restores the parent once from Ramet's image, and saves it its own way. */
export async function openSavevm(parent: BareParent): Promise<RestoringPeer> {
  const directory = join(parent.directory, "savevm");
  await mkdir(directory);
  await copyFile(parent.emptyOverlay, join(directory, "overlay"));
  const peer = new Savevm(parent, directory);
  await peer.begin();
  return peer;
}

class Savevm implements RestoringPeer {
  readonly name = "QEMU's snapshot-load";
  readonly #parent: BareParent;
  readonly #directory: string;
  #qemu: ChildProcess | null = null;
  #script: QmpScript | null = null;
  #isSaved = false;

  constructor(parent: BareParent, directory: string) {
    this.#parent = parent;
    this.#directory = directory;
  }

  async begin(): Promise<void> {
    const qemu = await spawnQemu(bareArguments(this.#parent, this.#directory), this.#parent, this.#directory);
    this.#qemu = qemu;
    this.#script = await QmpScript.open(qemu);
    const { status } = (await this.#script.execute("query-status")) as { readonly status: string };
    if (status === "inmigrate") await this.#script.event("MIGRATION", (data) => data["status"] === "completed");
    await this.#letGo(this.#script);
    await this.save();
  }

  async restore(): Promise<number> {
    assert(this.#qemu === null, "a saved machine does not run");
    const args = bareArguments(this.#parent, this.#directory).flatMap(asFresh);
    const startedAt = performance.now();
    this.#qemu = await spawnQemu(args, this.#parent, this.#directory);
    this.#script = await QmpScript.open(this.#qemu);
    await this.#script.job("snapshot-load", nodes);
    await this.#letGo(this.#script);
    return performance.now() - startedAt;
  }

  async save(): Promise<number> {
    assert(this.#qemu !== null && this.#script !== null, "a machine runs before it is saved");
    if (this.#isSaved) await this.#script.job("snapshot-delete", { tag, devices: nodes.devices });
    const startedAt = performance.now();
    await this.#script.job("snapshot-save", nodes);
    const exited = once(this.#qemu, "exit");
    await this.#script.execute("quit");
    await exited;
    const ms = performance.now() - startedAt;
    this.#isSaved = true;
    this.#qemu = null;
    return ms;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#qemu !== null) await endQemu(this.#qemu);
    await rm(this.#directory, { recursive: true });
  }

  async #letGo(script: QmpScript): Promise<void> {
    await script.execute("cont");
    await script.event("RESUME");
  }
}

/** Nothing comes in, and RAM is plain: what a script would write that has no image to map. */
function asFresh(argument: string, index: number, args: readonly string[]): string[] {
  if (argument === "-incoming" || args[index - 1] === "-incoming") return [];
  if (!argument.includes('"memory-backend-file"')) return [argument];
  const { id, size } = JSON.parse(argument) as { readonly id: string; readonly size: number };
  return [JSON.stringify({ "qom-type": "memory-backend-ram", id, size })];
}
