import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FakeDriver } from "../../src/hypervisors/fake/fake-driver.ts";
import { fakeGuest } from "../fixtures/fake-guest.ts";
import { describeDriver } from "./driver.conformance.ts";

describeDriver("fake", async (directory) => {
  const driver = new FakeDriver({ guest: fakeGuest() });
  const path = join(directory, "unused");
  await writeFile(path, "");
  return {
    driver,
    memoryBytes: 64 << 20,
    shared: { kernelPath: path, initramfsPath: path, rootDiskPath: path, blankDiskPath: path, kernelArguments: "" },
    diskBytes: 1 << 20,
    programs: { store: (path, text) => ["store", path, text], fetch: (path) => ["fetch", path] },
    killFromOutside: (machine) => {
      driver.crash(machine);
    },
  };
});
