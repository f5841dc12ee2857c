import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { boot, fork, refusalOf, shell, waitForLine, waitForRunning } from "./guests.ts";
import { processesIn } from "./host.ts";
import { directoryOf, emptyInventory, startServer, takeInventory } from "./harness.ts";

/** A counter in memory, a file on disk, and a mailbox: each shows another part of an instant. */
const workload = `
  mailbox arm job
  (while job=$(mailbox wait job); do echo "mail: $job"; done) &
  echo ready
  n=0
  while :; do n=$((n + 1)); echo $n > /run/counter; sleep 0.1; done`;

test("a running parent is captured without being stopped", async (t) => {
  const ramet = await startServer(t);
  const { client, dataDir } = ramet;
  await boot(ramet, "base", workload);
  await waitForLine(ramet, "base", /^ready$/);
  const [parentPid] = processesIn(await directoryOf(ramet, "base"));

  await t.test(
    "a fork of it takes over memory and disk of one instant, and the parent goes on in the same process",
    async () => {
      await shell(ramet, "base", "echo before > /root/when; sync");
      const child = await client.fork("base", {
        name: "live-1",
        from_running: true,
        mailboxes: [{ name: "job", payload: { for: "live-1" }, wait_for_ack: true, ack_timeout_ms: 30_000 }],
      });
      assert.deepEqual(Object.keys(child.source_pause_ms ?? {}).sort(), [
        "capture",
        "devices",
        "disk",
        "pause",
        "resume",
        "total",
      ]);
      await shell(ramet, "base", "echo after > /root/when; sync");
      assert.equal(await shell(ramet, "live-1", "cat /root/when"), "before");
      assert.deepEqual(processesIn(await directoryOf(ramet, "base")), [parentPid]);
      assert.equal((await client.get("base")).state, "Running");
      await waitForLine(ramet, "live-1", /^mail: .*"for":"live-1"/);
    },
  );

  await t.test("nothing of the capture is left but what the child owns", async () => {
    assert.deepEqual(await readdir(join(dataDir, "snapshots")), []);
  });

  await t.test("a second capture works, sees what was written since, and leaves the first child alone", async () => {
    await client.fork("base", { name: "live-2", from_running: true });
    assert.equal(await shell(ramet, "live-2", "cat /root/when"), "after");
    assert.equal(await shell(ramet, "live-1", "cat /root/when"), "before");
  });

  await t.test("the parent's processes count on, and so do the children's, each from its instant", async () => {
    const count = async (name: string): Promise<number> => Number(await shell(ramet, name, "cat /run/counter"));
    for (const name of ["base", "live-1", "live-2"]) {
      const first = await count(name);
      await shell(ramet, name, `while [ "$(cat /run/counter)" = ${first} ]; do sleep 0.1; done`);
    }
  });

  await t.test("without from_running a running parent is refused, and told what to do", async () => {
    const refusal = await refusalOf(fork(ramet, "base", "no"));
    assert.equal(refusal.code, "invalid_state");
    assert.match(refusal.message, /from_running/);
  });

  await t.test("a snapshot of it outlives it, can be forked, and brings an instance back to what it was", async () => {
    await shell(ramet, "live-1", "echo at-snapshot > /root/when; sync");
    const snapshot = await client.takeSnapshot("live-1", { name: "then" });
    assert.equal(snapshot.kind, "Standby");
    await shell(ramet, "live-1", "echo later > /root/when; sync; echo lost > /run/later");
    const restored = await client.restoreSnapshot("live-1", "then");
    assert.equal(restored.state, "Running");
    assert.equal(await shell(ramet, "live-1", "cat /root/when; ls /run/later 2>/dev/null || true"), "at-snapshot");
    assert.equal(await shell(ramet, "live-1", "hostname"), "live-1");
    await client.delete("live-1");
    await client.forkSnapshot("then", { name: "of-snapshot" });
    assert.equal(await shell(ramet, "of-snapshot", "cat /root/when; hostname"), "at-snapshot\nof-snapshot");
    await client.deleteSnapshot("then");
    assert.equal(await shell(ramet, "of-snapshot", "cat /root/when"), "at-snapshot");
  });

  await t.test("a snapshot of a stopped instance holds its disk, and a fork of it boots", async () => {
    await shell(ramet, "of-snapshot", "echo on-disk > /root/when; sync");
    await client.stop("of-snapshot");
    assert.equal((await client.takeSnapshot("of-snapshot", { name: "disk" })).kind, "Stopped");
    await client.forkSnapshot("disk", { name: "booted" });
    await waitForRunning(ramet, "booted");
    assert.equal(await shell(ramet, "booted", "cat /root/when"), "on-disk");
  });

  await t.test("when all are deleted nothing is left", async () => {
    for (const { name } of await client.list()) await client.delete(name);
    for (const { id } of await client.snapshots()) await client.deleteSnapshot(id);
    assert.deepEqual(await takeInventory(ramet), emptyInventory);
    assert.deepEqual(await readdir(join(dataDir, "snapshots")), []);
  });
});
