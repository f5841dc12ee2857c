/**
 * What every hypervisor must offer. A machine changes its type with its state, so that the wrong order does not compile:
 *
 *     boot ──────────────► RunningMachine ──shutdown──► (exit)
 *                            │        ▲
 *                          pause    resume
 *                            ▼        │
 *     restore ───────────► PausedMachine: openMemory, saveDeviceState, sealDisk
 *
 * Calling pause or resume ends the old object's life; only the object returned may be used from then on.
 */
import type { Duplex } from "node:stream";
import type { ProcessIdentity } from "../lib/process-identity.ts";
import type { GuestMemory, TrackedMemory } from "../memory/guest-memory.ts";
import type { IndexedImage } from "../memory/image-reader.ts";

export type { ProcessIdentity } from "../lib/process-identity.ts";

/** What a driver can do, as data: a request that needs more is refused with 501 before anything is read or locked. */
export interface Capabilities {
  readonly checkpoint: boolean;
  readonly liveCheckpoint: boolean;
  readonly fork: boolean;
  readonly forkMailboxes: boolean;
  /** `replaceLowerLayers`. Without it a running machine keeps the layers that it was started with; the next one reads the merged. */
  readonly liveFlatten: boolean;
  readonly bridgeNetwork: boolean;
}

/** The facts of this host's hypervisor that a memory image must match to be restored here. */
export interface HypervisorHost {
  readonly hypervisor: string;
  readonly version: string;
  readonly machineType: string;
  readonly cpuModel: string;
  readonly accelerator: string;
}

/** The machine as the guest sees it. Stored with the instance; a restore builds exactly this machine again. */
export interface MachineSpec extends HypervisorHost {
  readonly vcpus: number;
  readonly memoryBytes: number;
  readonly macAddress: string;
  /** False: it has no network card. Left out: it has one. */
  readonly hasNetwork?: boolean;
  /**
   * False: a restored guest does not announce its address, which is its parent's until it has taken its identity. Left out: it does, as
   * machines did that are older than this field; the guest's driver was told at its boot, so it is part of the machine.
   */
  readonly guestAnnounces?: boolean;
  /** Kernel command line of a fresh boot. */
  readonly kernelArguments: string;
  /** SHA-256, hexadecimal, of the kernel and the initramfs that the guest booted from: they live on in every memory image of it. */
  readonly kernelDigest: string;
  readonly initramfsDigest: string;
  /** What the guest's root may write, of the writable disk; left out: 10 GiB. Whole MiB. */
  readonly diskBytes?: number;
  /** Further disks, which lie at `MachineFiles.volumePaths` in this order; left out: none. */
  readonly volumes?: readonly MachineVolume[];
}

/** A disk that stands on its own. The guest finds it by its serial, `ramet-volume-N` with its place in the list. */
export interface MachineVolume {
  readonly volumeId: string;
  readonly mountPath: string;
  /** "overlay": the guest writes to a layer on its writable disk. Only "read_write" lets the machine write the volume itself. */
  readonly mode: "read_only" | "overlay" | "read_write";
  /** Of an overlay: how large its layer may become. It then has a part of its own of the writable disk; left out: it shares the root's. Whole MiB. */
  readonly overlayBytes?: number;
}

/** Each has a place of its own on the machine's bus. */
export const maxVolumes = 16;

/** How a guest finds the volume in this place; 20 bytes at most (virtio specification, VIRTIO_BLK_T_GET_ID). */
export function volumeSerial(place: number): string {
  return `ramet-volume-${String(place)}`;
}

/** Where this one machine's own files lie. No other machine writes any of them. */
export interface MachineFiles {
  /**
   * The driver makes its sockets, `console.log` and `vmm.log` in here. May be longer than a socket address allows. It may be renamed
   * while the machine runs, with the files in it; files may not.
   */
  readonly directory: string;
  /** Mapped copy-on-write and never written: an empty sparse file for a boot, a memory image for a restore. */
  readonly memoryPath: string;
  readonly kernelPath: string;
  readonly initramfsPath: string;
  /** Read-only root filesystem (raw), shared by all instances of an image. */
  readonly rootDiskPath: string;
  /** The writable disk: first the raw blank base, then sealed qcow2 layers, oldest first, last the overlay that is written. */
  readonly writableDiskLayers: readonly string[];
  /** The disks of `MachineSpec.volumes` (raw), in their order; left out: none. */
  readonly volumePaths?: readonly string[];
  /** The TAP interface of this host that its network card is plugged into; left out or null: the hypervisor's own NAT. */
  readonly tapName?: string | null;
}

