import assert from "node:assert/strict";
import { test } from "node:test";
import { Check } from "typebox/value";
import { frameBytes, frameSequence, isFrame, readFrame } from "../../src/domain/mailboxes/frame.ts";
import type { GuestMemory } from "../../src/memory/guest-memory.ts";
import { ForkAnswer } from "../../src/api/schemas/fork.ts";
import { ResumedInstanceSchema, ResumeManyAnswer, type ResumedInstanceBody } from "../../src/api/schemas/lifecycle.ts";
import {
  expectError,
  expectInstance,
  makeRunning,
  makeStandby,
  makeStopped,
  matches,
  readLog,
  startTestServer,
  type Answer,
  type TestServer,
} from "./helpers.ts";
import { belongings, trace } from "./traces.ts";

async function resumed(server: TestServer, reference: string): Promise<ResumedInstanceBody> {
  const answer = await server.call("POST", `/instances/${reference}/resume`);
  assert.equal(answer.status, 200, answer.text);
  assert.ok(Check(ResumedInstanceSchema, answer.body), answer.text);
  return answer.body;
}

/** A child that stands still with `{"shard":1}` in its mailbox. */
async function hold(server: TestServer, parentId: string, name: string, mailbox: object = {}): Promise<ForkAnswer> {
  const mailboxes = [{ name: "job", payload: { shard: 1 }, wait_for_ack: true, ...mailbox }];
  const body = { name, target_state: "Paused", mailboxes };
  const answer = await server.call("POST", `/instances/${parentId}/fork`, { body });
  assert.equal(answer.status, 201, answer.text);
  assert.ok(Check(ForkAnswer, answer.body), answer.text);
  return answer.body;
}

test("a running instance is paused and goes on; doing either again changes nothing", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeRunning(server, "base");
  for (let time = 0; time < 2; time++) {
    assert.equal(expectInstance(await server.call("POST", `/instances/${id}/pause`), 200).state, "Paused");
  }
  assert.equal(expectInstance(await server.call("GET", "/instances/base"), 200).state, "Paused");
  const first = await resumed(server, "base");
  assert.deepEqual([first.state, first.mailboxes], ["Running", []]);
  assert.ok("resume" in first.timings_ms);
  assert.deepEqual((await resumed(server, "base")).timings_ms, {});
});

test("what rests is neither paused nor resumed", async (context) => {
  const server = await startTestServer(context);
  await makeStopped(server, "stopped");
  await makeStandby(server, "asleep");
  for (const [name, verb] of [
    ["stopped", "pause"],
    ["asleep", "pause"],
    ["stopped", "resume"],
    ["asleep", "resume"],
  ] as const) {
    expectError(await server.call("POST", `/instances/${name}/${verb}`), 409, "invalid_state");
    expectError(await server.call("POST", `/instances/nobody/${verb}`), 404, "not_found");
    expectError(await server.call("POST", `/instances/${name}/${verb}`, { body: { x: 1 } }), 400, "invalid_request");
  }
});

test("a held child has not run; resumed, it takes its mail and acknowledges it", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  const traced = trace(context, server);
  const held = await hold(server, parent.id, "child");
  assert.deepEqual(
    [held.state, held.mailboxes],
    ["Paused", [{ name: "job", delivered: true, acked: null, ack_ms: null }]],
  );
  assert.equal(traced.resumes(), 0);
  assert.deepEqual(await readLog(server, "child"), []);
  const child = await resumed(server, "child");
  assert.equal(child.state, "Running");
  assert.deepEqual(
    child.mailboxes.map(({ name, delivered, acked }) => [name, delivered, acked]),
    [["job", true, true]],
  );
  assert.match((await readLog(server, "child")).join("\n"), /^mail job: \{"shard":1,"ack_host"/m);
});

test("a held child that does not acknowledge is ended, or kept when the fork said so", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base", { FAKE_ARM: "job", FAKE_ACK: "silent" });
  const before = await belongings(server);
  await hold(server, parent.id, "strict", { ack_timeout_ms: 50 });
  expectError(await server.call("POST", "/instances/strict/resume"), 504, "ack_timeout");
  expectError(await server.call("GET", "/instances/strict"), 404, "not_found");
  assert.deepEqual(await belongings(server), before);
  await hold(server, parent.id, "kept", { ack_timeout_ms: 50, on_ack_timeout: "keep" });
  assert.deepEqual((await resumed(server, "kept")).mailboxes[0]?.acked, false);
  assert.equal(expectInstance(await server.call("GET", "/instances/kept"), 200).state, "Running");
});

test("a held child that was let go is not Running before it has acknowledged", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base", { FAKE_ARM: "job", FAKE_ACK: "silent" });
  await hold(server, parent.id, "child", { ack_timeout_ms: 1500 });
  const resuming = server.call("POST", "/instances/child/resume");
  let state = "Paused";
  while (state === "Paused") state = expectInstance(await server.call("GET", "/instances/child"), 200).state;
  assert.equal(state, "Initializing");
  expectError(await resuming, 504, "ack_timeout");
});

/** The page of the frame in which the child's mail stands. */
async function deliveredFrame(server: TestServer, id: string): Promise<{ memory: GuestMemory; offset: number }> {
  const machine = server.domain.machines.get(id)?.machine;
  assert.ok(machine?.state === "paused");
  const memory = await machine.openMemory();
  const page = new Uint8Array(frameBytes);
  for (let offset = 0; offset < memory.sizeBytes; offset += frameBytes) {
    await memory.read(offset, page);
    const frame = isFrame(page) ? readFrame(page) : null;
    if (frame?.name === "job" && frame.sequence === frameSequence.delivered) return { memory, offset };
  }
  throw new Error("the mail is not in the child's memory");
}

