import assert from "node:assert/strict";
import { test } from "node:test";
import { Check } from "typebox/value";
import { ForkAnswer, ForkManyAnswer } from "../../src/api/schemas/fork.ts";
import { TimedInstanceSchema } from "../../src/api/schemas/instance.ts";
import { SnapshotSchema, TakenSnapshotSchema, type TakenSnapshotBody } from "../../src/api/schemas/snapshot.ts";
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

function take(server: TestServer, instanceId: string, body: object): Promise<Answer> {
  return server.call("POST", `/instances/${instanceId}/snapshots`, { body });
}

async function taken(server: TestServer, instanceId: string, name: string): Promise<TakenSnapshotBody> {
  const answer = await take(server, instanceId, { name });
  assert.equal(answer.status, 201, answer.text);
  assert.ok(Check(TakenSnapshotSchema, answer.body), answer.text);
  return answer.body;
}

async function namesOf(server: TestServer, query = ""): Promise<string[]> {
  const answer = await server.call("GET", `/snapshots${query}`);
  assert.equal(answer.status, 200, answer.text);
  const list = answer.body as unknown[];
  assert.ok(
    list.every((each) => Check(SnapshotSchema, each)),
    answer.text,
  );
  return (list as { name: string }[]).map(({ name }) => name);
}

test("a snapshot of a running instance keeps its memory, and the instance runs on", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeRunning(server, "base", { FAKE_ARM: "job" });
  const answer = await take(server, "base", { name: "warm", tags: { team: "search" } });
  assert.equal(answer.status, 201, answer.text);
  assert.ok(Check(TakenSnapshotSchema, answer.body), answer.text);
  const { timings_ms, source_pause_ms, ...snapshot } = answer.body;
  assert.deepEqual(
    { ...snapshot, id: "", created_at: "", size_bytes: 0 },
    {
      id: "",
      name: "warm",
      kind: "Standby",
      source_instance_id: parent.id,
      source_instance_name: "base",
      source_hypervisor: "fake",
      image: "ramet/base",
      memory: parent.memory,
      memory_bytes: parent.memory_bytes,
      vcpus: 1,
      tags: { team: "search" },
      created_at: "",
      size_bytes: 0,
      compression_state: "none",
      compressed_size_bytes: null,
      uncompressed_size_bytes: parent.memory_bytes,
    },
  );
  assert.ok(snapshot.size_bytes > 0);
  assert.ok("capture" in timings_ms);
  assert.deepEqual(Object.keys(source_pause_ms ?? {}), ["pause", "devices", "disk", "capture", "resume", "total"]);
  assert.equal(expectInstance(await server.call("GET", "/instances/base"), 200).state, "Running");
  for (const reference of [snapshot.id, "warm", snapshot.id.slice(0, 8)]) {
    assert.deepEqual((await server.call("GET", `/snapshots/${reference}`)).body, snapshot);
  }
});

test("snapshots of what rests are of its kind, and nobody stands still for them", async (context) => {
  const server = await startTestServer(context);
  const standby = await taken(server, (await makeStandby(server, "asleep")).id, "one");
  const stopped = await taken(server, (await makeStopped(server, "stopped")).id, "two");
  assert.deepEqual([standby.kind, standby.source_pause_ms], ["Standby", null]);
  assert.deepEqual([stopped.kind, stopped.source_pause_ms], ["Stopped", null]);
});

test("snapshots are listed by source, name and kind, and outlive their instance", async (context) => {
  const server = await startTestServer(context);
  const asleep = await makeStandby(server, "asleep");
  const stopped = await makeStopped(server, "stopped");
  await taken(server, asleep.id, "one");
  await taken(server, asleep.id, "two");
  await taken(server, stopped.id, "one");
  assert.equal((await server.call("DELETE", `/instances/${asleep.id}`)).status, 204);
  assert.deepEqual(await namesOf(server), ["one", "two", "one"]);
  assert.deepEqual(await namesOf(server, `?source_instance_id=${asleep.id}`), ["one", "two"]);
  assert.deepEqual(await namesOf(server, "?name=one&kind=Stopped"), ["one"]);
  assert.deepEqual(await namesOf(server, "?name=nothing"), []);
  expectError(await server.call("GET", "/snapshots/one"), 409, "ambiguous");
  expectError(await server.call("GET", "/snapshots?kind=Running"), 400, "invalid_request");
  expectError(await server.call("GET", "/snapshots?state=Stopped"), 400, "invalid_request");
});

