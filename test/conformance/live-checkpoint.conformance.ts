/**
 * What every driver promises of a machine that goes on after its checkpoint:
 *
 *     parent   ──1──┤pause: devices, RAM, seal├──2──┤pause: devices, RAM, seal├──3──►      the figures are what its guest stores
 *     disk          layer-1                    layer-2                     layer-3
 *     first child          └─► sees 1                         second child  └─► sees 2
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { prepareCapture } from "../../src/memory/capture.ts";
import { pageBytes } from "../../src/memory/guest-memory.ts";
import { limitMs, type Bench } from "./bench.ts";
import { assertEqualOutside } from "./compare-memory.ts";
import { assertReadOnly, Parent, startChild, type LiveImage } from "./live-parent.ts";

export function describeLiveCheckpoint(benchOf: () => Bench): void {
  void test("checkpointed while it runs, a machine goes on, and each image's children see RAM and disk of its instant", async () => {
    const bench = benchOf();
    const parent = await Parent.start(bench);
    await parent.store("1");
    const first = await parent.checkpoint();
    const hashesOfFirst = await hashesOf(first);
    await parent.store("2");
    const second = await parent.checkpoint();
    await parent.store("3");
    for (const [image, figure] of [
      [first, "1"],
      [second, "2"],
    ] as const) {
      const child = await startChild(bench, image);
      assert.deepEqual(await child.fetch(), { onDisk: `${figure}\n`, inRam: `${figure}\n` });
      await child.store("own");
      await child.machine.kill();
    }
    assert.deepEqual(await parent.fetch(), { onDisk: "3\n", inRam: "3\n" });
    assert.deepEqual(await hashesOf(first), hashesOfFirst);
    assertReadOnly(parent.machine, [...first.layers, ...second.layers]);
    await parent.machine.kill();
  });

  void test("an image that was begun while the guest writes holds its memory as it was in the pause", async (context) => {
    const bench = benchOf();
    const parent = await Parent.start(bench);
    await parent.writeOnAndOn();
    for (const name of ["first", "second"]) {
      await using tracked = await parent.machine.trackMemory(bench.signal);
      if (tracked === null) {
        context.skip("nothing tells what this machine's process writes: ramet doctor says why");
        break;
      }
      const image = bench.imagePaths(`ahead-${name}`);
      const prepared = await prepareCapture(bench.memoryBytes, bench.image, image, () => false);
      await Promise.all([prepared.copyAhead(tracked, bench.signal), parent.keep("/run/kept", name)]);
      const paused = await parent.machine.pause(bench.signal);
      await using memory = await paused.openMemory();
      await memory.write(pageBytes, Buffer.from(name));
      await (await prepared.take(tracked, bench.signal)).finish(bench.signal);
      await assertEqualOutside(memory, image.memoryPath, () => false);
      parent.machine = await paused.resume(bench.signal);
    }
    await parent.machine.kill();
  });

  void test("the directory of a running machine may be renamed: its disk is sealed and its agent reached there", async () => {
    const bench = benchOf();
    const parent = await Parent.start(bench);
    await parent.store("1");
    const oldDirectory = parent.files.directory;
    await parent.moveTo(`${oldDirectory}-aside`);
    // Another machine's, under the name that this one had.
    await mkdir(oldDirectory);
    await writeFile(join(oldDirectory, "agent.sock"), "");
    const image = await parent.checkpoint();
    await parent.moveTo(`${oldDirectory}-again`);
    await parent.store("2");
    const moved = image.layers.map((layer) => layer.replace(image.directory, parent.files.directory));
    const child = await startChild(bench, { ...image, layers: moved });
    assert.deepEqual(await child.fetch(), { onDisk: "1\n", inRam: "1\n" });
    await parent.checkpoint();
    const agent = await bench.agentOf(parent.machine);
    await agent.ping({ timeoutMs: limitMs, signal: bench.signal });
    for (const machine of [child.machine, parent.machine]) await machine.kill();
    assert.equal(existsSync(join(parent.files.directory, "agent.sock")), false);
    assert.equal(existsSync(join(oldDirectory, "agent.sock")), true);
  });

  void test("an adopted machine's disk is sealed as well, once more", async (t) => {
    const bench = benchOf();
    const parent = await Parent.start(bench);
    const { process } = parent.machine;
    if (process === null) {
      await parent.machine.kill();
      t.skip("this driver has no processes to adopt");
      return;
    }
    await parent.checkpoint();
    await parent.machine.detach();
    const adopted = await bench.driver.adopt(bench.spec, parent.files, process, bench.signal);
    assert.equal(adopted?.state, "running");
    const again = new Parent(bench, adopted, await bench.agentOf(adopted), parent.files);
    await again.store("1");
    const image = await again.checkpoint();
    await again.store("2");
    const child = await startChild(bench, image);
    assert.deepEqual(await child.fetch(), { onDisk: "1\n", inRam: "1\n" });
    for (const machine of [child.machine, adopted]) await machine.kill();
  });

  void test("an overlay that was opened and closed again, before a pause or in it, is in nobody's way", async () => {
    const bench = benchOf();
    const parent = await Parent.start(bench);
    const { machine } = parent;
    const written = await machine.writtenDiskLayer(bench.signal);
    const overlay = join(parent.files.directory, "given-up");
    await bench.driver.createDiskOverlay(overlay, bench.subject.diskBytes);
    for (let time = 1; time <= 2; time += 1) {
      await machine.openOverlay(overlay, bench.signal);
      await parent.store(String(time));
      await machine.closeOverlay(bench.signal);
      await machine.closeOverlay(bench.signal);
    }
    await machine.openOverlay(overlay, bench.signal);
    const paused = await machine.pause(bench.signal);
    await paused.closeOverlay(bench.signal);
    await rm(overlay);
    parent.machine = await paused.resume(bench.signal);
    assert.equal(await parent.machine.writtenDiskLayer(bench.signal), written);
    const child = await startChild(bench, await parent.checkpoint());
    assert.deepEqual(await child.fetch(), { onDisk: "2\n", inRam: "2\n" });
    for (const one of [parent.machine, child.machine]) await one.kill();
  });

  void test("a seal that is refused or given up before it began leaves the disk as it was", async () => {
    const bench = benchOf();
    const parent = await Parent.start(bench);
    const paused = await parent.machine.pause(bench.signal);
    await assert.rejects(paused.sealDisk(join(parent.files.directory, "no-such-overlay"), bench.signal));
    const reason = new Error("the caller went away");
    const overlay = join(parent.files.directory, "unused");
    await bench.driver.createDiskOverlay(overlay, bench.subject.diskBytes);
    await assert.rejects(paused.sealDisk(overlay, AbortSignal.abort(reason)), (failure) => failure === reason);
    parent.machine = await paused.resume(bench.signal);
    await parent.store("1");
    const image = await parent.checkpoint();
    const child = await startChild(bench, image);
    assert.deepEqual(await child.fetch(), { onDisk: "1\n", inRam: "1\n" });
    for (const machine of [child.machine, parent.machine]) await machine.kill();
  });
}

async function hashesOf({ memory, layers }: LiveImage): Promise<readonly string[]> {
  // The blank disk is ten gigabytes of nothing, and shared.
  return await Promise.all([memory.memoryPath, ...layers.slice(1)].map(hashFile));
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
