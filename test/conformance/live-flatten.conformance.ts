/**
 * What every driver promises of a running machine that goes over to a merged layer:
 *
 *     blank ◄── 1 ◄── 2 ◄── 3 ◄── 4 ◄══ guest writes         each layer has a file of its own in the guest
 *     blank ◄── merged ◄── 3 ◄── 4 ◄══ guest writes
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { RefusedError } from "../../src/hypervisors/driver.ts";
import type { Bench } from "./bench.ts";
import { assertReadOnly, openFiles, Parent, startChild, type Guest, type LiveImage } from "./live-parent.ts";

export function describeLiveFlatten(benchOf: () => Bench): void {
  void test("a running machine goes over to a merged layer: it reads and writes on, is checkpointed, and its older children are left alone", async () => {
    const { parent, last } = await makeDeep(benchOf(), 4);
    const child = await startChild(parent.bench, last);
    const merge = await parent.merge(1);
    await parent.keep("/meanwhile", "yes");
    const replaced = parent.files.writableDiskLayers.slice(1, 4);
    await parent.goOver(merge);
    await assertKept(parent, 4);
    assert.equal(await parent.read("/meanwhile"), "yes");
    const open = openFiles(parent.machine);
    for (const layer of replaced)
      assert.ok(!open.some((path) => [layer, `${layer} (deleted)`].includes(path)), `${layer} is still open`);
    assertReadOnly(parent.machine, parent.files.writableDiskLayers.slice(0, -1));

    await parent.keep("/own-5", "5");
    const image = await parent.checkpoint();
    assert.equal(image.layers.length, 4);
    await parent.keep("/own-5", "later");
    const late = await startChild(parent.bench, image);
    await assertKept(late, 5);
    await assertKept(child, 4);
    await assertKept(parent, 4);
    assert.equal(await parent.read("/own-5"), "later");
    for (const { machine } of [parent, child, late]) await machine.kill();
  });

  void test("it goes over again when it has more layers, with nothing but the written one on top, also while it is paused", async () => {
    const { parent } = await makeDeep(benchOf(), 2);
    await parent.goOver(await parent.merge(0));
    await parent.keep("/own-3", "3");
    await parent.checkpoint();
    const merge = await parent.merge(0);
    const paused = await parent.machine.pause(parent.bench.signal);
    await paused.replaceLowerLayers(merge.above, merge.merged, parent.bench.signal);
    parent.machine = await paused.resume(parent.bench.signal);
    // It has done so already, and does nothing.
    await parent.goOver(merge);
    assert.equal(parent.files.writableDiskLayers.length, 3);
    await assertKept(parent, 3);
    assert.equal(await parent.machine.writtenDiskLayer(parent.bench.signal), parent.files.writableDiskLayers.at(-1));
    await parent.machine.kill();
  });

  void test("a seal and a change of layers that are asked for at the same time come one after the other", async () => {
    const { parent } = await makeDeep(benchOf(), 2);
    const { bench } = parent;
    const { above, merged } = await parent.merge(0);
    const paused = await parent.machine.pause(bench.signal);
    const overlay = join(parent.files.directory, "overlay-of-both");
    await bench.driver.createDiskOverlay(overlay, bench.subject.diskBytes);
    await Promise.all([
      paused.replaceLowerLayers(above, merged, bench.signal),
      paused.sealDisk(overlay, bench.signal),
      paused.replaceLowerLayers(above, merged, bench.signal),
    ]);
    parent.machine = await paused.resume(bench.signal);
    assert.equal(await parent.machine.writtenDiskLayer(bench.signal), overlay);
    const [blank = ""] = parent.files.writableDiskLayers;
    parent.files = { ...parent.files, writableDiskLayers: [blank, merged, above, overlay] };
    await assertKept(parent, 2);
    await parent.keep("/own-3", "3");
    const child = await startChild(bench, await parent.checkpoint());
    await assertKept(child, 3);
    for (const { machine } of [parent, child]) await machine.kill();
  });

  void test("a change that is refused or given up before it began leaves the disk as it was", async () => {
    const { parent } = await makeDeep(benchOf(), 2);
    const { bench, files } = parent;
    const { above, merged } = await parent.merge(0);
    const elsewhere = join(files.directory, "no-such-layer");
    await bench.driver.createDiskOverlay(elsewhere, bench.subject.diskBytes);
    await assert.rejects(parent.machine.replaceLowerLayers(elsewhere, merged, bench.signal), RefusedError);
    const [blank = "", lowest = ""] = files.writableDiskLayers;
    assert.notEqual(blank, lowest);
    await assert.rejects(parent.machine.replaceLowerLayers(lowest, merged, bench.signal), RefusedError);
    await assert.rejects(parent.machine.replaceLowerLayers(above, `${merged}-not-there`, bench.signal));
    const reason = new Error("the caller went away");
    await assert.rejects(
      parent.machine.replaceLowerLayers(above, merged, AbortSignal.abort(reason)),
      (failure) => failure === reason,
    );
    await assertKept(parent, 2);
    await parent.goOver({ above, merged });
    await assertKept(parent, 2);
    await parent.machine.kill();
  });

  void test("a machine says which layer it writes, also after a seal, a rename of its directory, and an adoption", async () => {
    const bench = benchOf();
    const parent = await Parent.start(bench);
    const { signal } = bench;
    const top = (): string | undefined => parent.files.writableDiskLayers.at(-1);
    assert.equal(await parent.machine.writtenDiskLayer(signal), top());
    await parent.checkpoint();
    assert.equal(await parent.machine.writtenDiskLayer(signal), top());
    await parent.moveTo(`${parent.files.directory}-aside`);
    assert.ok(existsSync(top() ?? ""));
    assert.equal(await parent.machine.writtenDiskLayer(signal), top());
    const { process } = parent.machine;
    if (process !== null) {
      await parent.machine.detach();
      const adopted = await bench.driver.adopt(bench.spec, parent.files, process, signal);
      assert.ok(adopted?.state === "running");
      parent.machine = adopted;
      assert.equal(await parent.machine.writtenDiskLayer(signal), top());
    }
    await parent.machine.kill();
  });
}

/** A running machine with so many sealed layers, and the image that was made with the last of them. */
async function makeDeep(bench: Bench, layers: number) {
  const parent = await Parent.start(bench);
  let last: LiveImage | null = null;
  for (let number = 1; number <= layers; number += 1) {
    await parent.keep(`/own-${String(number)}`, String(number));
    last = await parent.checkpoint();
  }
  assert.ok(last !== null);
  return { parent, last };
}

/** The file of every layer is there, read from the disk. */
async function assertKept(guest: Guest, layers: number): Promise<void> {
  for (let number = 1; number <= layers; number += 1) {
    assert.equal(await guest.read(`/own-${String(number)}`), String(number));
  }
}
