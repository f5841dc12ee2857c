/** A guest that keeps a text on its disk and in its RAM, and one that is checkpointed while it goes on; for the suites of a driver. */
import assert from "node:assert/strict";
import { chmod, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import type { AgentClient } from "../../src/guest/agent-client.ts";
import type { MachineFiles, PausedMachine, RunningMachine } from "../../src/hypervisors/driver.ts";
import { captureMemory } from "../../src/memory/capture.ts";
import type { ImagePaths } from "../../src/memory/image-reader.ts";
import { openFilesOf } from "../vm/host.ts";
import { limitMs, type Bench } from "./bench.ts";

const onDisk = "/kept";
const inRam = "/run/kept";

export interface LiveImage {
  readonly memory: ImagePaths;
  readonly statePath: string;
  /** The sealed disk; in which directory its files lay when it was sealed. */
  readonly layers: readonly string[];
  readonly directory: string;
}

/** A configured guest that keeps a text on its disk and in its RAM. */
export class Guest {
  readonly bench: Bench;
  readonly agent: AgentClient;
  machine: RunningMachine;

  constructor(bench: Bench, machine: RunningMachine, agent: AgentClient) {
    this.bench = bench;
    this.machine = machine;
    this.agent = agent;
  }

  async store(kept: string): Promise<void> {
    for (const path of [onDisk, inRam]) await this.#run(this.bench.subject.programs.store(path, kept));
  }

  async fetch(): Promise<{ readonly onDisk: string; readonly inRam: string }> {
    const { fetch } = this.bench.subject.programs;
    return { onDisk: await this.#run(fetch(onDisk)), inRam: await this.#run(fetch(inRam)) };
  }

  /** Keeps a text in a file of its own on the disk. */
  async keep(path: string, kept: string): Promise<void> {
    await this.#run(this.bench.subject.programs.store(path, kept));
  }

  /** From now on it writes its RAM all the time, without a word to the host. */
  async writeOnAndOn(): Promise<void> {
    const { writeOnAndOn } = this.bench.subject.programs;
    if (writeOnAndOn !== undefined) await this.#run(writeOnAndOn);
  }

  async read(path: string): Promise<string> {
    return (await this.#run(this.bench.subject.programs.fetch(path))).trim();
  }

  async #run(argv: readonly string[]): Promise<string> {
    const request = { argv, env: {}, cwd: null, tty: null, timeoutMs: null };
    const session = await this.agent.exec(request, { timeoutMs: limitMs, signal: this.bench.signal });
    session.stdin.end();
    const [stdout, stderr, exit] = await Promise.all([text(session.stdout), text(session.stderr), session.exited]);
    assert.equal(exit.exitCode, 0, `${argv.join(" ")}: ${stderr}`);
    return stdout;
  }
}

export class Parent extends Guest {
  files: MachineFiles;

  constructor(bench: Bench, machine: RunningMachine, agent: AgentClient, files: MachineFiles) {
    super(bench, machine, agent);
    this.files = files;
  }

  static async start(bench: Bench): Promise<Parent> {
    const { machine, files } = await bench.restoreWithFiles();
    const running = await machine.resume(bench.signal);
    const agent = await bench.agentOf(running);
    await agent.configure(configuration, { timeoutMs: limitMs, signal: bench.signal });
    return new Parent(bench, running, agent, files);
  }

  /** Everything in one pause, and the guest goes on, on the agent connection that it had. */
  async checkpoint(): Promise<LiveImage> {
    const { bench, files } = this;
    const layers = files.writableDiskLayers;
    const name = `live-${String(layers.length)}-${String(nextImage++)}`;
    const image = { memory: bench.imagePaths(name), statePath: join(bench.directory, `${name}-state`) };
    const overlay = join(files.directory, `overlay-${String(nextImage)}`);
    await bench.driver.createDiskOverlay(overlay, bench.subject.diskBytes);
    const paused = await this.machine.pause(bench.signal);
    await paused.saveDeviceState(image.statePath, { willResume: true }, bench.signal);
    await this.#capture(paused, image.memory);
    await paused.sealDisk(overlay, bench.signal);
    await chmod(layers.at(-1) ?? "", 0o400);
    this.machine = await paused.resume(bench.signal);
    this.files = { ...files, writableDiskLayers: [...layers, overlay] };
    await this.agent.ping({ timeoutMs: limitMs, signal: bench.signal });
    return { ...image, layers, directory: files.directory };
  }

  /** A layer that says what all sealed ones but the blank one and the last `kept` say, and which layer is to lie on it. */
  async merge(kept: number): Promise<{ readonly above: string; readonly merged: string }> {
    const { bench, files } = this;
    const layers = files.writableDiskLayers.slice(0, -1 - kept);
    const above = files.writableDiskLayers[layers.length];
    assert.ok(above !== undefined && layers.length > 2);
    const directory = await mkdtemp(join(bench.directory, "merge-"));
    const merged = join(directory, "merged");
    await bench.driver.flattenDisk(layers, merged, bench.signal);
    await chmod(merged, 0o400);
    return { above, merged };
  }

  /** Reads the merged layer from now on; the files of the others are removed. */
  async goOver({ above, merged }: { readonly above: string; readonly merged: string }): Promise<void> {
    const { bench, files } = this;
    await this.machine.replaceLowerLayers(above, merged, bench.signal);
    const [blank = "", ...others] = files.writableDiskLayers;
    const index = others.indexOf(above);
    for (const layer of others.slice(0, index)) await rm(layer);
    this.files = { ...files, writableDiskLayers: [blank, merged, ...others.slice(index)] };
  }

  /** Renames its directory, with all files in it. */
  async moveTo(directory: string): Promise<void> {
    const { files } = this;
    await rename(files.directory, directory);
    const moved = (path: string): string =>
      dirname(path) === files.directory ? path.replace(files.directory, directory) : path;
    this.files = { ...files, directory, writableDiskLayers: files.writableDiskLayers.map(moved) };
  }

  async #capture(paused: PausedMachine, target: ImagePaths): Promise<void> {
    await using memory = await paused.openMemory();
    await captureMemory(memory, this.bench.image, target, () => false, this.bench.signal);
  }
}

let nextImage = 0;

/** Runs, with an overlay of its own above the image's layers. */
export async function startChild(bench: Bench, image: LiveImage): Promise<Guest> {
  const machine = await bench.restoreFrom(image.memory.memoryPath, image.statePath, image.layers);
  const running = await machine.resume(bench.signal);
  return new Guest(bench, running, await bench.agentOf(running));
}

/** The files that the VMM has open, by the names that they have now. */
export function openFiles({ process }: RunningMachine): readonly string[] {
  return process === null ? [] : openFilesOf(process.pid).map(({ path }) => path);
}

/** No descriptor of the VMM with which one of these files could be written. */
export function assertReadOnly({ process }: RunningMachine, paths: readonly string[]): void {
  if (process === null) return;
  for (const { path, isWritable } of openFilesOf(process.pid)) {
    assert.ok(!isWritable || !paths.includes(path), `${path} is open for writing`);
  }
}

const configuration = {
  instanceId: "live",
  name: "live",
  hostname: "live",
  mailboxToken: "a",
  systemToken: "b",
  argv: [],
  env: {},
  cwd: null,
  diskBytes: null,
  volumes: [],
  user: null,
  stopSignal: null,
  network: {
    interfaceName: "eth0",
    macAddress: "52:54:00:12:34:56",
    ipv4: "10.0.2.15",
    prefixLength: 24,
    gateway: "10.0.2.2",
    dns: "10.0.2.3",
  },
  wallClockNs: BigInt(Date.now()) * 1_000_000n,
  entropy: Buffer.alloc(64, 7),
};
