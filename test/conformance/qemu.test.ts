import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { QemuDriver } from "../../src/hypervisors/qemu/qemu-driver.ts";
import { describeDriver } from "./driver.conformance.ts";

const build = process.env["RAMET_BUILD_DIR"] ?? resolve(dirname(import.meta.dirname), "..", "build");

describeDriver("qemu", async (directory) => {
  const kernelPath = join(build, "guest", "vmlinux");
  const blankDiskPath = join(build, "guest", "blank-10g.ext4");
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
      rootDiskPath: join(build, "guest", "images", "ramet-base.erofs"),
      blankDiskPath,
      kernelArguments: "console=hvc0 quiet panic=-1",
    },
    diskBytes: (await stat(blankDiskPath)).size,
    programs: {
      store: (path, text) => shell(`echo ${text} > ${path} && sync`),
      // Without its cache the guest must read the disk.
      fetch: (path) => shell(`echo 3 > /proc/sys/vm/drop_caches && cat ${path}`),
    },
    killFromOutside: ({ process: identity }) => {
      assert.ok(identity);
      process.kill(identity.pid, "SIGKILL");
    },
  };
});

function shell(script: string): readonly string[] {
  return ["/bin/sh", "-c", script];
}