for (const [what, place] of [
  ["payload", 264],
  ["sequence", 256],
  ["marker", 100],
] as const) {
  test(`a held child whose ${what} was changed in its memory stays Paused, and goes on once that is mended`, async (context) => {
    const server = await startTestServer(context);
    const parent = await makeStandby(server, "base");
    const { id } = await hold(server, parent.id, "child");
    const traced = trace(context, server);
    const { memory, offset } = await deliveredFrame(server, id);
    const before = new Uint8Array(1);
    await memory.read(offset + place, before);
    await memory.write(offset + place, Uint8Array.of((before[0] ?? 0) ^ 3));
    const message = expectError(await server.call("POST", "/instances/child/resume"), 409, "invalid_state");
    assert.match(message, /mailbox "job"/);
    assert.equal(traced.resumes(), 0);
    assert.equal(expectInstance(await server.call("GET", "/instances/child"), 200).state, "Paused");
    await memory.write(offset + place, before);
    assert.equal((await resumed(server, "child")).mailboxes[0]?.acked, true);
    assert.match((await readLog(server, "child")).join("\n"), /^mail job: \{"shard":1,"ack_host"/m);
  });
}

test("what is noted of a held child is no payload, token or nonce, and is forgotten when it runs", async (context) => {
  const server = await startTestServer(context);
  const env = { FAKE_ARM: "job,big*2", FAKE_ARM_TOKEN: "a-secret-word" };
  const parent = await makeStandby(server, "base", env);
  const token = "a-secret-word";
  const big = { name: "big", token, payload: { text: "y".repeat(4000) } };
  const mailboxes = [{ name: "job", token, payload: { n: 1 }, wait_for_ack: true, on_ack_timeout: "keep" }, big];
  const body = { name: "child", target_state: "Paused", mailboxes };
  const answer = await server.call("POST", `/instances/${parent.id}/fork`, { body });
  assert.ok(Check(ForkAnswer, answer.body), answer.text);
  const { id } = answer.body;
  assert.deepEqual(server.domain.store.get(id)?.held, [
    { name: "job", parts: 1, waitForAck: true, ackTimeoutMs: 5000, onAckTimeout: "keep" },
    { name: "big", parts: 2, waitForAck: false, ackTimeoutMs: 5000, onAckTimeout: "destroy" },
  ]);
  const { mailboxes: outcomes } = await resumed(server, "child");
  assert.deepEqual(
    outcomes.map(({ name, acked }) => [name, acked]),
    [
      ["job", true],
      ["big", null],
    ],
  );
  assert.match((await readLog(server, "child")).join("\n"), /^mail big: \{"text":"y{4000}"\}$/m);
  assert.equal(server.domain.store.get(id)?.held, null);
});

test("a held child that was stopped and started again is an ordinary instance", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  const { id } = await hold(server, parent.id, "child");
  assert.equal(expectInstance(await server.call("POST", `/instances/${id}/stop`), 200).state, "Stopped");
  await server.call("POST", `/instances/${id}/start`);
  assert.equal(
    ((await server.call("GET", `/instances/${id}/wait?state=Running`)).body as { reached: boolean }).reached,
    true,
  );
  assert.equal(expectInstance(await server.call("POST", `/instances/${id}/pause`), 200).state, "Paused");
  assert.deepEqual((await resumed(server, id)).mailboxes, []);
});

test("a held child is deleted without ever running", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  const before = await belongings(server);
  const traced = trace(context, server);
  await hold(server, parent.id, "child");
  assert.equal((await server.call("DELETE", "/instances/child")).status, 204);
  assert.equal(traced.resumes(), 0);
  assert.deepEqual(await belongings(server), before);
  await hold(server, parent.id, "child");
  assert.equal((await resumed(server, "child")).state, "Running");
});

test("a batch is resumed in one call; what fails for one does not stop the others", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  const one = await hold(server, parent.id, "one");
  await hold(server, parent.id, "two");
  await makeStopped(server, "stopped");
  const traced = trace(context, server);
  const ids = ["two", "nobody", "one", "stopped", one.id];
  const answer = await resumeMany(server, { ids });
  assert.equal(answer.status, 200, answer.text);
  assert.ok(matches(ResumeManyAnswer, answer.body), answer.text);
  assert.deepEqual(
    answer.body.instances.map(({ id, instance, mailboxes, error }) => [
      id,
      instance?.name ?? null,
      mailboxes[0]?.acked ?? null,
      error?.code ?? null,
    ]),
    [
      ["two", "two", true, null],
      ["nobody", null, null, "not_found"],
      ["one", "one", true, null],
      ["stopped", null, null, "invalid_state"],
      [one.id, "one", true, null],
    ],
  );
  assert.equal(traced.resumes(), 2, "two names of one instance resume it once");
});

test("a batch that makes no sense is refused", async (context) => {
  const server = await startTestServer(context);
  const many = Array.from({ length: 257 }, (_, index) => `w-${String(index)}`);
  for (const body of [
    {},
    { ids: [] },
    { ids: many },
    { ids: "one" },
    { ids: [1] },
    { ids: [""] },
    { ids: ["a"], x: 1 },
  ]) {
    expectError(await resumeMany(server, body), 400, "invalid_request");
  }
});

function resumeMany(server: TestServer, body: object): Promise<Answer> {
  return server.call("POST", "/resume", { body });
}
