import assert from "node:assert/strict";
import { mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { connectAgent, type AgentClient } from "../../src/guest/agent-client.ts";
import type {
  HypervisorDriver,
  Machine,
  MachineFiles,
  MachineSpec,
  PausedMachine,
  RunningMachine,
} from "../../src/hypervisors/driver.ts";
import { captureMemory } from "../../src/memory/capture.ts";
import type { ImagePaths } from "../../src/memory/image-reader.ts";

export interface DriverUnderTest {
  readonly driver: HypervisorDriver;
  readonly memoryBytes: number;
  /** What all machines share; nobody writes them. */
  readonly shared: Pick<MachineFiles, "kernelPath" | "initramfsPath" | "rootDiskPath"> & {
    readonly blankDiskPath: string;
    readonly kernelArguments: string;
  };
  /** Size of the blank disk. */
  readonly diskBytes: number;
  /** Programs of the guest: keeps a text in a file, so that it is on the disk or, in /run, in RAM; and prints it from there. */
  readonly programs: {
    readonly store: (path: string, text: string) => readonly string[];
    readonly fetch: (path: string) => readonly string[];
    /** Ends at once, and leaves behind what writes RAM for as long as the machine runs; left out where there is no such thing. */
    readonly writeOnAndOn?: readonly string[];
  };
  /** Ends the VMM behind the driver's back. */
  killFromOutside(machine: Machine): void;
}

/** Bounds every wait of the suite; software emulation boots a guest in seconds. */
export const limitMs = 120_000;

/** The machines of one run, and the image that its children are made of. */
export class Bench {
  readonly subject: DriverUnderTest;
  readonly directory: string;
  readonly signal = AbortSignal.timeout(4 * limitMs);
  readonly image: ImagePaths;
  readonly statePath: string;
  readonly #machines: Machine[] = [];
  #spec: MachineSpec | null = null;
  dirtyBytes = 0;
  storedBytes = 0;

  constructor(subject: DriverUnderTest, directory: string) {
    this.subject = subject;
    this.directory = directory;
    this.image = this.imagePaths("image");
    this.statePath = join(directory, "state");
  }

  get driver(): HypervisorDriver {
    return this.subject.driver;
  }

  get memoryBytes(): number {
    return this.subject.memoryBytes;
  }

  get spec(): MachineSpec {
    assert.ok(this.#spec, "makeImage comes first");
    return this.#spec;
  }

  imagePaths(name: string): ImagePaths {
    const path = join(this.directory, name);
    return { memoryPath: path, pagesPath: `${path}.pages`, framesPath: `${path}.frames` };
  }

  /** Boots a machine, waits for its agent, and makes the image. */
  async makeImage(): Promise<void> {
    const { kernelArguments } = this.subject.shared;
    const host = await this.driver.describeHost(this.signal);
    const macAddress = "52:54:00:12:34:56";
    const digests = { kernelDigest: "", initramfsDigest: "" };
    this.#spec = { ...host, ...digests, vcpus: 1, memoryBytes: this.memoryBytes, macAddress, kernelArguments };
    const { files } = await this.newMachine();
    const booted = await this.driver.boot(this.spec, files, this.signal);
    this.#machines.push(booted);
    (await this.agentOf(booted)).close();
    const paused = await booted.pause(this.signal);
    await paused.saveDeviceState(this.statePath, { willResume: false }, this.signal);
    await using memory = await paused.openMemory();
    const captured = await captureMemory(memory, null, this.image, () => false, this.signal);
    this.dirtyBytes = captured.dirtyBytes;
    this.storedBytes = captured.storedBytes;
    await paused.kill();
  }

  /** A directory, deeper than a socket's address may be long, and files for a machine; RAM is `memoryPath` or an empty file. */
  async newMachine(memoryPath?: string): Promise<{ readonly files: MachineFiles }> {
    const parent = await mkdtemp(join(this.directory, "machine-"));
    const directory = join(parent, "a-directory-whose-path-is-longer-than-any-socket-address-may-be-".repeat(2));
    await mkdir(directory, { mode: 0o700 });
    const overlay = join(directory, "overlay");
    await this.driver.createDiskOverlay(overlay, this.subject.diskBytes);
    return {
      files: {
        directory,
        memoryPath: memoryPath ?? (await emptyFile(join(directory, "memory"), this.memoryBytes)),
        kernelPath: this.subject.shared.kernelPath,
        initramfsPath: this.subject.shared.initramfsPath,
        rootDiskPath: this.subject.shared.rootDiskPath,
        writableDiskLayers: [this.subject.shared.blankDiskPath, overlay],
      },
    };
  }

  async restore(memoryPath?: string, statePath?: string): Promise<PausedMachine> {
    return (await this.restoreWithFiles(memoryPath, statePath)).machine;
  }

  async restoreWithFiles(
    memoryPath: string = this.image.memoryPath,
    statePath: string = this.statePath,
  ): Promise<{ readonly machine: PausedMachine; readonly files: MachineFiles }> {
    const { files } = await this.newMachine(memoryPath);
    const saved = { deviceStatePath: statePath };
    const machine = await this.driver.restore(this.spec, files, saved, this.signal);
    this.#machines.push(machine);
    return { machine, files };
  }

  /** A child that reads `sealedLayers` below an overlay of its own. */
  async restoreFrom(memoryPath: string, statePath: string, sealedLayers: readonly string[]): Promise<PausedMachine> {
    const { files } = await this.newMachine(memoryPath);
    const writableDiskLayers = [...sealedLayers, ...files.writableDiskLayers.slice(-1)];
    const saved = { deviceStatePath: statePath };
    const machine = await this.driver.restore(this.spec, { ...files, writableDiskLayers }, saved, this.signal);
    this.#machines.push(machine);
    return machine;
  }

  async agentOf(machine: RunningMachine): Promise<AgentClient> {
    return await connectAgent(await machine.connectAgent(this.signal), this.signal);
  }

  async close(): Promise<void> {
    for (const machine of this.#machines) await machine.kill();
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function emptyFile(path: string, sizeBytes: number): Promise<string> {
  await using file = await open(path, "wx", 0o600);
  await file.truncate(sizeBytes);
  return path;
}
