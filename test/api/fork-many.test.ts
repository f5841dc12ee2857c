import assert from "node:assert/strict";
import { test } from "node:test";
import { ForkManyAnswer } from "../../src/api/schemas/fork.ts";
import type { HandoffFactory } from "../../src/domain/forks/handoff.ts";
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

function forks(server: TestServer, parentId: string, body: object, signal?: AbortSignal): Promise<Answer> {
  return server.call("POST", `/instances/${parentId}/forks`, { body, ...(signal === undefined ? {} : { signal }) });
}

function expectForks(answer: Answer): ForkManyAnswer {
  assert.equal(answer.status, 201, answer.text);
  assert.ok(matches(ForkManyAnswer, answer.body), answer.text);
  return answer.body;
}

interface Child {
  readonly name: string;
  readonly mailboxes: readonly { readonly name: string; readonly payload: object; readonly wait_for_ack?: boolean }[];
}

function children(count: number, change: (child: Child, index: number) => Child = (child) => child): Child[] {
  return Array.from({ length: count }, (_, index) =>
    change({ name: `w-${String(index)}`, mailboxes: [{ name: "job", payload: { shard: index } }] }, index),
  );
}

const lost = (child: Child): Child => ({ ...child, mailboxes: [{ name: "lost", payload: {} }] });

test("many children of one parent, each with its own mail, in the order of the request", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  const answer = expectForks(await forks(server, parent.id, { children: children(5) }));
  assert.deepEqual(
    answer.children.map(({ name, instance, error }) => [name, instance?.name, instance?.state, error]),
    children(5).map(({ name }) => [name, name, "Running", null]),
  );
  assert.equal(answer.source_pause_ms, null);
  for (const [index, { instance }] of answer.children.entries()) {
    const mail = (await readLog(server, instance?.id ?? "")).filter((line) => line.startsWith("mail "));
    assert.deepEqual(mail, [`mail job: {"shard":${String(index)}}`]);
  }
});

test("payloads of many children reach their guests with the very characters of the request", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base", { FAKE_ARM: "job,cfg" });
  const first = '{"z":12345678901234567890, "a" : 1.50,\t"b":"]},{", "children":[{"mailboxes":[{"payload":{}}]}]}';
  const second = '{ "\\u00e9":[1 , 2] }';
  const text = `{"mode":"each" , "children" : [ {"name":"a","mailboxes":[{"name":"cfg","payload": {} },{"payload":${first},"name":"job"}]},
    {"name":"b"}, {"mailboxes":[{"name":"job","payload":${second}}],"name":"c"} ]}`;
  expectForks(await server.call("POST", `/instances/${parent.id}/forks`, { text }));
  const mailOf = async (name: string): Promise<string[]> =>
    (await readLog(server, name)).filter((line) => line.startsWith("mail "));
  assert.deepEqual(await mailOf("a"), [`mail job: ${first}`, "mail cfg: {}"]);
  assert.deepEqual(await mailOf("b"), []);
  assert.deepEqual(await mailOf("c"), [`mail job: ${second}`]);
});

test("all or nothing: one of 32 with an unknown mailbox leaves nothing, and no guest has run", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  const before = await belongings(server);
  const traced = trace(context, server);
  const answer = await forks(server, parent.id, {
    children: children(32, (child, index) => (index === 16 ? lost(child) : child)),
  });
  expectError(answer, 409, "mailbox_not_found");
  assert.deepEqual((answer.body as { details: object }).details, { ...detailsOf(answer), child: "w-16", index: 16 });
  assert.equal(traced.resumes(), 0);
  assert.deepEqual(await belongings(server), before);
  assert.equal((await server.call("DELETE", `/instances/${parent.id}`)).status, 204, "no lock is left");
});

function detailsOf(answer: Answer): object {
  return (answer.body as { details: object }).details;
}

test("all or nothing: a name that is taken is found after machines were made, and they are gone", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  await makeStopped(server, "w-7");
  const before = await belongings(server);
  const traced = trace(context, server);
  const answer = await forks(server, parent.id, { children: children(8) });
  expectError(answer, 409, "name_conflict");
  assert.deepEqual(detailsOf(answer), { child: "w-7", index: 7 });
  assert.equal(traced.resumes(), 0);
  assert.deepEqual(await belongings(server), before);
});

test("each: one of 32 with an unknown mailbox says why, and the other 31 run", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  const answer = expectForks(
    await forks(server, parent.id, {
      mode: "each",
      children: children(32, (child, index) => (index === 16 ? lost(child) : child)),
    }),
  );
  const failed = answer.children.filter(({ error }) => error !== null);
  assert.deepEqual(
    failed.map(({ name, instance, mailboxes, error }) => [name, instance, mailboxes, error?.code]),
    [["w-16", null, [], "mailbox_not_found"]],
  );
  assert.equal(answer.children.filter(({ instance }) => instance?.state === "Running").length, 31);
  expectError(await server.call("GET", "/instances/w-16"), 404, "not_found");
  assert.equal(server.driver.machineCount, 31);
});

