import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Check } from "typebox/value";
import { ForkAnswer, MailboxesAnswer } from "../../src/api/schemas/fork.ts";
import { RunningFakeMachine } from "../../src/hypervisors/fake/fake-machine.ts";
import {
  expectError,
  expectInstance,
  makeRunning,
  makeStandby,
  makeStopped,
  readLog,
  startTestServer,
  type Answer,
  type TestServer,
} from "./helpers.ts";
import { belongings, trace } from "./traces.ts";

function fork(server: TestServer, parentId: string, body: object, signal?: AbortSignal): Promise<Answer> {
  const wish = { target_state: "Running", ...body };
  return server.call("POST", `/instances/${parentId}/fork`, {
    body: wish,
    ...(signal === undefined ? {} : { signal }),
  });
}

function expectFork(answer: Answer): ForkAnswer {
  assert.equal(answer.status, 201, answer.text);
  assert.ok(Check(ForkAnswer, answer.body), answer.text);
  return answer.body;
}

test("a fork without mail makes a running child, and the parent stays in standby", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  const child = expectFork(await fork(server, parent.id, { name: "child" }));
  assert.deepEqual(
    [child.name, child.state, child.parent_id, child.start, child.mailboxes],
    ["child", "Running", parent.id, "cold", []],
  );
  assert.ok(Object.keys(child.timings_ms).length > 0);
  assert.equal(expectInstance(await server.call("GET", "/instances/base"), 200).state, "Standby");
});

test("target_state leaves the child in standby or stopped", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  assert.equal(expectFork(await fork(server, parent.id, { name: "one", target_state: "Standby" })).state, "Standby");
  assert.equal(expectFork(await fork(server, parent.id, { name: "two", target_state: "Stopped" })).state, "Stopped");
});

test("a payload reaches the guest with the very characters of the request", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base", { FAKE_ARM: "first,second" });
  const payload =
    '{"z":12345678901234567890, "a" : 1.50,\t"b":"\\u00e9 é 😀", "__proto__": {"x": 1e400}, "10":1, "9":2}';
  const text = `{"name":"child","mailboxes":[{"payload": ${payload} ,"name":"first"},{"name":"second","payload":{ },"wait_for_ack":true}]}`;
  const child = expectFork(await server.call("POST", `/instances/${parent.id}/fork`, { text }));
  assert.deepEqual(
    child.mailboxes.map(({ name, delivered, acked }) => ({ name, delivered, acked })),
    [
      { name: "first", delivered: true, acked: null },
      { name: "second", delivered: true, acked: true },
    ],
  );
  assert.ok(child.mailboxes[0]?.ack_ms === null && typeof child.mailboxes[1]?.ack_ms === "number");
  const mail = (await readLog(server, child.id)).filter((line) => line.startsWith("mail "));
  assert.equal(mail[0], `mail first: ${payload}`);
  assert.match(mail[1] ?? "", /^mail second: \{ ?"ack_host"/);
});

test("a key that stands twice is refused, because parsers differ in which one they take", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  for (const text of [
    '{"name":"child","mailboxes":[{"name":"job","payload":{"a":1},"payload":{"b":2}}]}',
    '{"name":"child","mailboxes":[],"mailboxes":[{"name":"job","payload":{}}]}',
  ]) {
    expectError(await server.call("POST", `/instances/${parent.id}/fork`, { text }), 400, "invalid_request");
  }
});

test("mailboxes are listed from the image, without tokens or payloads", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base", { FAKE_ARM: "job,big*4", FAKE_ARM_TOKEN: "s3cret-word" });
  const answer = await server.call("GET", `/instances/${parent.id}/mailboxes`);
  assert.equal(answer.status, 200, answer.text);
  assert.ok(Check(MailboxesAnswer, answer.body), answer.text);
  assert.deepEqual(
    answer.body.mailboxes
      .map(({ name, parts, armed }) => ({ name, parts, armed }))
      .sort((a, b) => a.name.localeCompare(b.name)),
    [
      { name: "big", parts: 4, armed: true },
      { name: "job", parts: 1, armed: true },
    ],
  );
  assert.ok(!answer.text.includes("s3cret-word"));
});

test("an absent mailbox and a wrong token are the same answer, and no child is made", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base", { FAKE_ARM: "job", FAKE_ARM_TOKEN: "right" });
  const absent = expectError(
    await fork(server, parent.id, { name: "child", mailboxes: [{ name: "jo", token: "right", payload: {} }] }),
    409,
    "mailbox_not_found",
  );
  const wrong = expectError(
    await fork(server, parent.id, { name: "child", mailboxes: [{ name: "job", token: "wrong", payload: {} }] }),
    409,
    "mailbox_not_found",
  );
  assert.equal(absent.replace('"jo"', '"job"'), wrong);
  expectError(await server.call("GET", "/instances/child"), 404, "not_found");
  expectFork(
    await fork(server, parent.id, { name: "child", mailboxes: [{ name: "job", token: "right", payload: {} }] }),
  );
});

