/**
 * The server dies while a live checkpoint seals the disk of a running guest. What the next one finds:
 *
 *     killed at         files                               the machine, if it lives, writes
 *     making-overlay    layer-N sealed                      layer-N
 *     sealing           layer-N sealed, empty layer-N+1     layer-N, and has layer-N+1 open
 *     sealed            layer-N sealed, layer-N+1           layer-N+1
 */
import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { boot, shell, waitForLine, waitForRunning } from "./guests.ts";
import { killProcess, openFilesOf, processesIn } from "./host.ts";
import { directoryOf, emptyInventory, makeDataDir, startServer, takeInventory, type Ramet } from "./harness.ts";

const points = ["making-overlay", "sealing", "sealed"] as const;

test("a server that dies while it seals a disk loses nothing of it", async (t) => {
  const dataDir = await makeDataDir(t);
  const program = "test/vm/doomed-server.ts";
  let ramet = await startServer(t, dataDir, { program });
  await boot(ramet, "base", "n=0; echo ready; while :; do n=$((n + 1)); echo $n > /run/counter; sleep 0.1; done");
  await waitForLine(ramet, "base", /^ready$/);
  const directory = await directoryOf(ramet, "base");

  /** Takes a snapshot in which the server dies at that point, or in the background after it. */
  const dieAt = async (point: string, name: string): Promise<void> => {
    await writeFile(join(dataDir, "die-at"), point);
    await ramet.client.takeSnapshot("base", { name }).then(
      () => undefined,
      (failure: unknown) => {
        assert.ok(failure instanceof Error);
      },
    );
    await ramet.ended;
    assert.equal(await readFile(join(dataDir, "died-at"), "utf8"), point);
  };

  for (const point of points) {
    await t.test(
      `killed at ${point}: the machine goes on with the layer that it writes, and no other can be written`,
      async () => {
        const [machine] = processesIn(directory);
        assert.ok(machine !== undefined);
        await shell(ramet, "base", `echo ${point} > /root/before-${point}; sync; echo ${point} > /run/before-${point}`);
        await dieAt(point, point);
        const open = writtenBy(machine);
        assert.equal(open.length, point === "sealing" ? 2 : 1);
        ramet = await startServer(t, dataDir, { program });
        await waitForRunning(ramet, "base");
        assert.deepEqual(processesIn(directory), [machine]);
        assert.deepEqual(writableIn(directory), writtenBy(machine));
        assert.deepEqual(writtenBy(machine), open.slice(0, 1));
        await shell(ramet, "base", `echo ${point} > /root/after-${point}; sync`);
        await assertWhole(ramet, "base", [point]);
      },
    );
  }

  await t.test("it is captured, put in standby, forked and restored as if nothing had happened", async () => {
    await ramet.client.takeSnapshot("base", { name: "whole" });
    await shell(ramet, "base", "echo changed > /root/before-sealed; sync");
    await ramet.client.forkSnapshot("whole", { name: "of-snapshot" });
    await assertWhole(ramet, "of-snapshot", points);
    await ramet.client.standby("base");
    assert.deepEqual(writableIn(directory), []);
    await ramet.client.fork("base", { name: "child" });
    await ramet.client.restore("base");
    for (const name of ["base", "child"]) {
      assert.equal(await onDisk(ramet, name, "/root/before-sealed"), "changed");
      await shell(ramet, name, "echo sealed > /root/before-sealed; sync");
      await assertWhole(ramet, name, points);
    }
    for (const name of ["of-snapshot", "child"]) await ramet.client.delete(name);
    await ramet.client.deleteSnapshot("whole");
  });

  await t.test(
    "killed when the layers were merged and the machine had not gone over: it goes over at the next start",
    async () => {
      const [machine] = processesIn(directory);
      assert.ok(machine !== undefined);
      await writeFile(join(dataDir, "die-at"), "replacing");
      // It dies in the background, when there are layers enough: perhaps while it takes one more snapshot, perhaps before.
      for (let number = 1, isOver = false; !isOver; number += 1) {
        assert.ok(number < 10, "the layers are not merged");
        isOver = await ramet.client.takeSnapshot("base", { name: `m-${number}` }).then(
          () => false,
          () => true,
        );
      }
      await ramet.ended;
      assert.equal(await readFile(join(dataDir, "died-at"), "utf8"), "replacing");
      assert.ok(openIn(machine, directory).some((path) => path.endsWith(" (deleted)")));
      ramet = await startServer(t, dataDir, { program });
      await waitForRunning(ramet, "base");
      assert.deepEqual(
        openIn(machine, directory).filter((path) => path.endsWith(" (deleted)")),
        [],
      );
      await assertWhole(ramet, "base", points);
    },
  );

  for (const point of points) {
    await t.test(`killed at ${point}, and its machine too: it boots with all that was written`, async () => {
      await shell(ramet, "base", `echo dead > /root/dead-${point}; sync`);
      await dieAt(point, `dead-${point}`);
      processesIn(directory).forEach(killProcess);
      ramet = await startServer(t, dataDir, { program });
      assert.equal((await ramet.client.get("base")).state, "Stopped");
      await ramet.client.start("base");
      await waitForRunning(ramet, "base");
      const [machine] = processesIn(directory);
      assert.deepEqual(writableIn(directory), writtenBy(machine ?? 0));
      assert.equal(await onDisk(ramet, "base", `/root/dead-${point}`), "dead");
      for (const each of points) assert.equal(await onDisk(ramet, "base", `/root/after-${each}`), each);
    });
  }

  await t.test("nothing is left when it is deleted", async () => {
    for (const { id } of await ramet.client.snapshots()) await ramet.client.deleteSnapshot(id);
    await ramet.client.delete("base");
    assert.deepEqual(await takeInventory(ramet), emptyInventory);
    assert.deepEqual(readdirSync(join(dataDir, "snapshots")), []);
  });
});

/** Read from the disk: without its cache the guest must. */
function onDisk(ramet: Ramet, name: string, path: string): Promise<string> {
  return shell(ramet, name, `sync; echo 3 > /proc/sys/vm/drop_caches; cat ${path}`);
}

/** What was written before and after the server's death at these points is there, in memory and on disk, and the guest counts on. */
async function assertWhole(ramet: Ramet, name: string, at: readonly string[]): Promise<void> {
  for (const point of at) {
    for (const path of [`/root/before-${point}`, `/root/after-${point}`, `/run/before-${point}`]) {
      assert.equal(await onDisk(ramet, name, path), point, `${path} of ${name}`);
    }
  }
  await shell(ramet, name, 'n=$(cat /run/counter); while [ "$(cat /run/counter)" = $n ]; do sleep 0.1; done');
}

/** The layers of the instance's disk that may be written, by their modes. */
function writableIn(directory: string): string[] {
  const disk = join(directory, "disk");
  const layers = readdirSync(disk).filter((name) => name.startsWith("layer-") && name !== "layer-0");
  return layers.map((name) => join(disk, name)).filter((path) => (statSync(path).mode & 0o200) !== 0);
}

/** The layers that a process has open for writing. */
function writtenBy(pid: number): string[] {
  const written = openFilesOf(pid).filter(({ path, isWritable }) => isWritable && path.includes("/disk/layer-"));
  return written.map(({ path }) => path).sort();
}

/** The files of an instance's disk that a process has open. */
function openIn(pid: number, directory: string): string[] {
  return openFilesOf(pid)
    .map(({ path }) => path)
    .filter((path) => path.startsWith(`${directory}/disk/`));
}
