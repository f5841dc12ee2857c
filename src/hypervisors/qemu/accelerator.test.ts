import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { programOf } from "../../../test/fixtures/program-of.ts";
import { chooseAccelerator, type AcceleratorOptions } from "./accelerator.ts";

const signal = AbortSignal.timeout(60_000);
let directory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "ramet-accelerator-"));
});

after(async () => {
  await rm(directory, { recursive: true });
});

async function options(changes: Partial<AcceleratorOptions> = {}): Promise<AcceleratorOptions> {
  const home = await mkdtemp(join(directory, "run-"));
  const qemuPath = await programOf(home, "crashing-qemu.ts");
  const acceleratorMemoryPath = join(home, "accelerator");
  return { qemuPath, accelerator: "auto", kernelPath: "/no/kernel", acceleratorMemoryPath, ...changes };
}

test("a configured accelerator is taken at its word, and nothing is started", async () => {
  for (const accelerator of ["kvm", "tcg"] as const) {
    const chosen = await chooseAccelerator(await options({ accelerator, qemuPath: "/no/qemu" }), "7.2.0", signal);
    assert.equal(chosen.accelerator, accelerator);
  }
});

test("a QEMU that does not run under KVM means software emulation, and the answer is remembered", async () => {
  const asked = await options();
  const found = await chooseAccelerator(asked, "7.2.0", signal);
  assert.equal(found.accelerator, "tcg");
  // A program that is not there cannot be asked again.
  assert.deepEqual(await chooseAccelerator({ ...asked, qemuPath: "/no/qemu" }, "7.2.0", signal), found);
});

test("the answer for another version, or from a damaged file, is not used", async () => {
  const asked = await options();
  await chooseAccelerator(asked, "7.2.0", signal);
  const remembered = await readFile(asked.acceleratorMemoryPath, "utf8");
  await writeFile(asked.acceleratorMemoryPath, remembered.replace(/^tcg/, "kvm"));
  assert.equal((await chooseAccelerator(asked, "7.2.0", signal)).accelerator, "kvm");
  assert.equal((await chooseAccelerator(asked, "9.0.0", signal)).accelerator, "tcg");
  await writeFile(asked.acceleratorMemoryPath, "neither\n");
  assert.equal((await chooseAccelerator(asked, "7.2.0", signal)).accelerator, "tcg");
});
