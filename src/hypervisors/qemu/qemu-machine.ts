/**
 * One QEMU process, seen as a machine that changes its type with its state. Both types share the process, its QMP session
 * and its end:
 *
 *     startQemu / adopt ─► QemuProcess ─┬─ RunningQemuMachine ─pause──► PausedQemuMachine
 *                                       └─ PausedQemuMachine ──resume─► RunningQemuMachine
 */
import { writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { assert } from "../../lib/assert.ts";
import { untilAborted, withDeadline } from "../../lib/deadline.ts";
import { Turns } from "../../lib/turns.ts";
import { connectInDirectory } from "../../lib/socket-path.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import type { GuestMemory, TrackedMemory } from "../../memory/guest-memory.ts";
import { countOwnBytes, locateProcessMemory, openProcessMemory } from "../../memory/process-memory.ts";
import type { MemoryRegion } from "../../memory/regions.ts";
import type { Machine, MachineExit, PausedMachine, PortForward, ProcessIdentity, RunningMachine } from "../driver.ts";
import type { MachineDirectory } from "../machine-directory.ts";
import { agentSocketName, networkId } from "./command-line.ts";
import { ownsUdpPort } from "./datagram-owner.ts";
import type { QemuProcess } from "./qemu-process.ts";
import type { QmpConnection } from "./qmp/qmp-connection.ts";
import { fileOf, writtenNode } from "./disk-nodes.ts";
import { replaceLowerLayers } from "./replace-lower-layers.ts";
import { closeOverlay, openOverlay, sealDisk, type OpenedOverlay } from "./seal-disk.ts";
import { findSerialRings, serialPositions, type SerialRings } from "./serial-positions.ts";
import { prefaultTranslationCache } from "./translation-cache.ts";
import { hasWriteTracker, WriteTracker } from "./write-tracker.ts";

export function pausedMachine(process: QemuProcess): PausedMachine {
  return new PausedQemuMachine(new QemuParts(process));
}

export function runningMachine(process: QemuProcess): RunningMachine {
  return new RunningQemuMachine(new QemuParts(process));
}

/** What outlives a change of state: the agent's connection, where the guest's RAM lies, who changes the disk's layers, and an opened one. */
class QemuParts {
  readonly process: QemuProcess;
  readonly diskTurns = new Turns();
  /** The disk's next layer, between its opening and its seal. */
  overlay: OpenedOverlay | null = null;
  /** Settles when QEMU has answered the last `cont`, or has ended. Never rejects. */
  resumeAnswered: Promise<unknown> = Promise.resolve();
  #agent: Socket | null = null;
  #regions: readonly MemoryRegion[] | null = null;
  #serialRings: SerialRings | null = null;
  #hasTracker: boolean | null = null;

  constructor(process: QemuProcess) {
    this.process = process;
  }

  async connectAgent(signal: AbortSignal): Promise<Socket> {
    // QEMU accepts the next connection when the one before has ended; until then it waits in the socket's queue.
    this.#agent?.destroy();
    this.#agent = null;
    const socket = await connectInDirectory(this.process.directory.path, agentSocketName, signal);
    this.#agent = socket;
    return socket;
  }

  async openMemory(): Promise<GuestMemory> {
    const { identity, memoryBytes } = this.process;
    return await openProcessMemory(identity.pid, await this.#locate(), memoryBytes);
  }

  /** Null when QEMU runs without what could tell, or on a kernel that cannot. */
  async trackMemory(signal: AbortSignal): Promise<TrackedMemory | null> {
    const { identity, directory, memoryBytes } = this.process;
    this.#hasTracker ??= hasWriteTracker(identity.pid);
    if (!this.#hasTracker) return null;
    const regions = await this.#locate();
    const tracker = await withDeadline(signal, trackLimitMs, "QEMU's word on what it writes", (deadline) =>
      WriteTracker.open(directory.path, regions, memoryBytes, deadline),
    );
    this.#hasTracker = tracker !== null;
    if (tracker === null) return null;
    await using undo = new UndoStack();
    undo.push(() => tracker[Symbol.asyncDispose]());
    const memory = await this.openMemory();
    undo.commit();
    return trackedMemory(memory, tracker, signal);
  }

  async countOwnBytes(): Promise<number> {
    const { identity, memoryBytes } = this.process;
    return await countOwnBytes(identity.pid, await this.#locate(), memoryBytes);
  }

  /** Asked before each pause in which it counts: a guest may take a device away from its driver and give it back. */
  async findSerialRings(signal: AbortSignal): Promise<SerialRings> {
    const { qmp, memoryBytes } = this.process;
    this.#serialRings = await withDeadline(signal, monitorLimitMs, "QEMU's virtqueues", (deadline) =>
      findSerialRings(qmp, memoryBytes, deadline),
    );
    return this.#serialRings;
  }

  async serialPositions(signal: AbortSignal): Promise<readonly number[]> {
    const rings = this.#serialRings ?? (await this.findSerialRings(signal));
    await using memory = await this.openMemory();
    return await serialPositions(memory, rings);
  }

  /** QEMU never moves its RAM, so its place is looked up once: the list of all mappings takes most of a millisecond to read. */
  async #locate(): Promise<readonly MemoryRegion[]> {
    const { identity, memoryBytes, memoryFile } = this.process;
    this.#regions ??= await locateProcessMemory(identity.pid, memoryFile, memoryBytes);
    return this.#regions;
  }

  /** QEMU takes the next session for this one when it finds this one closed while it answers. */
  async detach(): Promise<void> {
    this.#agent?.destroy();
    await untilAborted(this.resumeAnswered, AbortSignal.timeout(monitorLimitMs));
    this.process.qmp.close();
    await this.process.qmp.closed;
    this.process.release();
  }
}

function trackedMemory(memory: GuestMemory, tracker: WriteTracker, signal: AbortSignal): TrackedMemory {
  let isAsked = false;
  return {
    sizeBytes: memory.sizeBytes,
    read: (offset, into) => memory.read(offset, into),
    dirtyRanges: () =>
      withDeadline(signal, trackLimitMs, "QEMU's word on what it wrote", async (deadline) => {
        const ranges = await (isAsked ? tracker.writtenRanges(deadline) : tracker.ownRanges(deadline));
        isAsked = true;
        return ranges;
      }),
    [Symbol.asyncDispose]: async () => {
      await tracker[Symbol.asyncDispose]();
      await memory[Symbol.asyncDispose]();
    },
  };
}

abstract class QemuMachine implements Machine {
  protected readonly parts: QemuParts;

  constructor(parts: QemuParts) {
    this.parts = parts;
  }

  get process(): ProcessIdentity {
    return this.parts.process.identity;
  }

  get exited(): Promise<MachineExit> {
    return this.parts.process.exited;
  }

  connectAgent(signal: AbortSignal): Promise<Socket> {
    return this.parts.connectAgent(signal);
  }

  sentDatagram(address: string, port: number): Promise<boolean> {
    return Promise.try(() => address === userNetworkSource && ownsUdpPort(this.process.pid, port));
  }

  /** QEMU has these two for a person at its monitor alone. Its words are no contract; that there are any is. */
  async openPort({ protocol, hostPort, guestPort }: PortForward, signal: AbortSignal): Promise<boolean> {
    const rule = `${protocol}:${forwardAddress}:${String(hostPort)}-:${String(guestPort)}`;
    return (await this.#tellMonitor(`hostfwd_add ${networkId} ${rule}`, signal)) === "";
  }

  async closePort({ protocol, hostPort }: PortForward, signal: AbortSignal): Promise<void> {
    await this.#tellMonitor(`hostfwd_remove ${networkId} ${protocol}:${forwardAddress}:${String(hostPort)}`, signal);
  }

  async #tellMonitor(command: string, signal: AbortSignal): Promise<string> {
    const answer = await withDeadline(signal, monitorLimitMs, `QEMU's ${command}`, (deadline) =>
      this.qmp.execute("human-monitor-command", { "command-line": command }, deadline),
    );
    return answer.trim();
  }

  async writtenDiskLayer(signal: AbortSignal): Promise<string> {
    const { directory } = this.parts.process;
    return await withDeadline(signal, monitorLimitMs, "QEMU's word on its disk", async (deadline) =>
      directory.pathOf(await fileOf(this.qmp, await writtenNode(this.qmp, deadline), deadline)),
    );
  }

  async replaceLowerLayers(above: string, merged: string, signal: AbortSignal): Promise<void> {
    await this.changeDisk("going over to the merged disk", signal, (directory, deadline) =>
      replaceLowerLayers(this.qmp, directory.nameOf(above), directory.nameOf(merged), deadline),
    );
  }

  async openOverlay(overlayPath: string, signal: AbortSignal): Promise<void> {
    await this.changeDisk("opening the disk's next layer", signal, async (directory, deadline) => {
      this.parts.overlay = await openOverlay(this.qmp, overlayPath, directory.nameOf(overlayPath), deadline);
    });
  }

  async closeOverlay(signal: AbortSignal): Promise<void> {
    const overlay = this.parts.overlay;
    this.parts.overlay = null;
    if (overlay === null) return;
    await this.changeDisk("closing the disk's next layer", signal, (_, deadline) =>
      closeOverlay(this.qmp, overlay, deadline),
    );
  }

  /** Once begun it ends in QEMU whether anybody waits or not, so a caller who goes away does not leave it half known. */
  protected async changeDisk(
    what: string,
    signal: AbortSignal,
    change: (directory: MachineDirectory, deadline: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const never = new AbortController().signal;
    await this.parts.diskTurns.take(async () => {
      signal.throwIfAborted();
      await withDeadline(never, diskLimitMs, what, (deadline) => change(this.parts.process.directory, deadline));
    });
  }

  kill(): Promise<void> {
    return this.parts.process.kill();
  }

  detach(): Promise<void> {
    return this.parts.detach();
  }

  protected get qmp(): QmpConnection {
    return this.parts.process.qmp;
  }

  /**
   * Does what changes the run state, and resolves when QEMU is in the state that was asked for. QEMU sends the event before its answer. That of
   * a stop comes before the disks' writes have ended, the answer after (QEMU 7.2, do_vm_stop); that of a `cont` is the last that can
   * be told before the processors go on (vm_prepare_start), and its answer comes when they take turns with QEMU's own thread.
   */
  protected async changeRunState(command: "stop" | "cont", signal: AbortSignal): Promise<void> {
    const eventName = command === "stop" ? "STOP" : "RESUME";
    await withDeadline(signal, runStateLimitMs, `QEMU's ${command}`, async (deadline) => {
      const told = Promise.withResolvers<"told">();
      const stopListening = this.qmp.onEvent(({ event }) => {
        if (event === eventName) told.resolve("told");
      });
      try {
        const answered = this.qmp.execute(command, undefined, deadline);
        if (command === "stop") await answered;
        // After the event nobody waits for the answer: that QEMU ends before it, `exited` tells.
        else this.parts.resumeAnswered = answered.catch(() => undefined);
        const first = await Promise.race([told.promise, answered]);
        if (first !== "told") await this.#checkRunState(command, deadline);
      } finally {
        stopListening();
      }
    });
  }

  /** No event: the machine was in that state already, or cannot get there. */
  async #checkRunState(command: "stop" | "cont", signal: AbortSignal): Promise<void> {
    const { status, running } = await this.qmp.execute("query-status", undefined, signal);
    if (running !== (command === "cont")) throw new Error(`QEMU is ${status} after ${command}`);
  }
}

class PausedQemuMachine extends QemuMachine implements PausedMachine {
  readonly state = "paused";
  /** Where the agent's queues stood when it was last asked to notice a change. */
  #noted: readonly number[] = [];

  openMemory(): Promise<GuestMemory> {
    return this.parts.openMemory();
  }

  async prefault(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await prefaultTranslationCache(this.process.pid);
  }

  /**
   * The disks were flushed when QEMU stopped: vm_stop() drains and flushes every block device before it answers. `live` tells
   * QEMU only whether to let go of the disks of a machine that was stopped before (xen-save-devices-state calls
   * bdrv_inactivate_all() then, for the machine at the other end of a migration). A seal would be refused after that, so it is
   * never set, whether the machine goes on or ends: the disks stay open for writing, and sealing may come before or after.
   */
  async saveDeviceState(path: string, _options: { readonly willResume: boolean }, signal: AbortSignal): Promise<void> {
    await withDeadline(signal, saveLimitMs, "saving the device state", async (deadline) => {
      await using undo = new UndoStack();
      // QEMU would make it readable for the group.
      writeFileSync(path, "", { flag: "wx", mode: 0o600 });
      undo.push(() => rm(path, { force: true }));
      await this.qmp.execute("xen-save-devices-state", { filename: path, live: false }, deadline);
      undo.commit();
    });
  }

  /**
   * QEMU stops its processors, disks and network cards with the machine, but not its character devices: what the host has sent is put
   * into the guest's buffers, and what waits for a full socket goes out when that is read. A queue whose index in RAM is ahead of the
   * saved one is refused at the load.
   */
  async noteDevices(signal: AbortSignal): Promise<void> {
    this.#noted = await this.parts.serialPositions(signal);
  }

  async hasStoodStill(signal: AbortSignal): Promise<boolean> {
    const now = await this.parts.serialPositions(signal);
    return this.#noted.length === now.length && now.every((position, queue) => position === this.#noted[queue]);
  }

  async sealDisk(overlayPath: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.parts.overlay?.path !== overlayPath) await this.openOverlay(overlayPath, signal);
    const overlay = this.parts.overlay;
    this.parts.overlay = null;
    assert(overlay !== null, "what was opened is there");
    await this.changeDisk("sealing the disk", signal, (_, deadline) => sealDisk(this.qmp, overlay, deadline));
  }

  async resume(signal: AbortSignal): Promise<RunningMachine> {
    await this.changeRunState("cont", signal);
    return new RunningQemuMachine(this.parts);
  }
}

class RunningQemuMachine extends QemuMachine implements RunningMachine {
  readonly state = "running";

  async prepareCheckpoint(signal: AbortSignal): Promise<{ readonly ownBytes: number }> {
    const [ownBytes] = await Promise.all([this.parts.countOwnBytes(), this.parts.findSerialRings(signal)]);
    return { ownBytes };
  }

  trackMemory(signal: AbortSignal): Promise<TrackedMemory | null> {
    return this.parts.trackMemory(signal);
  }

  /** A change of the disk's layers ends first: while the guest runs on, not in its pause. */
  async pause(signal: AbortSignal): Promise<PausedMachine> {
    await this.parts.diskTurns.take(() => this.changeRunState("stop", signal));
    return new PausedQemuMachine(this.parts);
  }
}

// libslirp sends a guest's datagrams to the gateway on from the host's loopback address.
const userNetworkSource = "127.0.0.1";
const forwardAddress = "127.0.0.1";
const monitorLimitMs = 10_000;
// A stop waits for the disks' writes; milliseconds usually, more on a slow disk.
const runStateLimitMs = 30_000;
const saveLimitMs = 30_000;
const diskLimitMs = 30_000;
const trackLimitMs = 10_000;
