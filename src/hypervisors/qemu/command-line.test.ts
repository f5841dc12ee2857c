import assert from "node:assert/strict";
import { test } from "node:test";
import type { MachineFiles, MachineSpec } from "../driver.ts";
import { commandLine } from "./command-line.ts";

const spec: MachineSpec = {
  hypervisor: "qemu",
  version: "7.2.22",
  machineType: "pc-q35-7.2",
  cpuModel: "max",
  accelerator: "tcg",
  vcpus: 2,
  memoryBytes: 512 << 20,
  macAddress: "52:54:00:aa:bb:cc",
  kernelArguments: "console=hvc0 quiet",
  kernelDigest: "",
  initramfsDigest: "",
};
const files: MachineFiles = {
  directory: "/data/one",
  memoryPath: '/data/one/base, with "odd" name/memory',
  kernelPath: "/build/vmlinuz",
  initramfsPath: "/build/initramfs",
  rootDiskPath: "/images/root, odd",
  writableDiskLayers: ["/images/blank", "/data/one/sealed", "/data/one/overlay"],
};
const boot = commandLine(spec, files, { start: "boot", translationCacheMegabytes: 32 });
const restore = commandLine(spec, files, { start: "restore", translationCacheMegabytes: 32 });

function valuesOf(args: readonly string[], option: string): string[] {
  return args.flatMap((arg, index) => (args[index - 1] === option ? [arg] : []));
}

test("a restore builds the machine of the boot, less the kernel, plus the saved state, and stays paused", () => {
  const bootOnly = ["-kernel", files.kernelPath, "-initrd", files.initramfsPath, "-append", spec.kernelArguments];
  assert.deepEqual(boot.slice(-bootOnly.length), bootOnly);
  const machine = boot.slice(0, -bootOnly.length);
  assert.deepEqual(restore.slice(0, machine.length), machine);
  assert.deepEqual(restore.slice(machine.length), [
    ...["-global", "migration.send-configuration=off", "-global", "migration.x-events=on"],
    ...["-incoming", "fd:5", "-S"],
  ]);
});

test("the guest's RAM is a private mapping of the memory file, whatever its path looks like", () => {
  const [memory] = valuesOf(boot, "-object").map((text) => JSON.parse(text) as Record<string, unknown>);
  assert.deepEqual(memory, {
    "qom-type": "memory-backend-file",
    id: "ram0",
    size: spec.memoryBytes,
    "mem-path": 'base, with "odd" name/memory',
    share: false,
  });
  assert.match(valuesOf(boot, "-machine")[0] ?? "", /^pc-q35-7\.2,memory-backend=ram0,/);
});

test("only the last layer of the disk is writable, and each names the one below it", () => {
  const nodes = valuesOf(boot, "-blockdev").map((text) => JSON.parse(text) as Record<string, unknown>);
  const shown = nodes.map((node) => [node["node-name"], node["driver"], node["read-only"], node["backing"] ?? null]);
  assert.deepEqual(shown, [
    ["root", "raw", true, null],
    ["layer0", "raw", true, null],
    ["layer1", "qcow2", true, "layer0"],
    ["disk", "qcow2", false, "layer1"],
  ]);
  const names = nodes.map((node) => (node["file"] as { filename: string }).filename);
  // What lies in the machine's directory is named from within it: the directory may be renamed while the machine runs.
  assert.deepEqual(names, [files.rootDiskPath, "/images/blank", "sealed", "overlay"]);
});

test("every PCI device has an address of its own", () => {
  const addresses = valuesOf(boot, "-device")
    .filter((device) => device.includes("-pci"))
    .map((device) => /addr=(0x[0-9a-f]+)/.exec(device)?.[1]);
  assert.deepEqual(addresses, ["0x2", "0x3", "0x4", "0x5"]);
});

test("the sandbox forbids new programs and more privileges", () => {
  const [sandbox] = valuesOf(boot, "-sandbox");
  assert.equal(sandbox, "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
});

test("KVM is asked for only when the spec says so", () => {
  assert.deepEqual(valuesOf(boot, "-accel"), ["tcg,thread=single,tb-size=32"]);
  const underKvm = { ...spec, accelerator: "kvm", cpuModel: "host" };
  const args = commandLine(underKvm, files, { start: "boot", translationCacheMegabytes: 32 });
  assert.deepEqual(valuesOf(args, "-accel"), ["kvm"]);
  assert.deepEqual(valuesOf(args, "-cpu"), ["host"]);
});

test("a disk without an overlay is our own mistake", () => {
  const readOnly = { ...files, writableDiskLayers: ["/images/blank"] };
  assert.throws(() => commandLine(spec, readOnly, { start: "boot", translationCacheMegabytes: 32 }), {
    name: "InvariantError",
  });
});

test("the card is plugged into a TAP that was made for it, or into QEMU's own NAT; the card itself is the same", () => {
  const onTap = commandLine(spec, { ...files, tapName: "tap7" }, { start: "boot", translationCacheMegabytes: 32 });
  assert.deepEqual(valuesOf(onTap, "-netdev"), ["tap,id=net0,ifname=tap7,script=no,downscript=no,vhost=off"]);
  assert.deepEqual(valuesOf(boot, "-netdev"), ["user,id=net0,ipv6=off"]);
  assert.deepEqual(valuesOf(onTap, "-device"), valuesOf(boot, "-device"));
});

test("a guest that is not to announce its address is not offered it; a machine of before, which says nothing, is as it was", () => {
  const args = commandLine({ ...spec, guestAnnounces: false }, files, { start: "boot", translationCacheMegabytes: 32 });
  const cardOf = (given: readonly string[]) => valuesOf(given, "-device").find((text) => text.startsWith("virtio-net"));
  assert.equal(cardOf(args), `${cardOf(boot) ?? ""},guest_announce=off`);
});

test("each volume is a disk in a place of its own, and only one that is to be written can be", () => {
  const volumes = (["read_only", "overlay", "read_write"] as const).map((mode, index) => ({
    volumeId: `v${String(index)}`,
    mountPath: `/mnt/${String(index)}`,
    mode,
  }));
  const volumePaths = ["/data/one/volumes/0", "/data/one/volumes/1", "/data/one/volumes/2"];
  const args = commandLine(
    { ...spec, volumes },
    { ...files, volumePaths },
    { start: "boot", translationCacheMegabytes: 32 },
  );
  const added = valuesOf(args, "-blockdev").slice(valuesOf(boot, "-blockdev").length);
  const nodes = added.map((text) => JSON.parse(text) as { "read-only": boolean; file: { filename: string } });
  assert.deepEqual(
    nodes.map((node) => [node["read-only"], node.file.filename]),
    [
      [true, "volumes/0"],
      [true, "volumes/1"],
      [false, "volumes/2"],
    ],
  );
  const devices = valuesOf(args, "-device").filter((device) => device.includes("ramet-volume"));
  assert.deepEqual(
    devices.map((device) => /addr=(?<slot>0x\w+).*serial=(?<serial>[\w-]+)/.exec(device)?.slice(1)),
    [
      ["0x6", "ramet-volume-0"],
      ["0x7", "ramet-volume-1"],
      ["0x8", "ramet-volume-2"],
    ],
  );
  const others = (list: readonly string[]): string[] =>
    valuesOf(list, "-device").filter((one) => !devices.includes(one));
  assert.deepEqual(others(args), others(boot), "no other device moves");
});
