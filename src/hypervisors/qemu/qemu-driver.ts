import { join } from "node:path";
import { untilAborted, withDeadline } from "../../lib/deadline.ts";
import { isAlive } from "../../lib/process-identity.ts";
import { readTail } from "../../lib/supervised-process.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import type { IndexedImage } from "../../memory/image-reader.ts";
import { writeOwnPages } from "../../memory/layered-image.ts";
import type {
  Capabilities,
  Finding,
  HypervisorDriver,
  HypervisorHost,
  MachineExit,
  MachineFiles,
  MachineSpec,
  PausedMachine,
  ProcessIdentity,
  RunningMachine,
  SavedState,
  UserNetwork,
} from "../driver.ts";
import { MachineDirectory } from "../machine-directory.ts";
import type { AcceleratorChoice } from "./accelerator.ts";
import { describeQemuHost } from "./describe-host.ts";
import { commandLine, incomingUri, vmmLogName, type LaunchOptions } from "./command-line.ts";
import { unusedOverlays } from "./disk-nodes.ts";
import { examineQemu } from "./examine.ts";
import { flattenDisk } from "./flatten-disk.ts";
import { createQcow2Overlay } from "./qcow2-overlay.ts";
import { pausedMachine, runningMachine } from "./qemu-machine.ts";
import { adoptedProcess, mappedFile, ownProcess, type QemuProcess } from "./qemu-process.ts";
import type { QmpConnection } from "./qmp/qmp-connection.ts";
import { connectQmp, startQemu, wordsOf } from "./start-qemu.ts";
import { canUseTaps } from "./tap-access.ts";

export interface QemuDriverOptions {
  /** A path, or a name that is looked up in PATH. */
  readonly qemuPath: string;
  readonly accelerator: AcceleratorChoice;
  /** The kernel that is booted once to find out whether KVM works. */
  readonly kernelPath: string;
  /** Remembers the answer until the host boots again. Its directory must exist. */
  readonly acceleratorMemoryPath: string;
  /** Of each VMM under software emulation; default 32. */
  readonly translationCacheMegabytes?: number;
  /** From `findTracker`: tells what a guest writes while its RAM is copied. Left out or null: its RAM is copied while it stands still. */
  readonly trackerPath?: string | null;
}

/** QEMU 7.2 or newer on x86-64, one process for each machine. */
export class QemuDriver implements HypervisorDriver {
  readonly name = "qemu";
  readonly capabilities: Capabilities = {
    checkpoint: true,
    liveCheckpoint: true,
    fork: true,
    forkMailboxes: true,
    liveFlatten: true,
    bridgeNetwork: canUseTaps(),
  };
  /** The addresses are libslirp's defaults (QEMU, -netdev user); what is sent to the gateway arrives at loopback. */
  readonly userNetwork: UserNetwork = {
    interfaceName: "eth0",
    ipv4: "10.0.2.15",
    prefixLength: 24,
    gateway: "10.0.2.2",
    dns: "10.0.2.3",
    hostAddress: "127.0.0.1",
  };
  readonly #options: QemuDriverOptions;
  #host: Promise<HypervisorHost> | null = null;

  constructor(options: QemuDriverOptions) {
    this.#options = options;
  }