test("a silent child ends all in all_or_nothing, and itself alone in each", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base", { FAKE_ARM: "job", FAKE_ACK: "silent" });
  const asked = (child: Child, index: number): object =>
    index === 1
      ? { ...child, mailboxes: [{ name: "job", payload: {}, wait_for_ack: true, ack_timeout_ms: 50 }] }
      : child;
  const list = children(3).map(asked);
  const before = await belongings(server);
  const answer = await forks(server, parent.id, { children: list });
  expectError(answer, 504, "ack_timeout");
  assert.deepEqual(await belongings(server), before);
  const each = expectForks(await forks(server, parent.id, { children: list, mode: "each" }));
  assert.deepEqual(
    each.children.map(({ error }) => error?.code ?? null),
    [null, "ack_timeout", null],
  );
  expectError(await server.call("GET", "/instances/w-1"), 404, "not_found");
});

test("the same key and body give the first answer, another body under the key is refused", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  const other = await makeStandby(server, "other");
  const body = { children: children(2), idempotency_key: "night 1" };
  const [first, meanwhile] = await Promise.all([forks(server, parent.id, body), forks(server, parent.id, body)]);
  expectForks(first);
  assert.deepEqual([meanwhile.status, meanwhile.body], [201, first.body]);
  const again = await forks(server, parent.id, body);
  assert.deepEqual([again.status, again.body], [201, first.body]);
  assert.equal(server.driver.machineCount, 2);
  expectError(await forks(server, parent.id, { ...body, mode: "each" }), 409, "name_conflict");
  expectError(await forks(server, other.id, body), 409, "name_conflict");
  assert.equal(server.driver.machineCount, 2);
});

test("a key of a call that failed is free again", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  const taken = await makeStopped(server, "w-0");
  const body = { children: children(1), idempotency_key: "k" };
  expectError(await forks(server, parent.id, body), 409, "name_conflict");
  assert.equal((await server.call("DELETE", `/instances/${taken.id}`)).status, 204);
  expectForks(await forks(server, parent.id, body));
});

test("a caller that leaves takes the children along, unless the call has a key", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base", { FAKE_ARM: "job", FAKE_ACK: "silent" });
  const mailboxes = [{ name: "job", payload: {}, wait_for_ack: true, ack_timeout_ms: 30_000 }];
  await leave(server, parent.id, { children: [{ name: "one", mailboxes }] }, "one");
  while ((await server.call("GET", "/instances/one")).status === 200);
  const kept = [{ ...mailboxes[0], ack_timeout_ms: 500, on_ack_timeout: "keep" }];
  const body = { children: [{ name: "two", mailboxes: kept }], idempotency_key: "k" };
  await leave(server, parent.id, body, "two");
  const answer = expectForks(await forks(server, parent.id, body));
  assert.deepEqual(
    answer.children.map(({ instance, mailboxes: outcomes }) => [instance?.name, outcomes[0]?.acked]),
    [["two", false]],
  );
});

/** Asks, and goes away when the child is there and waits for its ack. */
async function leave(server: TestServer, parentId: string, body: object, child: string): Promise<void> {
  const caller = new AbortController();
  const asking = assert.rejects(forks(server, parentId, body, caller.signal), { name: "AbortError" });
  while ((await server.call("GET", `/instances/${child}`)).status === 404);
  caller.abort();
  await asking;
}

test("children are held with their mail, and released together", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  const held = children(3).map(({ name, mailboxes }) => ({
    name,
    target_state: "Paused",
    mailboxes: mailboxes.map((mailbox) => ({ ...mailbox, wait_for_ack: true })),
  }));
  const traced = trace(context, server);
  const answer = expectForks(await forks(server, parent.id, { children: held }));
  assert.deepEqual(
    answer.children.map(({ instance, mailboxes }) => [instance?.state, mailboxes[0]?.delivered, mailboxes[0]?.acked]),
    [
      ["Paused", true, null],
      ["Paused", true, null],
      ["Paused", true, null],
    ],
  );
  assert.equal(traced.resumes(), 0);
  const released = await server.call("POST", "/resume", { body: { ids: held.map(({ name }) => name) } });
  assert.equal(released.status, 200, released.text);
  assert.equal(traced.resumes(), 3);
  for (const { name } of held) {
    assert.equal(expectInstance(await server.call("GET", `/instances/${name}`), 200).state, "Running");
  }
});

test("a running parent is captured once for all, and only when from_running says so", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeRunning(server, "base", { FAKE_ARM: "job" });
  expectError(await forks(server, parent.id, { children: children(2) }), 409, "invalid_state");
  const answer = expectForks(await forks(server, parent.id, { children: children(2), from_running: true }));
  const { total = 0, ...phases } = answer.source_pause_ms ?? {};
  assert.deepEqual(Object.keys(phases), ["pause", "devices", "disk", "capture", "resume"]);
  const sum = Object.values(phases).reduce((left, right) => left + right, 0);
  // Each phase is rounded to a thousandth, and so is their sum.
  assert.ok(Math.abs(total - sum) < 0.01, `${String(total)} is the sum of ${String(sum)}`);
  assert.equal(expectInstance(await server.call("GET", "/instances/base"), 200).state, "Running");
  assert.equal(server.driver.machineCount, 3);
});

