/**
 * Writable disks of a given size: what a guest may write, what happens beyond that, and when the host has its space again. The data directory is
 * a filesystem of its own, so that its free blocks tell of every byte, also of files that somebody still has open.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm, stat, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { filesOf } from "../../src/domain/instances/dependencies.ts";
import { withDeadline } from "../../src/lib/deadline.ts";
import { needsMount } from "../fixtures/own-ids.ts";
import { boot, shell, waitForRunning } from "./guests.ts";
import { layersBecome } from "./layers.ts";
import { makeDataDir, startRametInside, undoOf, type RametInside } from "./harness.ts";

const mebibyte = 2 ** 20;

/** A server whose data directory is a filesystem of its own. */
async function startOnOwnFilesystem(context: TestContext): Promise<RametInside> {
  const mountPoint = await mkdtemp(join(tmpdir(), "ramet-disks-"));
  undoOf(context).push(() => rm(mountPoint, { recursive: true }));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=2g,mode=0700", "ramet-test", mountPoint]);
  undoOf(context).push(() => void execFileSync("umount", ["-l", mountPoint]));
  const dataDir = await makeDataDir(context, mountPoint);
  return await startRametInside(context, (driver) => driver, { dataDir, maxDiskLayers: 2 });
}

/** What the data directory takes of its filesystem, but for the database, which grows by rows and keeps that. */
async function usedBytes({ dataDir }: RametInside): Promise<number> {
  const { bsize, blocks, bfree } = await statfs(dataDir);
  const names = (await readdir(dataDir)).filter((name) => name.startsWith("ramet.db"));
  const database = await Promise.all(names.map((name) => stat(join(dataDir, name))));
  return bsize * (blocks - bfree) - 512 * database.reduce((sum, file) => sum + file.blocks, 0);
}

/** Of the layer that the machine writes. */
async function overlayBytes({ domain }: RametInside, id: string): Promise<number> {
  const { overlay } = filesOf(domain, id).diskLayersNow();
  return 512 * (await stat(overlay ?? "")).blocks;
}

/**
 * Resolves when the layer takes at most `most` MiB. ext4 sends what a committed transaction gave up to its disk from a queue of its own, after
 * `sync` has returned (`ext4_discard_work` in Linux's fs/ext4/mballoc.c, since 5.15), and a hole in a file wakes nobody.
 */
async function overlayShrinksTo(ramet: RametInside, id: string, most: number): Promise<void> {
  await withDeadline(new AbortController().signal, 60_000, "the discard of what the guest deleted", async (signal) => {
    while ((await overlayBytes(ramet, id)) > most * mebibyte) await delay(20, undefined, { signal });
  });
}

/** Of the filesystem at `path`, as df(1) says. */
async function sizeOf(ramet: RametInside, name: string, path: string): Promise<number> {
  return 1024 * Number((await shell(ramet, name, `df -k ${path} | tail -1`)).trim().split(/ +/)[1]);
}

/** Writes until nothing fits any more, and answers how much that was. */
async function fill(ramet: RametInside, name: string, path: string): Promise<number> {
  const script = `dd if=/dev/zero of=${path} bs=64k 2>/run/words; tail -1 /run/words >&2; grep -q "No space left on device" /run/words && stat -c %s ${path}`;
  return Number(await shell(ramet, name, script));
}

function assertBetween(value: number, [least, most]: readonly [number, number], what: string): void {
  assert.ok(value >= least * mebibyte && value <= most * mebibyte, `${what}: ${value / mebibyte} MiB`);
}

test(
  "a disk and the overlay of a volume have the sizes that were asked for, and give back what nobody owns",
  { skip: needsMount },
  async (t) => {
    const ramet = await startOnOwnFilesystem(t);
    const { client } = ramet;
    await client.createVolume({ name: "corpus", size_gb: 1 });
    // What the driver learns of its host is kept, too.
    await ramet.domain.driver.describeHost(AbortSignal.timeout(60_000));
    const before = await usedBytes(ramet);
    const overlay = {
      volume_id: "corpus",
      mount_path: "/mnt/sized",
      readonly: true,
      overlay: true,
      overlay_size: "100MB",
    };
    await boot(ramet, "base", "sleep 100000", { overlay_size: "160MB", volumes: [overlay] });
    const { id } = await client.get("base");

    await t.test("the guest sees them, and what does not fit is refused to it alone", async () => {
      assertBetween(await sizeOf(ramet, "base", "/"), [138, 160], "the root");
      assertBetween(await sizeOf(ramet, "base", "/mnt/sized"), [79, 100], "the overlay");
      assertBetween(await fill(ramet, "base", "/mnt/sized/full"), [70, 100], "in the overlay");
      await shell(ramet, "base", "echo room > /root/room && sync");
      assertBetween(await fill(ramet, "base", "/root/full"), [110, 160], "in the root");
      assert.equal(
        await shell(ramet, "base", "cat /root/room; dmesg | grep -ciE '(ext4|i/o).*error' || true"),
        "room\n0",
      );
    });

    await t.test("what the guest deletes is given back to the host's disk", async () => {
      const full = await overlayBytes(ramet, id);
      assertBetween(full, [180, 270], "both full");
      await shell(ramet, "base", "rm /root/full /mnt/sized/full && sync && sync");
      await overlayShrinksTo(ramet, id, 40);
    });

    await t.test("forks, standby, merged layers and a new start keep them", async () => {
      await shell(
        ramet,
        "base",
        "dd if=/dev/urandom of=/root/own bs=1M count=8 2>/dev/null; echo parent > /mnt/sized/own; sync",
      );
      await client.fork("base", { name: "child", from_running: true });
      for (const name of ["base", "child"]) {
        assertBetween(await sizeOf(ramet, name, "/"), [138, 160], name);
        assertBetween(await sizeOf(ramet, name, "/mnt/sized"), [79, 100], name);
      }
      assert.equal((await client.get("child")).overlay_size, "160MB");
      for (let round = 0; round < 2; round += 1) {
        await client.standby("base");
        await client.restore("base");
      }
      await layersBecome(ramet, id, 1);
      await client.stop("base");
      await client.start("base");
      await waitForRunning(ramet, "base");
      assertBetween(await sizeOf(ramet, "base", "/"), [138, 160], "after a new start");
      assertBetween(await sizeOf(ramet, "base", "/mnt/sized"), [79, 100], "after a new start");
      assert.equal(await shell(ramet, "base", "cat /mnt/sized/own; wc -c < /root/own"), `parent\n${8 * mebibyte}`);
    });

    await t.test("a shared layer takes its space until its last owner is deleted, and no longer", async () => {
      const layer = 8 * mebibyte;
      await client.fork("child", { name: "grandchild", from_running: true });
      await client.delete("base");
      await client.delete("child");
      assert.equal(await shell(ramet, "grandchild", "wc -c < /root/own; cat /mnt/sized/own"), `${layer}\nparent`);
      assert.ok((await usedBytes(ramet)) - before > layer);
      await client.delete("grandchild");
      assert.equal(await usedBytes(ramet), before);
    });
  },
);
