import { relative } from "node:path";
import { assert } from "../../lib/assert.ts";
import { maxVolumes, volumeSerial, type MachineFiles, type MachineSpec } from "../driver.ts";
import type { BlockNode } from "./qmp/qmp-commands.ts";

/*
 * QEMU's arguments, from the machine's spec and files and nothing else: a restore builds the very machine whose state was
 * saved. Every device has a fixed PCI address, so that adding one later moves no other.
 *
 *     00:02.0 virtio-serial   port 0 hvc0 (console.log), port 1 "ramet.agent" (agent.sock)
 *     00:03.0 virtio-net      user-mode network, or a TAP interface of the host
 *     00:04.0 virtio-blk      serial ramet-root, read-only
 *     00:05.0 virtio-blk      serial ramet-disk, the topmost of the writable disk's layers
 *     00:06.0 … virtio-blk    serial ramet-volume-N, the volumes in their order
 *             vmgenid         a new id at each start, which tells a restored guest that it is a fork
 */

export const qmpSocketName = "qmp.sock";
export const agentSocketName = "agent.sock";
export const consoleLogName = "console.log";
export const vmmLogName = "vmm.log";

/** How QMP names the host's side of the network card. */
export const networkId = "net0";

/** The bus of the console and of the agent's port. */
export const serialId = "serial0";

/** How QMP names the lowest layer of the writable disk, and, when the machine starts, the topmost. */
export const bottomNodeName = "layer0";
export const topNodeName = "disk";

const writableDiskId = "disk";
/** How QMP names the back of the writable disk. The ids of devices are no part of a saved state, their addresses are. */
export const writableDiskDevicePath = `/machine/peripheral/${writableDiskId}/virtio-backend`;

/** What the child process finds behind which descriptor. */
export const inheritedDescriptors = {
  qmpListener: 3,
  agentListener: 4,
  deviceState: 5,
  trackerListener: 6,
  tracker: 7,
} as const;

/** Where a machine that is restored finds its device state. */
export const incomingUri = `fd:${String(inheritedDescriptors.deviceState)}`;

export interface LaunchOptions {
  /** A restore loads device state from an inherited descriptor and stays paused; a `deferred_restore` when it is told to, `incomingUri`. */
  readonly start: "boot" | "restore" | "deferred_restore";
  /** Size of the translation cache under software emulation; it is most of a child's private memory. */
  readonly translationCacheMegabytes: number;
}

/**
 * The argument vector after the program's name. QEMU runs in the machine's own directory and names what lies in it relative to
 * that: it opens its disks by name again when they are sealed, and the directory may have been renamed by then.
 */
export function commandLine(spec: MachineSpec, given: MachineFiles, options: LaunchOptions): string[] {
  const files = namedFromWithin(given);
  return [
    ...sandbox,
    ...machine(spec, options),
    ...memory(spec, files),
    ...monitor(),
    ...serial(),
    ...network(spec, files),
    ...disks(files),
    ...volumes(spec, files),
    ...["-device", "vmgenid,guid=auto"],
    ...start(spec, files, options),
  ];
}

/** The arguments of a QEMU without a machine that has a disk's layers open, the last one for writing; see `flatten-disk.ts`. */
export function diskToolCommandLine(layers: readonly string[]): string[] {
  return [...sandbox, ...["-machine", "none"], ...monitor(), ...writableDisk(layers)];
}

function namedFromWithin(files: MachineFiles): MachineFiles {
  const nameOf = (path: string): string => {
    const name = relative(files.directory, path);
    return name === ".." || name.startsWith("../") ? path : name;
  };
  return {
    ...files,
    memoryPath: nameOf(files.memoryPath),
    rootDiskPath: nameOf(files.rootDiskPath),
    writableDiskLayers: files.writableDiskLayers.map(nameOf),
    volumePaths: (files.volumePaths ?? []).map(nameOf),
  };
}