test("two live frames, and a frame that is not armed again, are refused", async (context) => {
  const server = await startTestServer(context);
  const twice = await makeStandby(server, "twice", { FAKE_ARM: "job", FAKE_ARM_TWICE: "1" });
  const mail = { mailboxes: [{ name: "job", payload: {}, wait_for_ack: true }] };
  expectError(await fork(server, twice.id, { name: "child", ...mail }), 409, "mailbox_ambiguous");
  const parent = await makeStandby(server, "parent");
  const child = expectFork(await fork(server, parent.id, { name: "child", ...mail }));
  assert.equal((await server.call("POST", `/instances/${child.id}/standby`)).status, 200);
  expectError(await fork(server, child.id, { name: "grandchild", ...mail }), 409, "mailbox_not_armed");
});

test("a payload larger than its mailbox is refused before anything is made", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base", { FAKE_ARM: "job,big*4" });
  const payload = { text: "x".repeat(4000) };
  expectError(
    await fork(server, parent.id, { name: "child", mailboxes: [{ name: "job", payload }] }),
    400,
    "invalid_request",
  );
  expectError(await server.call("GET", "/instances/child"), 404, "not_found");
  const child = expectFork(
    await fork(server, parent.id, { name: "child", mailboxes: [{ name: "big", payload, wait_for_ack: true }] }),
  );
  assert.equal(child.mailboxes[0]?.acked, true);
});

test("a guest that says it failed is 502; one that is silent is 504, or kept when asked; no child is left otherwise", async (context) => {
  const server = await startTestServer(context);
  const mailbox = { name: "job", payload: {}, wait_for_ack: true, ack_timeout_ms: 50 };
  const failing = await makeStandby(server, "failing", { FAKE_ARM: "job", FAKE_ACK: "failed" });
  expectError(
    await fork(server, failing.id, { name: "child", mailboxes: [{ ...mailbox, ack_timeout_ms: 30_000 }] }),
    502,
    "ack_failed",
  );
  expectError(await server.call("GET", "/instances/child"), 404, "not_found");
  const silent = await makeStandby(server, "silent", { FAKE_ARM: "job", FAKE_ACK: "silent" });
  expectError(await fork(server, silent.id, { name: "child", mailboxes: [mailbox] }), 504, "ack_timeout");
  expectError(await server.call("GET", "/instances/child"), 404, "not_found");
  const kept = expectFork(
    await fork(server, silent.id, { name: "child", mailboxes: [{ ...mailbox, on_ack_timeout: "keep" }] }),
  );
  assert.deepEqual(kept.mailboxes, [{ name: "job", delivered: true, acked: false, ack_ms: null }]);
  assert.equal(expectInstance(await server.call("GET", "/instances/child"), 200).state, "Running");
});

test("while a fork runs its child is busy, and a caller that leaves takes the child along", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base", { FAKE_ARM: "job", FAKE_ACK: "silent" });
  const caller = new AbortController();
  const mailboxes = [{ name: "job", payload: {}, wait_for_ack: true, ack_timeout_ms: 30_000 }];
  const forking = assert.rejects(fork(server, parent.id, { name: "child", mailboxes }, caller.signal), {
    name: "AbortError",
  });
  while ((await server.call("GET", "/instances/child")).status === 404);
  expectError(await server.call("POST", "/instances/child/stop"), 409, "instance_busy");
  caller.abort();
  await forking;
  while ((await server.call("GET", "/instances/child")).status === 200);
  assert.equal(expectInstance(await server.call("GET", "/instances/base"), 200).state, "Standby");
});

test("a fork that the hypervisor cannot do is 501, a taken name and another host are 409", async (context) => {
  const host = { version: "1.0" };
  const server = await startTestServer(context, { capabilities: { forkMailboxes: false }, host });
  const parent = await makeStandby(server, "base");
  expectError(
    await fork(server, parent.id, { name: "child", mailboxes: [{ name: "job", payload: {} }] }),
    501,
    "not_supported",
  );
  expectError(await fork(server, parent.id, { name: "base" }), 409, "name_conflict");
  host.version = "2.0";
  expectError(await fork(server, parent.id, { name: "child" }), 409, "image_mismatch");
  expectError(await server.call("POST", `/instances/${parent.id}/restore`), 409, "image_mismatch");
});