test("a name is taken once for each instance; a wrong request leaves nothing", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeStandby(server, "base");
  await taken(server, id, "warm");
  const before = await belongings(server);
  expectError(await take(server, id, { name: "warm" }), 409, "name_conflict");
  expectError(await take(server, "nobody", { name: "warm" }), 404, "not_found");
  for (const [body, sentence] of [
    [{ name: "Warm" }, /"name".*lower-case/],
    [{ name: "w".repeat(64) }, /"name"/],
    [{ name: "cold", tags: { a: 1 } }, /"tags\.a"/],
    [{ name: "cold", colour: "red" }, /unknown field "colour"/],
  ] as const) {
    assert.match(expectError(await take(server, id, body), 400, "invalid_request"), sentence);
  }
  assert.deepEqual(await belongings(server), before);
});

test("a deleted snapshot is gone, and what was forked of it goes on", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeStandby(server, "base");
  const snapshot = await taken(server, id, "warm");
  const forked = await server.call("POST", "/snapshots/warm/fork", { body: { name: "child" } });
  assert.equal(forked.status, 201, forked.text);
  assert.equal((await server.call("DELETE", `/snapshots/${snapshot.id}`)).status, 204);
  expectError(await server.call("GET", `/snapshots/${snapshot.id}`), 404, "not_found");
  expectError(await server.call("DELETE", `/snapshots/${snapshot.id}`), 404, "not_found");
  expectError(await server.call("POST", "/snapshots/warm/fork", { body: { name: "late" } }), 404, "not_found");
  assert.equal((await server.call("POST", "/instances/child/standby")).status, 200);
  assert.equal((await server.call("POST", "/instances/child/restore")).status, 200);
});

test("a fork of a snapshot has its own mail, and its parent may be gone", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeRunning(server, "base", { FAKE_ARM: "job" });
  await taken(server, parent.id, "warm");
  assert.equal((await server.call("DELETE", "/instances/base")).status, 204);
  const text =
    '{"name":"child","mailboxes":[{"name":"job","payload":{"n":12345678901234567890, "a":1}}],"target_state":"Running"}';
  const answer = await server.call("POST", "/snapshots/warm/fork", { text });
  assert.equal(answer.status, 201, answer.text);
  assert.ok(Check(ForkAnswer, answer.body), answer.text);
  assert.deepEqual(
    [answer.body.state, answer.body.parent_id, answer.body.source_pause_ms],
    ["Running", parent.id, null],
  );
  const mail = (await readLog(server, "child")).filter((line) => line.startsWith("mail "));
  assert.deepEqual(mail, ['mail job: {"n":12345678901234567890, "a":1}']);
  const running = { name: "other", from_running: true };
  expectError(await server.call("POST", "/snapshots/warm/fork", { body: running }), 400, "invalid_request");
});

test("many children of a snapshot are one call, with a key of its own", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  await taken(server, parent.id, "base");
  const body = { children: [{ name: "a" }, { name: "b" }], idempotency_key: "k" };
  const first = await server.call("POST", "/snapshots/base/forks", { body });
  assert.equal(first.status, 201, first.text);
  assert.ok(matches(ForkManyAnswer, first.body), first.text);
  assert.deepEqual((await server.call("POST", "/snapshots/base/forks", { body })).body, first.body);
  // The instance of the same name is another source.
  expectError(await server.call("POST", "/instances/base/forks", { body }), 409, "name_conflict");
  expectError(
    await server.call("POST", "/snapshots/base/forks", { body: { ...body, from_running: true } }),
    400,
    "invalid_request",
  );
});

