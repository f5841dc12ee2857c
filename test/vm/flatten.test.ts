import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, open, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { loadConfig } from "../../src/config/load-config.ts";
import { filesOf, snapshotFilesOf } from "../../src/domain/instances/dependencies.ts";
import { flattenDisk } from "../../src/hypervisors/qemu/flatten-disk.ts";
import { boot, shell, waitForLine } from "./guests.ts";
import {
  emptyInventory,
  makeDataDir,
  startRametInside,
  startServer,
  takeInventory,
  type RametInside,
} from "./harness.ts";
import { processesIn } from "./host.ts";
import { layersBecome } from "./layers.ts";
import { clusterBytes, contentOfAll, writeLayer } from "./qcow2.ts";

const limitMs = 60_000;
const { qemuPath } = loadConfig([], process.env);

/** A disk of 10 GiB whose blank layer is not blank everywhere. */
async function makeDisk(context: TestContext, contents: readonly ReadonlyMap<number, number | null>[]) {
  const directory = await mkdtemp(join(tmpdir(), "ramet-flatten-"));
  context.after(() => rm(directory, { recursive: true }));
  const sizeBytes = 10 * 2 ** 30;
  const blank = join(directory, "layer-0");
  await using file = await open(blank, "wx");
  await file.truncate(sizeBytes);
  await file.write(Buffer.alloc(clusterBytes, 0xee), 0, clusterBytes, 5 * clusterBytes);
  const layers = contents.map((_, index) => join(directory, `layer-${String(index + 1)}`));
  for (const [index, layer] of layers.entries()) {
    await writeLayer(layer, sizeBytes, contents[index] ?? new Map());
    await chmod(layer, 0o400);
  }
  const work = join(directory, "work");
  await mkdir(work);
  return { layers: [blank, ...layers], work, path: join(work, "merged") };
}

test("the merged layer says what the layers said, zeroes included, and nothing of the blank one", async (t) => {
  const { layers, work, path } = await makeDisk(t, [
    new Map([
      [1, 0x11],
      [2, 0x11],
      [3, 0x11],
      [8000, 0x11],
    ]),
    new Map([
      [2, 0x22],
      [4, null],
      [5, null],
    ]),
    new Map([
      [3, null],
      [4, 0x33],
    ]),
  ]);
  await flattenDisk(qemuPath, layers, path, AbortSignal.timeout(limitMs));
  const merged = await contentOfAll([path]);
  assert.deepEqual(
    [...merged].map(([number, bytes]) => [number, bytes[0], bytes.equals(Buffer.alloc(clusterBytes, bytes[0]))]),
    [
      [1, 0x11, true],
      [2, 0x22, true],
      [3, 0, true],
      [4, 0x33, true],
      [5, 0, true],
      [8000, 0x11, true],
    ],
  );
  assert.deepEqual(processesIn(work), []);
});

test("a layer that cannot be opened fails the merge in QEMU's words, and no file or process is left", async (t) => {
  const { layers, work, path } = await makeDisk(t, [new Map([[1, 0x11]]), new Map([[2, 0x22]])]);
  await rm(layers[2] ?? "");
  await assert.rejects(flattenDisk(qemuPath, layers, path, AbortSignal.timeout(limitMs)), /layer-2/);
  assert.equal((await readdir(work)).includes("merged"), false);
  assert.deepEqual(processesIn(work), []);
});

test("a merge that outlived its server is ended when the next one starts, and its files are removed", async (t) => {
  const dataDir = await makeDataDir(t);
  const leftOver = join(dataDir, "instances/gone.flattening");
  await mkdir(join(leftOver, "disk"), { recursive: true });
  const qemu = spawn(qemuPath, ["-machine", "none", "-nodefaults", "-display", "none"], { cwd: leftOver });
  await once(qemu, "spawn");
  const exited = once(qemu, "exit", { signal: AbortSignal.timeout(limitMs) });
  await startServer(t, dataDir);
  assert.deepEqual(await exited, [null, "SIGKILL"]);
  assert.deepEqual(await readdir(join(dataDir, "instances")), []);
});

const maxDiskLayers = 2;

