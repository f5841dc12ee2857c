import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { RawJson } from "../../src/client/raw-json.ts";
import { bootParent, refusalOf, shell, waitForLine } from "./guests.ts";
import { processesIn } from "./host.ts";
import { directoryOf, makeDataDir, startServer, takeInventory, type Ramet } from "./harness.ts";

/** `job` and `large` are kept as they were read, `silent` is never looked at. The standing guest's clock is years behind. */
const workload = `
  mailbox arm job
  mailbox arm silent
  mailbox arm large --parts 4
  date -s "2019-03-04 05:06:07" > /dev/null
  (while mailbox wait large > /run/large.new; do mv /run/large.new /run/large; echo "large: read"; done) &
  echo ready
  while mailbox wait job > /run/job.new; do mv /run/job.new /run/job; echo "job: read"; done`;

/** No JSON library would give it back as it was. */
const jobText = '{ "z":1, "a" : 12345678901234567890,\n "ä":"grüß dich 🐧", "f":1.0, "mark":"mail-while-held-41d7" }';
const large = { name: "large", payload: { text: "x".repeat(10_000) } };
const job = { name: "job", payload: new RawJson(jobText), wait_for_ack: true, ack_timeout_ms: 30_000 };
const silent = { name: "silent", payload: {}, wait_for_ack: true, ack_timeout_ms: 1000 };

test("a held child is released by another server than the one that held it", async (t) => {
  const dataDir = await makeDataDir(t);
  let ramet = await startServer(t, dataDir);
  await bootParent(ramet, "base", workload);
  const hold = (name: string, mailboxes: readonly (typeof job | typeof large | typeof silent)[]) =>
    ramet.client.fork("base", { name, target_state: "Paused", mailboxes });
  const before = await takeInventory(ramet);
  await hold("child", [job, large]);
  await hold("mute", [large, silent]);
  await hold("caught", [large, { ...silent, ack_timeout_ms: 30_000 }]);
  const machines = processesIn(join(dataDir, "instances"));
  assert.equal(machines.length, 3);

  await t.test("no payload and no token is in a file of the server", async () => {
    const secrets = await readFile(join(await directoryOf(ramet, "base"), "secrets.json"), "utf8");
    const { mailboxToken } = JSON.parse(secrets) as { mailboxToken: string };
    for (const file of (await readdir(dataDir)).filter((name) => /^(ramet\.db|server\.log)/.test(name))) {
      const bytes = await readFile(join(dataDir, file));
      assert.ok(!bytes.includes("mail-while-held-41d7") && !bytes.includes(mailboxToken), file);
    }
  });

  await t.test("the next server finds them as they were", async () => {
    await ramet.kill();
    ramet = await startServer(t, dataDir);
    assert.deepEqual(processesIn(join(dataDir, "instances")), machines);
    for (const name of ["child", "mute", "caught"]) assert.equal((await ramet.client.get(name)).state, "Paused");
  });

  await t.test(
    "released, it takes its own identity at this moment, its mail byte for byte, and its acks arrive",
    async () => {
      const { state, mailboxes, timings_ms: timings } = await ramet.client.resume("child");
      assert.equal(state, "Running");
      assert.deepEqual(
        mailboxes.map(({ name, acked }) => [name, acked]),
        [
          ["job", true],
          ["large", null],
        ],
      );
      assert.ok("identity_ack" in timings);
      assert.doesNotMatch(await ramet.log(), /handoff\.identity_ack_missing/);
      await waitForLine(ramet, "child", /^job: read$/);
      await waitForLine(ramet, "child", /^large: read$/);
      const read = await shell(ramet, "child", "cat /run/job");
      assert.equal(read.replace(/,"ack_host":"[0-9.]+","ack_port":\d+,"ack_nonce":"[0-9a-f]{32}"\}$/, "}"), jobText);
      assert.equal(await shell(ramet, "child", "cat /run/large"), JSON.stringify(large.payload));
      assert.equal(await shell(ramet, "child", "hostname"), "child");
      await assertClock(ramet, "child");
      await ramet.client.delete("child");
    },
  );

  await t.test("one that does not acknowledge is a 504, and nothing of it is left", async () => {
    const refusal = await refusalOf(ramet.client.resume("mute"));
    assert.deepEqual([refusal.status, refusal.code], [504, "ack_timeout"]);
    await refusalOf(ramet.client.get("mute"));
    assert.equal(processesIn(join(dataDir, "instances")).length, 1);
  });

  await t.test("a server that is killed while it releases one leaves nothing of it", async () => {
    const resuming = ramet.client.resume("caught").then(
      () => assert.fail("the child was released although its server was killed"),
      () => undefined,
    );
    await waitForLine(ramet, "caught", /^large: read$/);
    assert.equal((await ramet.client.get("caught")).state, "Initializing");
    await ramet.kill();
    await resuming;
    ramet = await startServer(t, dataDir);
    assert.deepEqual(await takeInventory(ramet), before);
  });
});

/** The guest's second must lie between the host's before and after the question, give or take two. */
async function assertClock(ramet: Ramet, name: string): Promise<void> {
  const before = Math.floor(Date.now() / 1000);
  const seconds = Number(await shell(ramet, name, "date +%s"));
  const after = Math.floor(Date.now() / 1000);
  assert.ok(before - 2 <= seconds && seconds <= after + 2, `${name} is at ${seconds}, the host at ${before}–${after}`);
}
