import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../../lib/assert.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { FileMemory } from "../../memory/file-memory.ts";
import type { IndexedImage } from "../../memory/image-reader.ts";
import { writeOwnPages } from "../../memory/layered-image.ts";
import type {
  Capabilities,
  Finding,
  HypervisorDriver,
  HypervisorHost,
  Machine,
  MachineFiles,
  MachineSpec,
  PausedMachine,
  RunningMachine,
  SavedState,
  UserNetwork,
} from "../driver.ts";
import type { FakeGuestFactory } from "./fake-guest-contract.ts";
import { flattenFakeDisk } from "./fake-disk.ts";
import { FakeVmm, PausedFakeMachine, RunningFakeMachine, type FakeDeviceState } from "./fake-machine.ts";

export interface FakeDriverOptions {
  readonly guest: FakeGuestFactory;
  /** All are true unless said otherwise, but for the bridge. */
  readonly capabilities?: Partial<Capabilities>;
  /** What `describeHost` says, where it should differ: an image made on another host is refused. */
  readonly host?: Partial<HypervisorHost>;
}

/** A hypervisor without a process: real bytes in files, a guest in TypeScript. For tests, and for work on what lies above. */
export class FakeDriver implements HypervisorDriver {
  readonly name = "fake";
  readonly capabilities: Capabilities;
  readonly userNetwork: UserNetwork = {
    interfaceName: "eth0",
    ipv4: "10.0.2.15",
    prefixLength: 24,
    gateway: "10.0.2.2",
    dns: "10.0.2.3",
    hostAddress: "127.0.0.1",
  };
  readonly #options: FakeDriverOptions;
  readonly #vmms = new Set<FakeVmm>();

  constructor(options: FakeDriverOptions) {
    this.#options = options;
    this.capabilities = { ...allCapabilities, ...options.capabilities };
  }

  /** How many machines have not ended. */
  get machineCount(): number {
    return this.#vmms.size;
  }

  describeHost(): Promise<HypervisorHost> {
    return Promise.resolve({ ...fakeHost, ...this.#options.host });
  }

  async boot(spec: MachineSpec, files: MachineFiles, signal: AbortSignal): Promise<RunningMachine> {
    const vmm = await this.#start(spec, files, null, signal);
    vmm.start();
    return new RunningFakeMachine(vmm);
  }

  async restore(
    spec: MachineSpec,
    files: MachineFiles,
    { deviceStatePath, ownPages = null }: SavedState,
    signal: AbortSignal,
  ): Promise<PausedMachine> {
    signal.throwIfAborted();
    const state = JSON.parse(await readFile(deviceStatePath, "utf8")) as FakeDeviceState;
    if (state.memoryBytes !== spec.memoryBytes || state.vcpus !== spec.vcpus) {
      throw new Error("the device state is of another machine");
    }
    return new PausedFakeMachine(await this.#start(spec, files, state.guest, signal, ownPages));
  }

  /** Its machines live in this process and end with it. */
  adopt(): Promise<null> {
    return Promise.resolve(null);
  }

  async createDiskOverlay(path: string): Promise<void> {
    await writeFile(path, "", { flag: "wx", mode: 0o600 });
  }

  async flattenDisk(layers: readonly string[], path: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await flattenFakeDisk(layers, path);
  }

  examine(): Promise<readonly Finding[]> {
    return Promise.resolve([{ name: "fake", ok: true, detail: "needs nothing", remedy: null }]);
  }

  /** What SIGKILL from outside is to a VMM with a process. */
  crash(machine: Machine): void {
    assert(machine instanceof PausedFakeMachine || machine instanceof RunningFakeMachine, "crash takes a fake machine");
    machine.vmm.end({ exitCode: null, signal: "SIGKILL", lastWords: "the fake machine was crashed" });
  }

  /** Crashes every machine. */
  crashAll(): void {
    for (const vmm of [...this.#vmms]) {
      vmm.end({ exitCode: null, signal: "SIGKILL", lastWords: "the fake machine was crashed" });
    }
  }

  async #start(
    spec: MachineSpec,
    files: MachineFiles,
    savedState: unknown,
    signal: AbortSignal,
    ownPages: IndexedImage | null = null,
  ): Promise<FakeVmm> {
    const memory = new FileMemory(files.memoryPath, join(files.directory, "own-pages"), spec.memoryBytes);
    await using undo = new UndoStack();
    undo.push(() => {
      memory.close();
    });
    if (ownPages !== null) await writeOwnPages(ownPages, memory.view(), signal);
    signal.throwIfAborted();
    const vmm = new FakeVmm(spec, files, memory, this.#options.guest, savedState);
    undo.commit();
    this.#vmms.add(vmm);
    void vmm.exited.then(() => this.#vmms.delete(vmm));
    return vmm;
  }
}

const allCapabilities: Capabilities = {
  checkpoint: true,
  liveCheckpoint: true,
  fork: true,
  forkMailboxes: true,
  liveFlatten: true,
  bridgeNetwork: false,
};

const fakeHost: HypervisorHost = {
  hypervisor: "fake",
  version: "1.0.0",
  machineType: "fake-1",
  cpuModel: "fake",
  accelerator: "tcg",
};
