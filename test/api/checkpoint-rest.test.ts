import assert from "node:assert/strict";
import { test } from "node:test";
import { PausedFakeMachine } from "../../src/hypervisors/fake/fake-machine.ts";
import { expectError, expectInstance, makeRunning, readLog, startTestServer } from "./helpers.ts";
import { belongings } from "./traces.ts";

test("devices and RAM are taken again until nothing has moved between the two", async (context) => {
  const server = await startTestServer(context);
  await makeRunning(server, "base", { FAKE_ARM: "job" });
  const answers = [false, false, true];
  context.mock.method(PausedFakeMachine.prototype, "hasStoodStill", () => Promise.resolve(answers.shift() ?? true));
  const saves = context.mock.method(PausedFakeMachine.prototype, "saveDeviceState");
  const reads = context.mock.method(PausedFakeMachine.prototype, "openMemory");
  assert.equal((await server.call("POST", "/instances/base/standby")).status, 200);
  assert.deepEqual([saves.mock.callCount(), reads.mock.callCount()], [3, 3]);
  const body = { name: "child", mailboxes: [{ name: "job", payload: { n: 1 }, wait_for_ack: true }] };
  const forked = await server.call("POST", "/instances/base/fork", { body });
  assert.equal(forked.status, 201, forked.text);
  assert.match((await readLog(server, "child")).join("\n"), /^mail job: \{"n":1,/m);
});

for (const [verb, path, body] of [
  ["standby", "/instances/base/standby", undefined],
  ["a snapshot", "/instances/base/snapshots", { name: "snap" }],
  ["a fork of a running parent", "/instances/base/fork", { name: "child", from_running: true }],
] as const) {
  test(`${verb} is given up when its devices never come to rest, and the instance runs on`, async (context) => {
    const server = await startTestServer(context);
    await makeRunning(server, "base");
    const before = await belongings(server);
    context.mock.method(PausedFakeMachine.prototype, "hasStoodStill", () => Promise.resolve(false));
    const message = expectError(await server.call("POST", path, { body }), 504, "guest_unreachable");
    assert.match(message, /did not come to rest/);
    assert.equal(expectInstance(await server.call("GET", "/instances/base"), 200).state, "Running");
    assert.deepEqual(await belongings(server), before);
  });
}