test("a snapshot of a stopped instance has no memory: its forks carry no mail", async (context) => {
  const server = await startTestServer(context);
  await taken(server, (await makeStopped(server, "base")).id, "disk");
  const mailboxes = [{ name: "job", payload: {} }];
  const fork = (body: object): Promise<Answer> => server.call("POST", "/snapshots/disk/fork", { body });
  expectError(await fork({ name: "a", mailboxes }), 400, "invalid_request");
  expectError(await fork({ name: "a", target_state: "Paused" }), 400, "invalid_request");
  assert.equal(expectState(await fork({ name: "a", target_state: "Stopped" })), "Stopped");
});

function expectState(answer: Answer): string {
  assert.equal(answer.status, 201, answer.text);
  return (answer.body as { state: string }).state;
}

test("an instance becomes again what it was", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeRunning(server, "base", { FAKE_ARM: "job" });
  await taken(server, parent.id, "warm");
  const restored = await server.call("POST", "/instances/base/snapshots/warm/restore");
  assert.equal(restored.status, 200, restored.text);
  assert.ok(Check(TimedInstanceSchema, restored.body), restored.text);
  assert.deepEqual([restored.body.id, restored.body.state], [parent.id, "Running"]);
  assert.equal(server.driver.machineCount, 1);
  assert.equal((await server.call("POST", "/instances/base/stop")).status, 200);
  await taken(server, parent.id, "disk");
  const woken = await server.call("POST", "/instances/base/snapshots/warm/restore");
  assert.equal((woken.body as { state: string }).state, "Running", woken.text);
  const stopped = await server.call("POST", "/instances/base/snapshots/disk/restore", { body: {} });
  assert.equal((stopped.body as { state: string }).state, "Stopped", stopped.text);
  assert.equal(server.driver.machineCount, 0);
});

test("only its own snapshots are restored, and a failure leaves it as it was", async (context) => {
  const host = { version: "1.0" };
  const server = await startTestServer(context, { host });
  const parent = await makeRunning(server, "base");
  await makeStopped(server, "other");
  await taken(server, parent.id, "warm");
  expectError(await server.call("POST", "/instances/other/snapshots/warm/restore"), 400, "invalid_request");
  expectError(await server.call("POST", "/instances/base/snapshots/nothing/restore"), 404, "not_found");
  expectError(await server.call("POST", "/instances/nobody/snapshots/warm/restore"), 404, "not_found");
  expectError(
    await server.call("POST", "/instances/base/snapshots/warm/restore", { body: { force: true } }),
    400,
    "invalid_request",
  );
  const before = await belongings(server);
  host.version = "2.0";
  expectError(await server.call("POST", "/instances/base/snapshots/warm/restore"), 409, "image_mismatch");
  assert.deepEqual(await belongings(server), before);
  assert.equal(expectInstance(await server.call("GET", "/instances/base"), 200).state, "Running");
});

test("a snapshot that is used is not deleted under its user", async (context) => {
  const server = await startTestServer(context);
  await taken(server, (await makeStandby(server, "base")).id, "warm");
  const { id } = server.domain.snapshots.list({})[0] ?? { id: "" };
  using _ = server.domain.lock.acquire(id, "fork", "shared");
  expectError(await server.call("DELETE", "/snapshots/warm"), 409, "instance_busy");
});

test("mail that the hypervisor cannot deliver is 501 before anything happens, also for a snapshot", async (context) => {
  const server = await startTestServer(context, { capabilities: { forkMailboxes: false } });
  await taken(server, (await makeStandby(server, "base")).id, "warm");
  const before = await belongings(server);
  const traced = trace(context, server);
  const mailboxes = [{ name: "job", payload: {} }];
  const one = { name: "child", mailboxes };
  expectError(await server.call("POST", "/snapshots/warm/fork", { body: one }), 501, "not_supported");
  expectError(await server.call("POST", "/snapshots/warm/forks", { body: { children: [one] } }), 501, "not_supported");
  traced.assertUntouched();
  assert.deepEqual(await belongings(server), before);
});

test("a snapshot of a running instance that the hypervisor cannot take is 501 before anything happens", async (context) => {
  const server = await startTestServer(context, { capabilities: { liveCheckpoint: false } });
  await makeRunning(server, "base");
  const before = await belongings(server);
  const traced = trace(context, server);
  expectError(await take(server, "base", { name: "warm" }), 501, "not_supported");
  traced.assertUntouched();
  assert.deepEqual(await belongings(server), before);
});