/** A server whose merges wait until they are let go. */
async function startHeld(
  context: TestContext,
): Promise<{ ramet: RametInside; started: Promise<void>; open: () => void }> {
  const started = Promise.withResolvers<undefined>();
  const gate = Promise.withResolvers<undefined>();
  const ramet = await startRametInside(
    context,
    (driver) => {
      const merge = driver.flattenDisk.bind(driver);
      driver.flattenDisk = async (layers, path, signal) => {
        started.resolve(undefined);
        await gate.promise;
        await merge(layers, path, signal);
      };
      return driver;
    },
    { maxDiskLayers },
  );
  return {
    ramet,
    started: started.promise,
    open: () => {
      gate.resolve(undefined);
    },
  };
}

/** One more sealed layer: a new file, a changed one, and the one before last is gone. */
async function addLayer(ramet: RametInside, name: string, number: number): Promise<void> {
  const random = `dd if=/dev/urandom of=/root/file-${String(number)} bs=64k count=24 2>/dev/null`;
  const change = `dd if=/dev/urandom of=/root/changed bs=4k count=9 seek=${String(number * 5)} conv=notrunc 2>/dev/null`;
  await shell(ramet, name, `${random}; ${change}; rm -f /root/file-${String(number - 2)}; sync`);
  await ramet.client.standby(name);
}

/** Without its cache the guest must read the disk. */
function sumsOf(ramet: RametInside, name: string): Promise<string> {
  return shell(ramet, name, "sync; echo 3 > /proc/sys/vm/drop_caches; cd /root; sha256sum changed file-*");
}

test("the disk of a standby instance is merged, and it, its forks and a snapshot read what they read before", async (t) => {
  const { ramet, started, open: letGo } = await startHeld(t);
  const { client, domain } = ramet;
  await boot(ramet, "base", "echo ready; while :; do sleep 1; done");
  await waitForLine(ramet, "base", /^ready$/);
  const { id } = await client.get("base");
  for (let number = 1; number <= maxDiskLayers + 1; number += 1) {
    if (number > 1) await client.restore("base");
    await addLayer(ramet, "base", number);
  }
  await started;
  const snapshot = await client.takeSnapshot("base", { name: "before" });
  await client.forkSnapshot("before", { name: "unmerged" });
  const sums = await sumsOf(ramet, "unmerged");
  assert.equal(sums.split("\n").length, 3, sums);
  letGo();
  await layersBecome(ramet, id, 1);

  await t.test("cluster by cluster the merged layer is what the layers were, and smaller", async () => {
    const [, ...before] = snapshotFilesOf(domain, snapshot.id).diskLayersNow().sealed;
    const [, ...after] = filesOf(domain, id).diskLayersNow().sealed;
    assert.deepEqual([before.length, after.length], [3, 1]);
    const [old, merged] = [await contentOfAll(before), await contentOfAll(after)];
    assert.ok(old.size > 40, `${String(old.size)} clusters`);
    assert.deepEqual([...merged.keys()].sort(), [...old.keys()].sort());
    for (const [number, bytes] of merged) assert.ok(old.get(number)?.equals(bytes), `cluster ${String(number)}`);
    const sizes = async (paths: readonly string[]): Promise<number> =>
      (await Promise.all(paths.map((path) => stat(path)))).reduce((sum, { blocks }) => sum + blocks, 0);
    assert.ok((await sizes(after)) < (await sizes(before)));
  });

  await t.test("a fork of it and itself, restored, read the same files from the disk, and write to it", async () => {
    await client.fork("base", { name: "child" });
    await client.restore("base");
    for (const name of ["base", "child"]) {
      assert.equal(await sumsOf(ramet, name), sums);
      await shell(ramet, name, `echo ${name} > /root/own; sync; echo 3 > /proc/sys/vm/drop_caches`);
      assert.equal(await shell(ramet, name, "cat /root/own"), name);
    }
  });

  await t.test("it boots from the merged disk, whose file system is whole", async () => {
    await client.stop("base");
    await client.start("base");
    await client.wait("base", { state: "Running", timeoutMs: 180_000 });
    assert.equal(await sumsOf(ramet, "base"), sums);
    assert.equal(await shell(ramet, "base", "dmesg | grep -ci 'ext4.*error' || true"), "0");
  });

  await t.test("nothing is left beside the instances, and nothing at all when they are deleted", async () => {
    assert.equal((await takeInventory(ramet)).directories.length, 3);
    for (const { name } of await client.list()) await client.delete(name);
    await client.deleteSnapshot(snapshot.id);
    assert.deepEqual(await takeInventory(ramet), emptyInventory);
  });
});