  async describeHost(signal: AbortSignal): Promise<HypervisorHost> {
    // Asked once for all callers, so no caller's abort may end it. A failure is asked again: the operator may have mended it.
    this.#host ??= describeQemuHost(this.#options, AbortSignal.timeout(describeLimitMs)).catch((failure: unknown) => {
      this.#host = null;
      throw failure;
    });
    return await untilAborted(this.#host, signal);
  }

  async boot(spec: MachineSpec, files: MachineFiles, signal: AbortSignal): Promise<RunningMachine> {
    return runningMachine(await this.#start(spec, files, "boot", null, signal, () => undefined));
  }

  async restore(
    spec: MachineSpec,
    files: MachineFiles,
    { deviceStatePath, ownPages = null }: SavedState,
    signal: AbortSignal,
  ): Promise<PausedMachine> {
    if (ownPages !== null) return await this.#restoreLayered(spec, files, { deviceStatePath, ownPages }, signal);
    const loaded = Promise.withResolvers<undefined>();
    // When the start fails, that is what is told.
    loaded.promise.catch(() => undefined);
    const process = await this.#start(spec, files, "restore", deviceStatePath, signal, (qmp) => {
      deviceStateLoaded(qmp, signal).then(() => {
        loaded.resolve(undefined);
      }, loaded.reject);
    });
    await using undo = new UndoStack();
    undo.push(() => process.kill());
    const machine = pausedMachine(process);
    // Its place is looked up while QEMU loads the devices: it has mapped its RAM before it takes commands.
    const lookedUp = machine.openMemory().then((memory) => memory[Symbol.asyncDispose]());
    // A state that does not load ends QEMU, and its words say more than the missing process.
    lookedUp.catch(() => undefined);
    await loaded.promise;
    await lookedUp;
    undo.commit();
    return machine;
  }

  /** QEMU maps the base and waits: what its devices look at in RAM must be there before they are loaded. */
  async #restoreLayered(
    spec: MachineSpec,
    files: MachineFiles,
    { deviceStatePath, ownPages }: { readonly deviceStatePath: string; readonly ownPages: IndexedImage },
    signal: AbortSignal,
  ): Promise<PausedMachine> {
    const process = await this.#start(spec, files, "deferred_restore", deviceStatePath, signal, () => undefined);
    await using undo = new UndoStack();
    undo.push(() => process.kill());
    const machine = pausedMachine(process);
    await using memory = await machine.openMemory();
    await writeOwnPages(ownPages, memory, signal);
    await process.qmp.execute("migrate-incoming", { uri: incomingUri }, signal);
    await deviceStateLoaded(process.qmp, signal);
    undo.commit();
    return machine;
  }

  async adopt(
    spec: MachineSpec,
    files: MachineFiles,
    identity: ProcessIdentity,
    signal: AbortSignal,
  ): Promise<RunningMachine | PausedMachine | null> {
    if (!isAlive(identity)) return null;
    return await withDeadline(signal, adoptLimitMs, "taking up a running QEMU", async (deadline) => {
      await using undo = new UndoStack();
      const directory = new MachineDirectory(files.directory);
      undo.push(() => {
        directory.close();
      });
      const ended = Promise.withResolvers<MachineExit>();
      const lastWords = wordsOf(directory, ended.promise, () => readTail(join(directory.path, vmmLogName), 0));
      const qmp = await connectQmp(directory.path, lastWords, deadline);
      undo.push(() => {
        qmp.close();
      });
      const process = adoptedProcess(identity, qmp, directory, spec, files.memoryPath);
      undo.push(process.release);
      void process.exited.then(ended.resolve);
      const { status, running } = await qmp.execute("query-status", undefined, deadline);
      // The server died between the start and the load: what a restore would have waited for.
      if (status === "inmigrate") await deviceStateLoaded(qmp, deadline);
      // Or between the opening of the disk's next layer and the seal.
      for (const node of await unusedOverlays(qmp, deadline)) {
        await qmp.execute("blockdev-del", { "node-name": node }, deadline);
      }
      undo.commit();
      return running ? runningMachine(process) : pausedMachine(process);
    });
  }

  createDiskOverlay(path: string, sizeBytes: number): Promise<void> {
    return createQcow2Overlay(path, sizeBytes);
  }

  async flattenDisk(layers: readonly string[], path: string, signal: AbortSignal): Promise<void> {
    await flattenDisk(this.#options.qemuPath, layers, path, signal);
  }

  async examine(signal: AbortSignal): Promise<readonly Finding[]> {
    return await examineQemu(this.#options, signal);
  }

  async #start(
    spec: MachineSpec,
    files: MachineFiles,
    start: LaunchOptions["start"],
    deviceStatePath: string | null,
    signal: AbortSignal,
    begin: (qmp: QmpConnection) => void,
  ): Promise<QemuProcess> {
    const translationCacheMegabytes = this.#options.translationCacheMegabytes ?? 32;
    const args = commandLine(spec, files, { start, translationCacheMegabytes });
    const memoryFile = mappedFile(files.memoryPath);
    const { qemuPath, trackerPath = null } = this.#options;
    const workingDirectory = files.directory;
    const started = await startQemu({ qemuPath, args, workingDirectory, deviceStatePath, trackerPath, begin }, signal);
    return ownProcess(started, spec, memoryFile);
  }
}

const describeLimitMs = 60_000;
const adoptLimitMs = 10_000;
const loadLimitMs = 30_000;

/**
 * Resolves when the device state is loaded. A state that does not fit makes QEMU exit, which rejects with its last words.
 * The question is asked after the listener is in place, so the end of the load is seen one way or the other.
 */
async function deviceStateLoaded(qmp: QmpConnection, signal: AbortSignal): Promise<void> {
  await withDeadline(signal, loadLimitMs, "loading the device state", async (deadline) => {
    const settled = new AbortController();
    const loaded = qmp.waitForEvent(
      "it loaded the device state",
      ({ event, data }) => event === "MIGRATION" && data["status"] === "completed",
      AbortSignal.any([deadline, settled.signal]),
    );
    // The answer may come first; then nobody waits for the event any more.
    loaded.catch(() => undefined);
    try {
      const { status } = await qmp.execute("query-status", undefined, deadline);
      if (status === "inmigrate") await loaded;
    } finally {
      settled.abort();
    }
  });
}
