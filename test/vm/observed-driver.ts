/**
 * A driver between the domain and the real one that tells of every step, at exactly the moment that a test needs:
 *
 *     boot ─► booted        restore ─► restored        pausing ─► pause ─► paused
 *     saving ─► saveDeviceState ─► saved        opening ─► openMemory        resuming ─► resume ─► resumed
 *
 * The domain waits for the observer. What the observer throws, the step throws.
 */
import type { Duplex } from "node:stream";
import type {
  Capabilities,
  Finding,
  HypervisorDriver,
  HypervisorHost,
  Machine,
  MachineExit,
  MachineFiles,
  MachineSpec,
  PausedMachine,
  ProcessIdentity,
  RunningMachine,
  UserNetwork,
} from "../../src/hypervisors/driver.ts";
import type { GuestMemory } from "../../src/memory/guest-memory.ts";

export type Step =
  | "booted"
  | "restored"
  | "pausing"
  | "paused"
  | "saving"
  | "saved"
  | "opening"
  | "resuming"
  | "resumed";

/** One moment in one machine's life. `directory` is its instance's own. */
export interface Moment {
  readonly step: Step;
  readonly machine: PausedMachine | RunningMachine;
  readonly directory: string;
}

export type Observer = (moment: Moment) => Promise<void>;

export class ObservedDriver implements HypervisorDriver {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly userNetwork: UserNetwork;
  /** May be set anew at any time; nobody looks unless it is set. */
  observer: Observer = () => Promise.resolve();
  readonly #driver: HypervisorDriver;

  constructor(driver: HypervisorDriver) {
    this.#driver = driver;
    this.name = driver.name;
    this.capabilities = driver.capabilities;
    this.userNetwork = driver.userNetwork;
  }

  describeHost(signal: AbortSignal): Promise<HypervisorHost> {
    return this.#driver.describeHost(signal);
  }

  async boot(spec: MachineSpec, files: MachineFiles, signal: AbortSignal): Promise<RunningMachine> {
    const machine = new ObservedRunning(await this.#driver.boot(spec, files, signal), this.#tellOf(files));
    await machine.tell("booted", machine);
    return machine;
  }

  async restore(
    spec: MachineSpec,
    files: MachineFiles,
    deviceStatePath: string,
    signal: AbortSignal,
  ): Promise<PausedMachine> {
    const paused = await this.#driver.restore(spec, files, deviceStatePath, signal);
    const machine = new ObservedPaused(paused, this.#tellOf(files));
    await machine.tell("restored", machine);
    return machine;
  }

  createDiskOverlay(path: string, sizeBytes: number): Promise<void> {
    return this.#driver.createDiskOverlay(path, sizeBytes);
  }

  examine(signal: AbortSignal): Promise<readonly Finding[]> {
    return this.#driver.examine(signal);
  }

  async adopt(
    spec: MachineSpec,
    files: MachineFiles,
    process: ProcessIdentity,
    signal: AbortSignal,
  ): Promise<RunningMachine | PausedMachine | null> {
    const machine = await this.#driver.adopt(spec, files, process, signal);
    if (machine === null) return null;
    const tell = this.#tellOf(files);
    return machine.state === "paused" ? new ObservedPaused(machine, tell) : new ObservedRunning(machine, tell);
  }

  #tellOf({ directory }: MachineFiles): Tell {
    return (step, machine) => this.observer({ step, machine, directory });
  }
}

type Tell = (step: Step, machine: PausedMachine | RunningMachine) => Promise<void>;

abstract class Observed<Inner extends Machine> implements Machine {
  readonly tell: Tell;
  protected readonly inner: Inner;

  constructor(inner: Inner, tell: Tell) {
    this.inner = inner;
    this.tell = tell;
  }

  get process(): ProcessIdentity | null {
    return this.inner.process;
  }

  get exited(): Promise<MachineExit> {
    return this.inner.exited;
  }

  connectAgent(signal: AbortSignal): Promise<Duplex> {
    return this.inner.connectAgent(signal);
  }

  sentDatagram(address: string, port: number): Promise<boolean> {
    return this.inner.sentDatagram(address, port);
  }

  kill(): Promise<void> {
    return this.inner.kill();
  }

  detach(): Promise<void> {
    return this.inner.detach();
  }
}

class ObservedPaused extends Observed<PausedMachine> implements PausedMachine {
  readonly state = "paused";

  async openMemory(): Promise<GuestMemory> {
    await this.tell("opening", this);
    return this.inner.openMemory();
  }

  async saveDeviceState(path: string, options: { readonly willResume: boolean }, signal: AbortSignal): Promise<void> {
    await this.tell("saving", this);
    await this.inner.saveDeviceState(path, options, signal);
    await this.tell("saved", this);
  }

  async resume(signal: AbortSignal): Promise<RunningMachine> {
    await this.tell("resuming", this);
    const machine = new ObservedRunning(await this.inner.resume(signal), this.tell);
    await this.tell("resumed", machine);
    return machine;
  }
}

class ObservedRunning extends Observed<RunningMachine> implements RunningMachine {
  readonly state = "running";

  async pause(signal: AbortSignal): Promise<PausedMachine> {
    await this.tell("pausing", this);
    const machine = new ObservedPaused(await this.inner.pause(signal), this.tell);
    await this.tell("paused", machine);
    return machine;
  }
}