const sandbox = [
  ...["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
  "-nodefaults",
  "-no-user-config",
  ...["-display", "none"],
  ...["-vga", "none"],
  // A guest's reboot ends the VMM: its firmware is not in a memory image, and starting again is the domain's decision.
  "-no-reboot",
  ...["-msg", "timestamp=on"],
];

/**
 * Several processors share one thread: with a thread each, QEMU 7.2 lets one execute translated code that another has just rewritten, and
 * a kernel that patches itself while it boots ("Oops: int3") does not get over that.
 */
function softwareEmulation(spec: MachineSpec, options: LaunchOptions): string {
  const thread = spec.vcpus > 1 ? "single" : "multi";
  return `tcg,thread=${thread},tb-size=${String(options.translationCacheMegabytes)}`;
}

function machine(spec: MachineSpec, options: LaunchOptions): string[] {
  const accelerator = spec.accelerator === "kvm" ? "kvm" : softwareEmulation(spec, options);
  return [
    // suppress-vmdesc: the description that QEMU appends to a migration stream is not part of a device state file.
    ...["-machine", `${spec.machineType},memory-backend=ram0,suppress-vmdesc=on,vmport=off,smbus=off,sata=off`],
    ...["-accel", accelerator],
    ...["-cpu", spec.cpuModel],
    ...["-smp", String(spec.vcpus)],
    ...["-m", `size=${String(spec.memoryBytes)}B`],
  ];
}

/** share=off maps the file MAP_PRIVATE: the guest's writes stay in this process and the file is never written. */
function memory(spec: MachineSpec, files: MachineFiles): string[] {
  const backend = {
    "qom-type": "memory-backend-file",
    id: "ram0",
    size: spec.memoryBytes,
    "mem-path": files.memoryPath,
    share: false,
  };
  return ["-object", JSON.stringify(backend)];
}

function monitor(): string[] {
  const listener = String(inheritedDescriptors.qmpListener);
  return [...["-chardev", `socket,id=qmp,fd=${listener},server=on,wait=off`], ...["-mon", "chardev=qmp,mode=control"]];
}

function serial(): string[] {
  const listener = String(inheritedDescriptors.agentListener);
  return [
    ...["-device", `virtio-serial-pci,id=${serialId},addr=0x2,disable-legacy=on`],
    ...["-chardev", `file,id=console,path=${consoleLogName},append=on`],
    ...["-device", `virtconsole,bus=${serialId}.0,nr=0,chardev=console`],
    ...["-chardev", `socket,id=agent,fd=${listener},server=on,wait=off`],
    ...["-device", `virtserialport,bus=${serialId}.0,nr=1,chardev=agent,name=ramet.agent`],
  ];
}

function network(spec: MachineSpec, { tapName }: MachineFiles): string[] {
  if (spec.hasNetwork === false) return [];
  const isTap = tapName !== undefined && tapName !== null;
  const tap = `tap,id=${networkId},ifname=${tapName ?? ""},script=no,downscript=no,vhost=off`;
  // No option ROM: nothing boots from the network, and the ROM costs time at each start.
  const card = `virtio-net-pci,addr=0x3,disable-legacy=on,romfile=,netdev=${networkId},mac=${spec.macAddress}`;
  return [
    ...["-netdev", isTap ? tap : `user,id=${networkId},ipv6=off`],
    ...["-device", spec.guestAnnounces === false ? `${card},guest_announce=off` : card],
  ];
}

function disks(files: MachineFiles): string[] {
  const root = { driver: "raw", "node-name": "root", "read-only": true, file: fileNode(files.rootDiskPath, true) };
  return [
    ...["-blockdev", JSON.stringify(root)],
    ...["-device", "virtio-blk-pci,addr=0x4,disable-legacy=on,drive=root,serial=ramet-root"],
    ...writableDisk(files.writableDiskLayers),
    ...["-device", `virtio-blk-pci,id=${writableDiskId},addr=0x5,disable-legacy=on,drive=disk,serial=ramet-disk`],
  ];
}

const firstVolumeSlot = 6;

function volumes({ volumes: wanted = [] }: MachineSpec, { volumePaths = [] }: MachineFiles): string[] {
  assert(wanted.length === volumePaths.length && wanted.length <= maxVolumes, "each volume has a disk and a slot");
  return wanted.flatMap(({ mode }, place) => {
    const readOnly = mode !== "read_write";
    const name = `volume${String(place)}`;
    const file = fileNode(volumePaths[place] ?? "", readOnly);
    const node = { driver: "raw", "node-name": name, "read-only": readOnly, discard: "unmap", file };
    const slot = (firstVolumeSlot + place).toString(16);
    const device = `virtio-blk-pci,addr=0x${slot},disable-legacy=on,drive=${name},serial=${volumeSerial(place)}`;
    return [...["-blockdev", JSON.stringify(node)], ...["-device", device]];
  });
}

/** Each layer names the one below it as a node: what a header says of its backing file is never followed. */
function writableDisk(layers: readonly string[]): string[] {
  const [base, ...overlays] = layers;
  assert(base !== undefined && overlays.length > 0, "a writable disk is a raw base with at least one overlay");
  const bottom = { driver: "raw", "node-name": bottomNodeName, "read-only": true, file: fileNode(base, true) };
  const top = overlays.length - 1;
  const nodes = overlays.map((path, index) => {
    const name = index === top ? topNodeName : `layer${String(index + 1)}`;
    return overlayNode(name, path, { readOnly: index !== top, backing: `layer${String(index)}` });
  });
  return [bottom, ...nodes].flatMap((node) => ["-blockdev", JSON.stringify(node)]);
}

/**
 * A qcow2 layer of the writable disk, on a node of its own for the file. Without a backing node it is to be put on top of another.
 */
export function overlayNode(
  name: string,
  path: string,
  { readOnly, backing }: { readonly readOnly: boolean; readonly backing: string | null },
): BlockNode {
  const file = { ...fileNode(path, readOnly), "node-name": fileNodeName(name) };
  return { driver: "qcow2", "node-name": name, "read-only": readOnly, discard: "unmap", file, backing };
}

/** How QMP names the file below a layer's node. */
export function fileNodeName(layer: string): string {
  return `${layer}-file`;
}

/** auto-read-only: QEMU has the file open for writing only while somebody above writes, so a sealed layer's descriptor cannot. */
function fileNode(path: string, readOnly: boolean): BlockNode {
  return { driver: "file", filename: path, "read-only": readOnly, "auto-read-only": true, discard: "unmap" };
}

function start(spec: MachineSpec, files: MachineFiles, options: LaunchOptions): string[] {
  if (options.start !== "boot") {
    return [
      // The saved state comes without the preface that a live migration would send first.
      ...["-global", "migration.send-configuration=off"],
      ...["-global", "migration.x-events=on"],
      ...["-incoming", options.start === "restore" ? incomingUri : "defer"],
      "-S",
    ];
  }
  return [...["-kernel", files.kernelPath], ...["-initrd", files.initramfsPath], ...["-append", spec.kernelArguments]];
}
