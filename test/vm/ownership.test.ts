import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bootParent, fork, shell } from "./guests.ts";
import { diskBytesOf } from "./host.ts";
import { directoryOf, emptyInventory, startServer, takeInventory, type Ramet } from "./harness.ts";

/** Three places that a child shares with its parent: RAM, a sealed disk layer, the read-only root. */
const workload = `
  dd if=/dev/urandom of=/run/ram bs=1M count=4 2> /dev/null
  dd if=/dev/urandom of=/var/disk bs=1M count=4 2> /dev/null
  sync
  mailbox arm job
  echo ready
  sleep 100000`;

const digestAll = "echo 3 > /proc/sys/vm/drop_caches; sha256sum /run/ram /var/disk /bin/busybox; cat /var/own";

test("a child in standby takes the space of what it wrote, and has all of its memory afterwards", async (t) => {
  const ramet = await startServer(t);
  await bootParent(ramet, "base", workload);
  await fork(ramet, "base", "child");
  await shell(
    ramet,
    "child",
    "head -c 5000000 /dev/urandom > /run/own; dd if=/dev/zero of=/run/ram bs=1M count=2 conv=notrunc 2> /dev/null",
  );
  const digests = "sha256sum /run/ram /run/own; hostname";
  const expected = await shell(ramet, "child", digests);
  const directory = await directoryOf(ramet, "child");
  const bytesOf = (name: string): number => statSync(join(directory, "image", name)).blocks * 512;
  for (const round of ["first", "second", "third"]) {
    await ramet.client.standby("child");
    if (!existsSync(join(directory, "image/own-memory"))) {
      t.skip("this filesystem shares extents: images are always whole");
      return;
    }
    assert.ok(bytesOf("own-memory") >= 5_000_000 && 2 * bytesOf("own-memory") <= bytesOf("memory"), round);
    await ramet.client.restore("child");
    assert.equal(await shell(ramet, "child", digests), expected, round);
  }
  await ramet.client.standby("child");
  await ramet.client.delete("base");
  await fork(ramet, "child", "grandchild");
  assert.equal(await shell(ramet, "grandchild", digests), expected.replace(/child$/, "grandchild"));
});

test("whoever is deleted, everybody else goes on, and the disk space comes back", async (t) => {
  const ramet = await startServer(t);
  const instances = join(ramet.dataDir, "instances");
  const bytesBefore = await diskBytesOf(instances);
  await bootParent(ramet, "base", workload);
  const seed = Number(process.env["RAMET_TEST_SEED"] ?? Date.now() % 100_000);
  t.diagnostic(`RAMET_TEST_SEED=${seed}`);

  const names = ["one", "two", "three"];
  for (const name of names) {
    await fork(ramet, "base", name);
    await shell(ramet, name, `echo ${name} > /var/own; sync`);
  }
  // A grandchild's disk has one layer more, of which its parent is the only other owner.
  await ramet.client.standby("three");
  await fork(ramet, "three", "grandchild");
  await ramet.client.restore("three");
  const expected = (await shell(ramet, "one", digestAll)).replace(/one$/, "");
  const owners = new Map([...names, "grandchild"].map((name) => [name, name === "grandchild" ? "three" : name]));

  await t.test("after the parent is gone every child still has its RAM, its disk and its root", async () => {
    const held = await diskBytesOf(instances);
    await ramet.client.delete("base");
    assert.ok((await diskBytesOf(instances)) <= held);
    await assertAllRun(ramet, owners, expected);
  });

  for (const name of shuffle([...owners.keys()], seed)) {
    await t.test(`after ${name} is gone too`, async () => {
      const held = await diskBytesOf(instances);
      await ramet.client.delete(name);
      owners.delete(name);
      assert.ok((await diskBytesOf(instances)) < held, "its own pages and blocks come back");
      await assertAllRun(ramet, owners, expected);
    });
  }

  await t.test("in the end nothing is left, and all disk space is back", async () => {
    assert.deepEqual(await takeInventory(ramet), emptyInventory);
    assert.equal(await diskBytesOf(instances), bytesBefore);
  });
});

async function assertAllRun(ramet: Ramet, owners: ReadonlyMap<string, string>, expected: string): Promise<void> {
  for (const [name, own] of owners) assert.equal(await shell(ramet, name, digestAll), expected + own, name);
}

/** Fisher–Yates over a linear congruential generator (Numerical Recipes' constants): the same order for the same seed. */
function shuffle(names: readonly string[], seed: number): string[] {
  const shuffled = [...names];
  let state = seed >>> 0;
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (last + 1));
    const [a = "", b = ""] = [shuffled[last], shuffled[other]];
    shuffled[last] = b;
    shuffled[other] = a;
  }
  return shuffled;
}