test("what the hypervisor cannot do is 501, before anything happens", async (context) => {
  const server = await startTestServer(context, { capabilities: { forkMailboxes: false, liveCheckpoint: false } });
  const parent = await makeStandby(server, "base");
  const running = await makeRunning(server, "running");
  const before = await belongings(server);
  const traced = trace(context, server);
  expectError(await forks(server, parent.id, { children: children(3) }), 501, "not_supported");
  // Nothing is read either: not even whether the parent exists.
  expectError(await forks(server, "nobody", { children: children(3) }), 501, "not_supported");
  expectError(await forks(server, running.id, { children: [{ name: "a" }], from_running: true }), 501, "not_supported");
  traced.assertUntouched();
  assert.deepEqual(await belongings(server), before);
});

test("what is wrong with a child is said with its place", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  const good = { name: "good" };
  const refused: [object, RegExp][] = [
    [{}, /"children"/],
    [{ children: [] }, /"children".*1 to 256/],
    [{ children: {} }, /"children"/],
    [{ children: Array.from({ length: 257 }, (_, index) => ({ name: `w-${String(index)}` })) }, /"children".*1 to 256/],
    [{ children: [good, { name: "Bad" }] }, /"children\[1\]\.name"/],
    [{ children: [good, good] }, /children\[1\].*twice/],
    [{ children: [good, { name: "b", from_running: true }] }, /"from_running"/],
    [{ children: [good, { name: "b", target_state: "Unknown" }] }, /"children\[1\]\.target_state"/],
    [
      { children: [good, { name: "b", mailboxes: [{ name: "job", payload: {}, ack_timeout_ms: -1 }] }] },
      /children\[1\]\.mailboxes\[0\]\.ack_timeout_ms must not be negative/,
    ],
    [
      { children: [good, { name: "b", target_state: "Standby", mailboxes: [{ name: "job", payload: {} }] }] },
      /child b: .*target_state/,
    ],
    [{ children: [good], mode: "some" }, /"mode"/],
    [{ children: [good], idempotency_key: "" }, /"idempotency_key"/],
    [{ children: [good], idempotency_key: "k".repeat(129) }, /"idempotency_key"/],
    [{ children: [good], idempotency_key: "a\nb" }, /"idempotency_key"/],
    [{ children: [good], from_running: 1 }, /"from_running"/],
  ];
  for (const [body, sentence] of refused) {
    assert.match(expectError(await forks(server, parent.id, body), 400, "invalid_request"), sentence);
  }
  const twice = '{"children":[{"name":"a","mailboxes":[{"name":"job","payload":{"a":1},"payload":{"b":2}}]}]}';
  const answer = await server.call("POST", `/instances/${parent.id}/forks`, { text: twice });
  expectError(answer, 400, "invalid_request");
  expectError(await server.call("GET", "/instances/good"), 404, "not_found");
});

test("a stopped parent has no memory: its children boot or rest, and carry no mail", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStopped(server, "base");
  expectError(await forks(server, parent.id, { children: children(1) }), 400, "invalid_request");
  const list = [{ name: "a", target_state: "Running" }, { name: "b" }, { name: "c", target_state: "Stopped" }];
  const answer = expectForks(await forks(server, parent.id, { children: list }));
  assert.deepEqual(
    answer.children.map(({ instance }) => instance?.state),
    ["Initializing", "Stopped", "Stopped"],
  );
  const waited = await server.call("GET", "/instances/a/wait?state=Running");
  assert.equal((waited.body as { reached: boolean }).reached, true, waited.text);
});

test("256 children with payloads that fill the body are one call; more is 413 and says so", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStopped(server, "base");
  const payload = { text: "x".repeat(7_900) };
  const list = children(256, (child) => ({ ...child, mailboxes: [{ name: "job", payload }] }));
  // Read to the last payload: what is refused is mail for children of a stopped parent.
  const message = expectError(await forks(server, parent.id, { children: list }), 400, "invalid_request");
  assert.match(message, /mailboxes need a memory image/);
  const more = list.map((child) => ({ ...child, mailboxes: [{ name: "job", payload: { text: "x".repeat(9_000) } }] }));
  assert.match(expectError(await forks(server, parent.id, { children: more }), 413, "invalid_request"), /larger/);
});

test("no guest waits for its resume until another one has taken its identity and mail", async (context) => {
  const count = 40;
  const all = Promise.withResolvers<undefined>();
  let arrived = 0;
  const barrier: HandoffFactory = () => ({
    phase: "barrier",
    preflight: () => undefined,
    prepare: () => Promise.resolve(),
    afterResume: () => {
      arrived += 1;
      if (arrived === count) all.resolve(undefined);
      return all.promise;
    },
  });
  const server = await startTestServer(context, { furtherHandoffs: [barrier] });
  const parent = await makeStandby(server, "base");
  const answer = expectForks(await forks(server, parent.id, { children: children(count) }));
  assert.ok(answer.children.every(({ error }) => error === null));
});
