import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatingError } from "../../src/errors.ts";
import { PausedFakeMachine } from "../../src/hypervisors/fake/fake-machine.ts";
import { belongings } from "./traces.ts";
import { expectError, makeStandby, startTestServer, type TestServer } from "./helpers.ts";

/** Resolves when the source has so many slots ready. */
async function ready(server: TestServer, path: string, count: number): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  for (;;) {
    const answer = await server.call("GET", `${path}/warm-slots`, { signal });
    assert.equal(answer.status, 200, answer.text);
    if ((answer.body as { ready: number }).ready === count) return;
  }
}

for (const how of ["fork", "forks"] as const) {
  test(`a slot that a ${how} claims for a name that is taken goes with all that it had, and another takes its place`, async (context) => {
    const server = await startTestServer(context);
    const { id } = await makeStandby(server, "base");
    const path = `/instances/${id}`;
    const before = await belongings(server);
    assert.equal((await server.call("PUT", `${path}/warm-slots`, { body: { count: 1 } })).status, 200);
    await ready(server, path, 1);
    const [claimed] = await slotsOf(server, id);
    const child = { name: "base", target_state: "Running" };
    const body = how === "fork" ? child : { children: [child], mode: "all_or_nothing" };
    const resumed = context.mock.method(PausedFakeMachine.prototype, "resume");
    expectError(await server.call("POST", `${path}/${how}`, { body }), 409, "name_conflict");
    assert.equal(resumed.mock.callCount(), 0, "its guest has not run");
    await ready(server, path, 1);
    const slots = await slotsOf(server, id);
    assert.equal(slots.length, 1);
    assert.notDeepEqual(slots, [claimed]);
    assert.equal(server.driver.machineCount, 1);

    const forked = await server.call("POST", `${path}/fork`, { body: { name: "child", target_state: "Running" } });
    assert.equal(forked.status, 201, forked.text);
    assert.equal((forked.body as { start: string }).start, "warm");
    await ready(server, path, 1);
    assert.equal((await server.call("DELETE", "/instances/child")).status, 204);
    assert.equal((await server.call("PUT", `${path}/warm-slots`, { body: { count: 0 } })).status, 200);
    assert.deepEqual(await belongings(server), before);
  });
}

test("of two forks that want one free name at the same time one has it, and the other's guest has not run", async (context) => {
  const server = await startTestServer(context);
  await makeStandby(server, "base");
  await server.call("PUT", "/instances/base/warm-slots", { body: { count: 2 } });
  await ready(server, "/instances/base", 2);
  const resumed = context.mock.method(PausedFakeMachine.prototype, "resume");
  const body = { name: "child", target_state: "Running" };
  const answers = await Promise.all([1, 2].map(() => server.call("POST", "/instances/base/fork", { body })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409]);
  assert.equal(resumed.mock.callCount(), 1);
  const { body: audit } = await server.call("GET", "/audit");
  const forks = (audit as { records: Record<string, unknown>[] }).records.filter(({ action }) => action === "fork");
  const outcomes = forks.map((record) => [record["outcome"], record["code"], record["instance_name"]]);
  assert.deepEqual(outcomes.sort(), [
    ["failed", "name_conflict", "child"],
    ["ok", null, "child"],
  ]);
});

test("a child whose row cannot be written when it is let go is ended, and nothing of it is left", async (context) => {
  const server = await startTestServer(context);
  await makeStandby(server, "base");
  await server.call("PUT", "/instances/base/warm-slots", { body: { count: 1 } });
  await ready(server, "/instances/base", 1);
  const insert = context.mock.method(server.domain.lineage, "insert", () => {
    throw new OperatingError("insufficient_resources", "the disk is full");
  });
  const body = { name: "child", target_state: "Running" };
  expectError(await server.call("POST", "/instances/base/fork", { body }), 409, "insufficient_resources");
  insert.mock.restore();
  assert.equal((await server.call("GET", "/instances/child")).status, 404);
  await ready(server, "/instances/base", 1);
  assert.equal(server.driver.machineCount, 1, "the next slot's alone");
  assert.equal((await server.call("POST", "/instances/base/fork", { body })).status, 201);
});

/** The directories that are no instance's. */
async function slotsOf(server: TestServer, parentId: string): Promise<string[]> {
  const { files } = (await belongings(server)) as { files: readonly string[] };
  return files.filter((path) => !path.includes("/") && path !== parentId);
}