/** What a restore needs besides the machine's files. */
export interface SavedState {
  /** From `saveDeviceState`. */
  readonly deviceStatePath: string;
  /**
   * What the RAM has over `MachineFiles.memoryPath`; null or left out: nothing. In its place before the devices are loaded, which look at what
   * the guest has told them there. Of the machine's own from then on, as if the guest had written it.
   */
  readonly ownPages?: IndexedImage | null;
}

/** A port of this host's loopback address that leads to one of the guest, behind the hypervisor's own NAT. */
export interface PortForward {
  readonly protocol: "tcp" | "udp";
  readonly hostPort: number;
  readonly guestPort: number;
}

export interface MachineExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The VMM's last lines on stderr, for the operator. */
  readonly lastWords: string;
}

/** Common to both states. */
export interface Machine {
  /** Null when the driver runs no process of its own. */
  readonly process: ProcessIdentity | null;
  /** Settles once, when the VMM is gone and reaped, however that came about. Never rejects. */
  readonly exited: Promise<MachineExit>;
  /** A fresh connection to the guest agent's byte stream. One at a time: a new one ends the one before. */
  connectAgent(signal: AbortSignal): Promise<Duplex>;
  /** Whether a UDP datagram that reached this host from that address and port was sent by this machine's guest. */
  sentDatagram(address: string, port: number): Promise<boolean>;
  /** Begins to forward a port; false when the host's port is taken. Not part of a saved state. */
  openPort(forward: PortForward, signal: AbortSignal): Promise<boolean>;
  /** Ends a forwarding that `openPort` began. */
  closePort(forward: PortForward, signal: AbortSignal): Promise<void>;
  /** The file that the guest's writes to its disk go to: the topmost layer, or the overlay of the last seal. */
  writtenDiskLayer(signal: AbortSignal): Promise<string>;
  /**
   * From now on the machine reads the layer `merged` in place of all that lies between its layer `above` and the blank one; `merged` says
   * alone what those say together, see `flattenDisk`. The others are closed. The guest notices nothing; what it writes meanwhile is
   * kept, and a seal or a pause that is asked for meanwhile waits for the end. Does nothing when there is only one layer in that place.
   * `merged` is opened once and may be renamed afterwards. `signal` is heeded before it begins, not after.
   * @throws RefusedError when the machine has no layer `above` with layers below it, or the hypervisor refuses; MachineLostError. After
   * any failure the machine reads what it read before, by its old layers or by the merged one.
   */
  replaceLowerLayers(above: string, merged: string, signal: AbortSignal): Promise<void>;
  /**
   * Opens the overlay that `sealDisk` is going to be asked for, which is most of a seal's work and needs no pause. `signal` is heeded before
   * it begins, not after. Followed by `sealDisk` or `closeOverlay`.
   */
  openOverlay(overlayPath: string, signal: AbortSignal): Promise<void>;
  /** Lets go of an overlay that was opened and not sealed with; does nothing when there is none or the machine has ended. */
  closeOverlay(signal: AbortSignal): Promise<void>;
  /** Ends the VMM at once and resolves when it is reaped. Safe to call again, and on a machine that is gone. */
  kill(): Promise<void>;
  /**
   * Lets go of the VMM without ending it: what this process holds of it is closed, and it can be adopted later. A driver
   * without a process ends the machine.
   */
  detach(): Promise<void>;
}

export interface PausedMachine extends Machine {
  readonly state: "paused";
  /**
   * Finds memory ahead that the guest's first instructions would wait for. For a machine that nobody waits for yet; it may also be left out.
   * The guest notices nothing. @throws MachineLostError or another error when the VMM has ended.
   */
  prefault(signal: AbortSignal): Promise<void>;
  openMemory(): Promise<GuestMemory>;
  /**
   * Writes the state of CPUs and devices, without RAM, to a new file at `path`, and flushes the disks.
   * @param options.willResume whether this machine goes on afterwards, or ends. One that goes on may still write its disks.
   */
  saveDeviceState(path: string, options: { readonly willResume: boolean }, signal: AbortSignal): Promise<void>;
  /** From here on `hasStoodStill` can tell. Comes before the device state is saved and RAM is read, which may then go side by side. */
  noteDevices(signal: AbortSignal): Promise<void>;
  /**
   * Whether nothing has moved in RAM since `noteDevices`. A VMM serves its host's side while the guest stands still: bytes to or
   * from the agent may move then, and they move what the guest's RAM says of them. Asked when the device state is saved and RAM is copied:
   * when it is false, the two do not fit together, and both are taken again.
   */
  hasStoodStill(signal: AbortSignal): Promise<boolean>;
  /**
   * The disk's topmost layer becomes read-only for this machine, which writes to `overlayPath` from now on: an overlay from
   * `createDiskOverlay`, of the disk's size; `openOverlay` may have come before. A later restore or adoption lists it as the last of
   * `writableDiskLayers`. Within the pause in which the device state was saved, the sealed layers are the disk of that state; the order of the
   * two does not matter.
   * It cannot be taken back, so it comes last before `resume`, when nothing else of a checkpoint can fail any more.
   * `signal` is heeded before it begins, not after. When the hypervisor refuses, the disk is as it was; after any other
   * failure it is not known which layer the machine writes, and the machine must be killed.
   */
  sealDisk(overlayPath: string, signal: AbortSignal): Promise<void>;
  /** Resolves when the guest goes on. */
  resume(signal: AbortSignal): Promise<RunningMachine>;
}

