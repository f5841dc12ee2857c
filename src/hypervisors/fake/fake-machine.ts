/**
 * A machine without a process. One FakeVmm stands for the process; the two types for its states, as in the real drivers:
 *
 *     boot ────► Running ──pause──► Paused ──resume──► Running
 *     restore ────────────────────► Paused                        kill, crash or powerOff at any time ─► exited
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { duplexPair, type Duplex } from "node:stream";
import type { FileMemory } from "../../memory/file-memory.ts";
import type { GuestMemory, TrackedMemory } from "../../memory/guest-memory.ts";
import { totalBytes } from "../../memory/page-ranges.ts";
import {
  MachineLostError,
  type MachineExit,
  type MachineFiles,
  type MachineSpec,
  type PausedMachine,
  type PortForward,
  type RunningMachine,
} from "../driver.ts";
import { isPortFree } from "../../lib/free-port.ts";
import { MachineDirectory } from "../machine-directory.ts";
import { FakeDisk } from "./fake-disk.ts";
import type { FakeGuest, FakeGuestFactory } from "./fake-guest-contract.ts";

/** The device state file: which machine it is of, and what the guest keeps outside its RAM. */
export interface FakeDeviceState {
  readonly memoryBytes: number;
  readonly vcpus: number;
  readonly guest: unknown;
}

export class FakeVmm {
  readonly exited: Promise<MachineExit>;
  readonly memory: FileMemory;
  readonly #spec: MachineSpec;
  readonly #directory: MachineDirectory;
  readonly #disk: FakeDisk;
  readonly #guest: FakeGuest;
  readonly #exited = Promise.withResolvers<MachineExit>();
  #isGone = false;
  #isRunning = false;
  #agent: { readonly host: Duplex; readonly guest: Duplex } | null = null;
  #isAgentAnnounced = false;

