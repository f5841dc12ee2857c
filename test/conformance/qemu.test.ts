import assert from "node:assert/strict";
import { dirname, join, resolve } from "node:path";
import { makeBlankDisk } from "../../src/domain/instances/blank-disk.ts";
import { QemuDriver } from "../../src/hypervisors/qemu/qemu-driver.ts";
import { findTracker } from "../../src/hypervisors/qemu/write-tracker.ts";
import { describeDriver } from "./driver.conformance.ts";

const build = process.env["RAMET_BUILD_DIR"] ?? resolve(dirname(import.meta.dirname), "..", "build");
const diskBytes = 10 * 2 ** 30;

describeDriver("qemu", async (directory) => {
  const kernelPath = join(build, "guest", "vmlinux");
  const blankDiskPath = join(directory, "blank");
  await makeBlankDisk(blankDiskPath, { diskBytes }, AbortSignal.timeout(10_000));
  const driver = new QemuDriver({
    qemuPath: process.env["RAMET_QEMU"] ?? "qemu-system-x86_64",
    accelerator: "auto",
    kernelPath,
    acceleratorMemoryPath: join(directory, "accelerator"),
    trackerPath: findTracker(build),
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
    diskBytes,
    programs: {
      store: (path, text) => shell(`echo ${text} > ${path} && sync`),
      // Without its cache the guest must read the disk.
      fetch: (path) => shell(`echo 3 > /proc/sys/vm/drop_caches && cat ${path}`),
      writeOnAndOn: shell("(while :; do head -c 3000000 /dev/urandom > /run/written; done) > /dev/null 2>&1 &"),
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
