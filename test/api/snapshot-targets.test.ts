/** What kind of snapshot is taken, and what an instance becomes that is brought back to one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Check } from "typebox/value";
import { TakenSnapshotSchema } from "../../src/api/schemas/snapshot.ts";
import {
  expectError,
  expectInstance,
  makeRunning,
  makeStandby,
  makeStopped,
  startTestServer,
  type Answer,
  type TestServer,
} from "./helpers.ts";
import { belongings } from "./traces.ts";

function take(server: TestServer, instance: string, body?: object): Promise<Answer> {
  return server.call("POST", `/instances/${instance}/snapshots`, body === undefined ? {} : { body });
}

async function nameTaken(server: TestServer, instance: string, body?: object): Promise<string> {
  const answer = await take(server, instance, body);
  assert.equal(answer.status, 201, answer.text);
  assert.ok(Check(TakenSnapshotSchema, answer.body), answer.text);
  return answer.body.name;
}

function restore(server: TestServer, instance: string, snapshot: string, body?: object): Promise<Answer> {
  return server.call(
    "POST",
    `/instances/${instance}/snapshots/${snapshot}/restore`,
    body === undefined ? {} : { body },
  );
}

async function stateOf(server: TestServer, instance: string): Promise<string> {
  return expectInstance(await server.call("GET", `/instances/${instance}`), 200).state;
}

test("a snapshot needs no name, and is then found by one of its own", async (context) => {
  const server = await startTestServer(context);
  await makeStandby(server, "base");
  const [first, second] = [await nameTaken(server, "base"), await nameTaken(server, "base", { kind: "Standby" })];
  assert.match(first, /^snapshot-[a-z0-9]{12}$/);
  assert.notEqual(first, second);
  assert.equal((await server.call("GET", `/snapshots/${first}`)).status, 200);
});

test("a kind that the instance cannot give is refused, and nothing is left", async (context) => {
  const server = await startTestServer(context);
  await makeRunning(server, "running");
  await makeStandby(server, "asleep");
  await makeStopped(server, "stopped");
  const before = await belongings(server);
  for (const [instance, kind] of [
    ["running", "Stopped"],
    ["asleep", "Stopped"],
    ["stopped", "Standby"],
  ] as const) {
    assert.match(expectError(await take(server, instance, { kind }), 409, "invalid_state"), /snapshot of kind/);
  }
  expectError(await take(server, "running", { kind: "Paused" }), 400, "invalid_request");
  assert.deepEqual(await belongings(server), before);
});

test("compression is refused with the reason, and may be declined", async (context) => {
  const server = await startTestServer(context);
  await makeStopped(server, "base");
  const before = await belongings(server);
  expectError(await take(server, "base", { compression: { enabled: true, algorithm: "zstd" } }), 501, "not_supported");
  expectError(await take(server, "base", { compression: {} }), 400, "invalid_request");
  assert.deepEqual(await belongings(server), before);
  await nameTaken(server, "base", { compression: { enabled: false } });
});

test("snapshots are listed by their tags", async (context) => {
  const server = await startTestServer(context);
  await makeStopped(server, "base");
  await nameTaken(server, "base", { name: "one", tags: { team: "search", night: "1" } });
  await nameTaken(server, "base", { name: "two", tags: { team: "search" } });
  const named = async (query: string): Promise<string[]> =>
    ((await server.call("GET", `/snapshots?${query}`)).body as { name: string }[]).map(({ name }) => name);
  assert.deepEqual(await named("tags[team]=search"), ["one", "two"]);
  assert.deepEqual(await named("tags[team]=search&tags[night]=1"), ["one"]);
  assert.deepEqual(await named("tags[team]=mail"), []);
});

test("a snapshot with memory is come back to running, resting or stopped", async (context) => {
  const server = await startTestServer(context);
  await makeRunning(server, "base");
  const warm = await nameTaken(server, "base", { name: "warm" });
  for (const target of ["Standby", "Stopped", "Running", "Standby"]) {
    const answer = await restore(server, "base", warm, { target_state: target });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(await stateOf(server, "base"), target);
    assert.equal(server.driver.machineCount, target === "Running" ? 1 : 0);
  }
  // What rests is whole: it can be restored, and it is the snapshot's own no more than before.
  assert.equal((await server.call("POST", "/instances/base/restore")).status, 200);
  assert.equal((await server.call("DELETE", `/snapshots/${warm}`)).status, 204);
});

test("a snapshot of a disk alone is come back to stopped, or boots", async (context) => {
  const server = await startTestServer(context);
  await makeStopped(server, "base");
  const cold = await nameTaken(server, "base", { name: "cold" });
  assert.equal((await restore(server, "base", cold)).status, 200);
  assert.equal(await stateOf(server, "base"), "Stopped");
  const booted = await restore(server, "base", cold, { target_state: "Running", target_hypervisor: undefined });
  assert.equal(booted.status, 200, booted.text);
  const waited = await server.call("GET", "/instances/base/wait?state=Running");
  assert.equal(waited.status, 200, waited.text);
  assert.equal(await stateOf(server, "base"), "Running");
  assert.match(
    expectError(await restore(server, "base", cold, { target_state: "Standby" }), 400, "invalid_request"),
    /memory image/,
  );
  assert.equal(await stateOf(server, "base"), "Running");
});

test("another hypervisor is refused: for memory always, for a disk when it is not here", async (context) => {
  const server = await startTestServer(context);
  await makeStandby(server, "asleep");
  await makeStopped(server, "stopped");
  const [warm, cold] = [await nameTaken(server, "asleep"), await nameTaken(server, "stopped")];
  const other = { target_hypervisor: "firecracker" };
  expectError(await restore(server, "asleep", warm, other), 400, "invalid_request");
  expectError(await restore(server, "stopped", cold, other), 501, "not_supported");
  expectError(await restore(server, "stopped", cold, { target_hypervisor: "xen" }), 400, "invalid_request");
});

test("a boot that fails leaves the instance as it was", async (context) => {
  const server = await startTestServer(context);
  await makeStopped(server, "base");
  const cold = await nameTaken(server, "base", { name: "cold" });
  const before = await belongings(server);
  context.mock.method(server.driver, "boot", () => Promise.reject(new Error("no more processes")));
  await assert.rejects(restore(server, "base", cold, { target_state: "Running" }), assert.AssertionError);
  assert.deepEqual(await belongings(server), before);
  assert.equal(await stateOf(server, "base"), "Stopped");
});