test("mail needs a child that goes on from where its parent was", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  const mailboxes = [{ name: "job", payload: {} }];
  expectError(
    await fork(server, parent.id, { name: "child", target_state: "Standby", mailboxes }),
    400,
    "invalid_request",
  );
  expectError(
    await fork(server, parent.id, { name: "child", target_state: "Stopped", mailboxes }),
    400,
    "invalid_request",
  );
  const stopped = await makeStopped(server, "stopped");
  expectError(await fork(server, stopped.id, { name: "child", mailboxes }), 400, "invalid_request");
  const running = await makeRunning(server, "running");
  expectError(await fork(server, running.id, { name: "child", mailboxes }), 409, "invalid_state");
  expectError(await server.call("GET", "/instances/child"), 404, "not_found");
});

test("a stopped instance has no memory: its child boots or rests", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStopped(server, "base");
  const rested = expectFork(await fork(server, parent.id, { name: "rested", target_state: "Stopped" }));
  assert.deepEqual([rested.state, rested.parent_id], ["Stopped", parent.id]);
  const booted = expectFork(await fork(server, parent.id, { name: "booted" }));
  const waited = await server.call("GET", `/instances/${booted.id}/wait?state=Running`);
  assert.equal((waited.body as { reached: boolean }).reached, true, waited.text);
  for (const target_state of ["Paused", "Standby"]) {
    expectError(await fork(server, parent.id, { name: "child", target_state }), 400, "invalid_request");
  }
});

test("a child is what its source is, unless told: with mail it runs", async (context) => {
  const server = await startTestServer(context);
  const forkPlainly = async (source: string, body: object): Promise<string> =>
    expectFork(await server.call("POST", `${source}/fork`, { body })).state;
  const standby = await makeStandby(server, "standby");
  const stopped = await makeStopped(server, "stopped");
  const running = await makeRunning(server, "running");
  assert.equal(await forkPlainly(`/instances/${standby.id}`, { name: "of-standby" }), "Standby");
  assert.equal(await forkPlainly(`/instances/${stopped.id}`, { name: "of-stopped" }), "Stopped");
  assert.equal(await forkPlainly(`/instances/${running.id}`, { name: "of-running", from_running: true }), "Running");
  const mailboxes = [{ name: "job", payload: {} }];
  assert.equal(await forkPlainly(`/instances/${standby.id}`, { name: "with-mail", mailboxes }), "Running");
  for (const { id, name } of [standby, stopped]) {
    const taken = await server.call("POST", `/instances/${id}/snapshots`, { body: { name } });
    assert.equal(taken.status, 201, taken.text);
    const state = name === "standby" ? "Running" : "Stopped";
    assert.equal(await forkPlainly(`/snapshots/${name}`, { name: `of-snapshot-${name}` }), state);
  }
});

test("a child that rests owns what it was forked with", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeRunning(server, "base", { FAKE_ARM: "job" });
  for (const target_state of ["Standby", "Stopped"]) {
    const name = `of-running-${target_state.toLowerCase()}`;
    const child = expectFork(await fork(server, parent.id, { name, from_running: true, target_state }));
    assert.deepEqual([child.state, child.has_memory_image], [target_state, target_state === "Standby"]);
  }
  await server.call("DELETE", `/instances/${parent.id}`);
  const restored = expectInstanceLike(await server.call("POST", "/instances/of-running-standby/restore"));
  assert.equal(restored.state, "Running");
  const started = await server.call("POST", "/instances/of-running-stopped/start");
  assert.equal(expectInstance(started, 200).state, "Initializing");
});

/** A timed answer, as far as its instance goes. */
function expectInstanceLike(answer: Answer): { readonly state: string } {
  assert.equal(answer.status, 200, answer.text);
  return answer.body as { state: string };
}

for (const [how, tracks] of [
  ["", true],
  [", also where nothing tells what it writes", false],
] as const) {
  test(`a running parent is forked when from_running says so, and goes on${how}`, async (context) => {
    if (!tracks) context.mock.method(RunningFakeMachine.prototype, "trackMemory", () => Promise.resolve(null));
    await assertLiveParentGoesOn(context, tracks ? ["copy_ahead"] : []);
  });
}

