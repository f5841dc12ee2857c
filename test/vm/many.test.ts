import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { bootParent, refusalOf, shell, waitForLine } from "./guests.ts";
import { processesIn } from "./host.ts";
import { directoryOf, startServer, takeInventory } from "./harness.ts";

const workload = `
  mailbox arm job
  mailbox arm big --parts 18
  echo ready
  while job=$(mailbox wait job); do echo "mail: $job"; done`;

/** One JSON object of exactly so many bytes. */
function payloadOf(bytes: number): { text: string } {
  return { text: "x".repeat(bytes - '{"text":""}'.length) };
}

test("many children of one parent", async (t) => {
  const ramet = await startServer(t);
  const { client } = ramet;
  await bootParent(ramet, "base", workload);
  const before = await takeInventory(ramet);
  const children = Array.from({ length: 32 }, (_, index) => ({
    name: `w-${index}`,
    mailboxes: [{ name: index === 17 ? "nobody" : "job", payload: { index } }],
  }));

  await t.test("all or nothing: one bad marker among 32 leaves nothing, and nobody has run", async () => {
    const refusal = await refusalOf(client.forkMany("base", { children, mode: "all_or_nothing" }));
    assert.equal(refusal.code, "mailbox_not_found");
    assert.deepEqual({ ...refusal.details, mailbox: undefined }, { child: "w-17", index: 17, mailbox: undefined });
    assert.deepEqual(await takeInventory(ramet), before);
    assert.doesNotMatch(await ramet.log(), /fork\.done/);
  });

  await t.test("each: the same call gives 31 and says what became of the other", async () => {
    const answer = await client.forkMany("base", { children, mode: "each" });
    assert.deepEqual(
      answer.children.map(({ name }) => name),
      children.map(({ name }) => name),
    );
    const failed = answer.children.filter(({ error }) => error !== null);
    assert.deepEqual(
      failed.map(({ name, error }) => [name, error?.code]),
      [["w-17", "mailbox_not_found"]],
    );
    for (const index of [0, 16, 18, 31])
      await waitForLine(ramet, `w-${index}`, new RegExp(`^mail: {"index":${index}}$`));
    // The last ones stood still with their mail while the others were restored.
    await assertClock(ramet, "w-31");
    await Promise.all(
      answer.children.filter(({ instance }) => instance !== null).map(({ name }) => client.delete(name)),
    );
    assert.deepEqual(await takeInventory(ramet), before);
  });

  await t.test("a held batch has run nothing until it is released, and then takes its own mail", async () => {
    const held = ["h-1", "h-2", "h-3"].map((name) => ({
      name,
      target_state: "Paused" as const,
      mailboxes: [{ name: "job", payload: { to: name }, wait_for_ack: true, ack_timeout_ms: 30_000 }],
    }));
    const answer = await client.forkMany("base", { children: held });
    assert.deepEqual(
      answer.children.map(({ instance }) => instance?.state),
      ["Paused", "Paused", "Paused"],
    );
    assert.deepEqual(await lines(ramet, "h-1"), []);
    const released = await client.resumeMany(["h-1", "h-2", "h-3"]);
    assert.deepEqual(
      released.instances.map(({ instance }) => instance?.state),
      ["Running", "Running", "Running"],
    );
    for (const { name } of held) {
      await waitForLine(ramet, name, new RegExp(`^mail: {"to":"${name}",`));
      assert.equal(await shell(ramet, name, "hostname"), name);
    }
    for (const { name } of held) await client.delete(name);
  });

  await t.test("a pause stops a guest and a resume lets it go on", async () => {
    await client.fork("base", { name: "p", mailboxes: [] });
    assert.equal((await client.pause("p")).state, "Paused");
    assert.equal((await client.pause("p")).state, "Paused");
    assert.equal((await refusalOf(client.exec("p", { command: ["true"] }))).code, "invalid_state");
    assert.equal((await client.resume("p")).state, "Running");
    assert.equal(await shell(ramet, "p", "echo on"), "on");
    await client.delete("p");
  });

  await t.test("a guest that stood still for seconds has the time of day when it goes on", async () => {
    await client.fork("base", { name: "late", mailboxes: [] });
    await client.pause("late");
    await delay(clockToleranceMs + 1000);
    await client.resume("late");
    await assertClock(ramet, "late");
    await client.delete("late");
  });

  await t.test("a payload of 64 KiB crosses in eighteen parts, byte for byte", async () => {
    const payload = payloadOf(64 * 1024);
    await client.fork("base", { name: "large", mailboxes: [{ name: "big", payload }] });
    const read = await shell(ramet, "large", "mailbox wait big");
    assert.equal(read, JSON.stringify(payload));
    await client.delete("large");
  });

  await t.test("the same call under one key gives the first answer and makes nothing new", async () => {
    const body = { children: [{ name: "once", mailboxes: [] }], idempotency_key: "key-1" };
    const first = await client.forkMany("base", body);
    const again = await client.forkMany("base", body);
    assert.equal(again.children[0]?.instance?.id, first.children[0]?.instance?.id);
    const other = await refusalOf(client.forkMany("base", { ...body, children: [{ name: "twice", mailboxes: [] }] }));
    assert.equal(other.status, 409);
    await client.delete("once");
  });

  await t.test("a fork of a fork of a fork has its own identity and mail at every depth", async () => {
    let parent = "base";
    for (const name of ["depth-1", "depth-2", "depth-3"]) {
      const mailboxes = [{ name: "job", payload: { at: name }, wait_for_ack: true, ack_timeout_ms: 30_000 }];
      await client.fork(parent, { name, mailboxes });
      await waitForLine(ramet, name, new RegExp(`^mail: {"at":"${name}",`));
      assert.equal(await shell(ramet, name, "hostname"), name);
      await shell(ramet, name, "until mailbox ls | grep -q '^job .*armed'; do sleep 0.1; done");
      if (name !== "depth-3") await client.standby(name);
      parent = name;
    }
    const lineage = await client.lineage("depth-3");
    assert.deepEqual(
      lineage.ancestors.map(({ name }) => name),
      ["depth-2", "depth-1", "base"],
    );
    for (const name of ["depth-1", "depth-2", "depth-3"]) await client.delete(name);
  });

  await t.test("warm slots are claimed, told, replenished, and gone with the image", async () => {
    await client.setWarmSlots("instance", "base", 2);
    await slotsReady(ramet, 2);
    const warm = await client.fork("base", {
      name: "warm",
      mailboxes: [{ name: "job", payload: { warm: true }, wait_for_ack: true, ack_timeout_ms: 30_000 }],
    });
    assert.equal(warm.start, "warm");
    assert.equal(await shell(ramet, "warm", "hostname"), "warm");
    await waitForLine(ramet, "warm", /^mail: {"warm":true,/);
    const [pid] = processesIn(await directoryOf(ramet, "warm"));
    assert.ok(pid !== undefined, "the claimed machine is the child's");
    const bad = await refusalOf(client.fork("base", { name: "bad", mailboxes: [{ name: "nobody", payload: {} }] }));
    assert.equal(bad.code, "mailbox_not_found");
    await slotsReady(ramet, 2);
    await client.delete("warm");
    await client.setWarmSlots("instance", "base", 0);
    assert.deepEqual(await takeInventory(ramet), before);
    assert.equal((await client.fork("base", { name: "cold" })).start, "cold");
    await client.delete("cold");
  });
});

const clockToleranceMs = 2000;

/** What the guest takes for the time of day lies between the host's before and after the question, give or take the tolerance. */
async function assertClock(ramet: Awaited<ReturnType<typeof startServer>>, name: string): Promise<void> {
  const before = Date.now();
  const guestMs = Number(await shell(ramet, name, "date +%s")) * 1000;
  const after = Date.now();
  assert.ok(guestMs >= before - clockToleranceMs && guestMs <= after + clockToleranceMs, `${guestMs} at ${before}`);
}

async function lines({ client }: Awaited<ReturnType<typeof startServer>>, name: string): Promise<string[]> {
  const seen: string[] = [];
  for await (const line of client.logs(name)) seen.push(line);
  return seen;
}

/** Each slot that is made is told in the server's log; the status says when all are there. */
async function slotsReady(ramet: Awaited<ReturnType<typeof startServer>>, count: number): Promise<void> {
  const deadline = AbortSignal.timeout(60_000);
  while ((await ramet.client.warmSlots("instance", "base")).ready < count) {
    deadline.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
