import assert from "node:assert/strict";
import { open } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { QemuDriver } from "../../src/hypervisors/qemu/qemu-driver.ts";
import { describeDriver } from "./driver.conformance.ts";

const build = process.env["RAMET_BUILD_DIR"] ?? resolve(dirname(import.meta.dirname), "..", "build");

describeDriver("qemu", async (directory) => {
  const kernelPath = join(build, "kernel", "vmlinuz");
  const driver = new QemuDriver({
    qemuPath: process.env["RAMET_QEMU"] ?? "qemu-system-x86_64",
    accelerator: "auto",
    kernelPath,
    acceleratorMemoryPath: join(directory, "accelerator"),
  });
  return {
    driver,
    memoryBytes: 192 << 20,
    shared: {
      kernelPath,
      initramfsPath: join(build, "guest", "initramfs.cpio"),
      // The guest's agent answers before it mounts anything, so the disks may be empty.
      rootDiskPath: await emptyDisk(join(directory, "root"), 1 << 20),
      blankDiskPath: await emptyDisk(join(directory, "blank"), 1 << 30),
      kernelArguments: "console=hvc0 quiet panic=-1",
    },
    killFromOutside: ({ process: identity }) => {
      assert.ok(identity);
      process.kill(identity.pid, "SIGKILL");
    },
  };
});

async function emptyDisk(path: string, sizeBytes: number): Promise<string> {
  await using file = await open(path, "wx", 0o600);
  await file.truncate(sizeBytes);
  return path;
}