async function assertLiveParentGoesOn(context: TestContext, phases: readonly string[]): Promise<void> {
  const server = await startTestServer(context);
  const parent = await makeRunning(server, "base", { FAKE_ARM: "job" });
  const mailboxes = [{ name: "job", payload: { shard: 1 }, wait_for_ack: true }];
  const before = await belongings(server);
  for (let generation = 0; generation < 3; generation++) {
    const child = expectFork(await fork(server, parent.id, { name: "child", from_running: true, mailboxes }));
    assert.deepEqual([child.state, child.parent_id, child.mailboxes[0]?.acked], ["Running", parent.id, true]);
    assert.deepEqual(Object.keys(child.source_pause_ms ?? {}), [
      "pause",
      "devices",
      "disk",
      "capture",
      "resume",
      "total",
    ]);
    assert.deepEqual(
      ["copy_ahead"].filter((phase) => phase in child.timings_ms),
      phases,
    );
    assert.equal(expectInstance(await server.call("GET", "/instances/base"), 200).state, "Running");
    assert.equal((await server.call("DELETE", "/instances/child")).status, 204);
  }
  const { files: _, ...rest } = (await belongings(server)) as { files: unknown };
  const { files: __, ...restBefore } = before as { files: unknown };
  assert.deepEqual(rest, restBefore);
}

test("from_running changes nothing for a parent that rests", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  const child = expectFork(await fork(server, parent.id, { name: "child", from_running: true }));
  assert.equal(child.source_pause_ms, null);
});

test("what the hypervisor cannot do is 501, before anything happens", async (context) => {
  const server = await startTestServer(context, { capabilities: { forkMailboxes: false, liveCheckpoint: false } });
  const parent = await makeStandby(server, "base");
  const running = await makeRunning(server, "running");
  const before = await belongings(server);
  const traced = trace(context, server);
  const mailboxes = [{ name: "job", payload: {} }];
  expectError(await fork(server, parent.id, { name: "child", mailboxes }), 501, "not_supported");
  expectError(await fork(server, running.id, { name: "child", from_running: true }), 501, "not_supported");
  traced.assertUntouched();
  assert.deepEqual(await belongings(server), before);
});

test("what is wrong with a mailbox is said with its field", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  const refused: [object, RegExp][] = [
    [{ name: "job" }, /payload/],
    [{ payload: {} }, /name/],
    [{ name: "job", payload: [] }, /payload.*JSON object/],
    [{ name: "job", payload: null }, /payload.*JSON object/],
    [{ name: "job", payload: "text" }, /payload.*JSON object/],
    [{ name: "", payload: {} }, /name/],
    [{ name: " job", payload: {} }, /name/],
    [{ name: "j".repeat(65), payload: {} }, /name/],
    [{ name: "ramet.system", payload: {} }, /ramet\./],
    [{ name: 7, payload: {} }, /name/],
    [{ name: "job", payload: {}, token: "" }, /token/],
    [{ name: "job", payload: {}, token: "é".repeat(65) }, /token/],
    [{ name: "job", payload: {}, ack_timeout_ms: -1 }, /must not be negative/],
    [{ name: "job", payload: {}, ack_timeout_ms: 30_001 }, /ack_timeout_ms/],
    [{ name: "job", payload: {}, ack_timeout_ms: 1.5 }, /ack_timeout_ms/],
    [{ name: "job", payload: {}, ack_timeout_ms: "5" }, /ack_timeout_ms/],
    [{ name: "job", payload: {}, wait_for_ack: "true" }, /wait_for_ack/],
    [{ name: "job", payload: {}, on_ack_timeout: "ignore" }, /on_ack_timeout/],
    [{ name: "job", payload: { ack_nonce: 1 }, wait_for_ack: true }, /ack_nonce/],
    [{ name: "job", payload: { text: "x".repeat(70_000) } }, /payload/],
    [{ name: "job", payload: {}, extra: 1 }, /"extra"/],
  ];
  for (const [mailbox, sentence] of refused) {
    const message = expectError(
      await fork(server, parent.id, { name: "child", mailboxes: [mailbox] }),
      400,
      "invalid_request",
    );
    assert.match(message, sentence, JSON.stringify(mailbox).slice(0, 100));
  }
  const many = Array.from({ length: 17 }, (_, index) => ({ name: `m${String(index)}`, payload: {} }));
  expectError(await fork(server, parent.id, { name: "child", mailboxes: many }), 400, "invalid_request");
  const twins = [
    { name: "job", payload: {} },
    { name: "job", payload: {} },
  ];
  expectError(await fork(server, parent.id, { name: "child", mailboxes: twins }), 400, "invalid_request");
  expectError(await fork(server, parent.id, { name: "child", mailboxes: {} }), 400, "invalid_request");
  expectError(await fork(server, parent.id, { name: "child", target_state: "Unknown" }), 400, "invalid_request");
});