  /** @param memory mapped from `files.memoryPath`; the machine's from now on. */
  constructor(
    spec: MachineSpec,
    files: MachineFiles,
    memory: FileMemory,
    makeGuest: FakeGuestFactory,
    savedState: unknown,
  ) {
    this.exited = this.#exited.promise;
    this.#spec = spec;
    this.#directory = new MachineDirectory(files.directory);
    writeFileSync(this.#path("vmm.log"), "", { flag: "a", mode: 0o600 });
    writeFileSync(this.#path("console.log"), "", { flag: "a", mode: 0o600 });
    this.memory = memory;
    this.#disk = new FakeDisk(files.writableDiskLayers);
    this.#guest = makeGuest({
      spec,
      memory: this.memory,
      disk: this.#disk,
      savedState,
      print: (line) => {
        appendFileSync(this.#path("console.log"), `${line}\n`);
      },
      powerOff: () => {
        this.end({ exitCode: 0, signal: null, lastWords: "" });
      },
    });
  }

  start(): void {
    this.checkAlive("resume");
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#guest.onResume();
    this.#announceAgent();
  }

  stop(): void {
    this.checkAlive("pause");
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#guest.onPause();
  }

  connectAgent(): Duplex {
    this.checkAlive("connect to the agent");
    this.#dropAgent();
    const [host, guest] = duplexPair();
    this.#agent = { host, guest };
    this.#isAgentAnnounced = false;
    if (this.#isRunning) this.#announceAgent();
    return host;
  }

  deviceState(): FakeDeviceState {
    this.checkAlive("save the device state");
    return { memoryBytes: this.#spec.memoryBytes, vcpus: this.#spec.vcpus, guest: this.#guest.saveState() };
  }

  sealDisk(overlayPath: string): void {
    this.checkAlive("seal its disk");
    this.#disk.seal(overlayPath);
  }

  writtenDiskLayer(): string {
    this.checkAlive("say what it writes");
    return this.#disk.writtenPath;
  }

  replaceLowerLayers(above: string, merged: string): void {
    this.checkAlive("go over to the merged disk");
    this.#disk.replaceBelow(above, merged);
  }

  ownsUdpPort(port: number): boolean {
    return !this.#isGone && this.#guest.ownsUdpPort(port);
  }

  /** The first end counts; later ones change nothing. */
  end(exit: MachineExit): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#dropAgent();
    this.#guest.close();
    this.memory.close();
    if (exit.lastWords !== "") appendFileSync(this.#path("vmm.log"), `${exit.lastWords}\n`);
    this.#disk.close();
    this.#directory.close();
    this.#exited.resolve(exit);
  }

  checkAlive(what: string): void {
    if (this.#isGone) throw new MachineLostError(`the machine ended before it could ${what}`);
  }

  /** A paused guest hears of a connection when it goes on. */
  #announceAgent(): void {
    if (this.#agent === null || this.#isAgentAnnounced) return;
    this.#isAgentAnnounced = true;
    this.#guest.onAgentConnection(this.#agent.guest);
  }

  #dropAgent(): void {
    this.#agent?.guest.destroy();
    this.#agent?.host.destroy();
    this.#agent = null;
  }

  #path(name: string): string {
    return join(this.#directory.path, name);
  }
}

abstract class FakeMachine {
  readonly process = null;
  readonly vmm: FakeVmm;

  constructor(vmm: FakeVmm) {
    this.vmm = vmm;
  }

  get exited(): Promise<MachineExit> {
    return this.vmm.exited;
  }

  async connectAgent(signal: AbortSignal): Promise<Duplex> {
    await turn(signal);
    return this.vmm.connectAgent();
  }

  sentDatagram(address: string, port: number): Promise<boolean> {
    return Promise.resolve(address === "127.0.0.1" && this.vmm.ownsUdpPort(port));
  }

  /** Nothing listens: what is checked is that the port is free on this host. */
  async openPort({ protocol, hostPort }: PortForward, signal: AbortSignal): Promise<boolean> {
    await turn(signal);
    this.vmm.checkAlive("forward a port");
    return await isPortFree(protocol, "127.0.0.1", hostPort);
  }

  async closePort(_forward: PortForward, signal: AbortSignal): Promise<void> {
    await turn(signal);
    this.vmm.checkAlive("end a forwarding");
  }

  async writtenDiskLayer(signal: AbortSignal): Promise<string> {
    await turn(signal);
    return this.vmm.writtenDiskLayer();
  }

  async replaceLowerLayers(above: string, merged: string, signal: AbortSignal): Promise<void> {
    await turn(signal);
    this.vmm.replaceLowerLayers(above, merged);
  }

  async openOverlay(overlayPath: string, signal: AbortSignal): Promise<void> {
    await turn(signal);
    this.vmm.checkAlive(`open ${overlayPath}`);
  }

  async closeOverlay(signal: AbortSignal): Promise<void> {
    await turn(signal);
  }

  async kill(): Promise<void> {
    this.vmm.end({ exitCode: null, signal: "SIGKILL", lastWords: "" });
    await this.vmm.exited;
  }

  async detach(): Promise<void> {
    await this.kill();
  }
}

export class PausedFakeMachine extends FakeMachine implements PausedMachine {
  readonly state = "paused";

  async openMemory(): Promise<GuestMemory> {
    await Promise.resolve();
    this.vmm.checkAlive("open its memory");
    return this.vmm.memory.view();
  }

  async prefault(signal: AbortSignal): Promise<void> {
    await turn(signal);
    this.vmm.checkAlive("be given memory");
  }

  async saveDeviceState(path: string, _options: { readonly willResume: boolean }, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await writeFile(path, JSON.stringify(this.vmm.deviceState()), { flag: "wx", mode: 0o600 });
  }

  async noteDevices(signal: AbortSignal): Promise<void> {
    await turn(signal);
    this.vmm.checkAlive("say how its devices are");
  }

  /** Its agent's stream is no part of its RAM. */
  async hasStoodStill(signal: AbortSignal): Promise<boolean> {
    await turn(signal);
    this.vmm.checkAlive("say whether it stood still");
    return true;
  }

  async sealDisk(overlayPath: string, signal: AbortSignal): Promise<void> {
    await turn(signal);
    this.vmm.sealDisk(overlayPath);
  }

  async resume(signal: AbortSignal): Promise<RunningMachine> {
    await turn(signal);
    this.vmm.start();
    return new RunningFakeMachine(this.vmm);
  }
}

export class RunningFakeMachine extends FakeMachine implements RunningMachine {
  readonly state = "running";

  async prepareCheckpoint(signal: AbortSignal): Promise<{ readonly ownBytes: number }> {
    await turn(signal);
    this.vmm.checkAlive("be prepared for a checkpoint");
    return { ownBytes: totalBytes(this.vmm.memory.dirtyRanges()) };
  }

  async trackMemory(signal: AbortSignal): Promise<TrackedMemory> {
    await turn(signal);
    this.vmm.checkAlive("tell what it writes");
    return this.vmm.memory.track();
  }

  async pause(signal: AbortSignal): Promise<PausedMachine> {
    await turn(signal);
    this.vmm.stop();
    return new PausedFakeMachine(this.vmm);
  }
}

/** Nothing is instant with a real VMM: callers must not come to depend on an answer within the same turn. */
async function turn(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