export interface RunningMachine extends Machine {
  readonly state: "running";
  /**
   * What a checkpoint can find out while the guest still runs, so that its pause is shorter; it may also be left out.
   * `ownBytes` is how much of its RAM differs, by now, from the file that it was mapped from.
   */
  prepareCheckpoint(signal: AbortSignal): Promise<{ readonly ownBytes: number }>;
  /**
   * The guest's RAM, which may be read from now on until the pause's end, and what is written to it meanwhile; null where nothing tells that. One at a
   * time; to be disposed of. Once the signal has aborted it tells nothing any more.
   */
  trackMemory(signal: AbortSignal): Promise<TrackedMemory | null>;
  /** Resolves when the guest stands still and its disks' writes have ended. */
  pause(signal: AbortSignal): Promise<PausedMachine>;
}

export interface HypervisorDriver {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Address at which a guest in user-mode networking reaches this host, and the guest's own place behind the NAT. */
  readonly userNetwork: UserNetwork;
  /** Asks the installed hypervisor once and remembers the answer. May take seconds when the accelerator must be probed. */
  describeHost(signal: AbortSignal): Promise<HypervisorHost>;
  boot(spec: MachineSpec, files: MachineFiles, signal: AbortSignal): Promise<RunningMachine>;
  /** A machine of the same spec whose RAM is `files.memoryPath` with its own pages, and whose devices are as saved. No guest instruction has run. */
  restore(spec: MachineSpec, files: MachineFiles, saved: SavedState, signal: AbortSignal): Promise<PausedMachine>;
  /** Makes an empty overlay at `path`, which must not exist: the topmost of `writableDiskLayers`. */
  createDiskOverlay(path: string, sizeBytes: number): Promise<void>;
  /**
   * Makes at `path`, which must not exist, one layer that says on top of the first of `layers` what all of them say together. They are
   * sealed layers of one disk, the blank one first; none of them changes. It is not synced. `path` lies in a directory in which the driver
   * may work, and which may go when the promise has settled. When it rejects there is no file.
   */
  flattenDisk(layers: readonly string[], path: string, signal: AbortSignal): Promise<void>;
  /** What this host has and lacks for this hypervisor, for an operator. */
  examine(signal: AbortSignal): Promise<readonly Finding[]>;
  /**
   * Takes up a VMM that outlived the server that started it; null when that process is gone. Which layers its disk has it is not told by
   * `files`, but tells itself: `writtenDiskLayer`.
   */
  adopt(
    spec: MachineSpec,
    files: MachineFiles,
    process: ProcessIdentity,
    signal: AbortSignal,
  ): Promise<RunningMachine | PausedMachine | null>;
}

export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do about it; null when nothing needs to be done. */
  readonly remedy: string | null;
}

/** The hypervisor understood what it was asked and refused: the machine is as it was. */
export class RefusedError extends Error {}

/** The VMM ended while it was asked for something. The message may be shown; the last words are for the operator. */
export class MachineLostError extends Error {
  override readonly name = "MachineLostError";
  /** What the VMM wrote last to stderr. */
  lastWords = "";

  /** Completes an error that was made when the request was sent. */
  explain(lastWords: string, cause: Error | null): this {
    this.lastWords = lastWords;
    if (lastWords !== "") this.message += `; its last words: ${lastWords}`;
    if (cause !== null) this.cause = cause;
    return this;
  }
}

export interface UserNetwork {
  readonly interfaceName: string;
  readonly ipv4: string;
  readonly prefixLength: number;
  readonly gateway: string;
  readonly dns: string;
  /** Where on this host a datagram that the guest sends to `gateway` arrives. */
  readonly hostAddress: string;
}
