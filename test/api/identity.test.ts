import assert from "node:assert/strict";
import { test } from "node:test";
import { expectError, expectInstance, makeStandby, startTestServer } from "./helpers.ts";
import { belongings } from "./traces.ts";

/** A silent guest is given up at once: what is tested is what happens then. */
const deadlines = { systemAckMs: 20 };

for (const systemAck of ["silent", "failed"]) {
  test(`identity: an ack that is ${systemAck} is made up for by the agent channel, and the child serves`, async (context) => {
    const server = await startTestServer(context, { deadlines });
    await makeStandby(server, "base", { FAKE_SYSTEM_ACK: systemAck });
    const answer = await server.call("POST", "/instances/base/fork", {
      body: { name: "child", target_state: "Running" },
    });
    assert.equal(answer.status, 201, answer.text);
    assert.equal(expectInstance(await server.call("GET", "/instances/child"), 200).state, "Running");
    assert.match(server.log(), /handoff\.identity_ack_missing/);
  });

  test(`identity: when the ack is ${systemAck} and the agent fails too, there is no child, and the caller hears why`, async (context) => {
    const server = await startTestServer(context, { deadlines });
    const parent = await makeStandby(server, "base", { FAKE_SYSTEM_ACK: systemAck, FAKE_APPLY: "failed" });
    const before = await belongings(server);
    const answer = await server.call("POST", "/instances/base/fork", {
      body: { name: "child", target_state: "Running" },
    });
    const message = expectError(answer, 502, "ack_failed");
    assert.match(message, /the fake guest was told to fail$/);
    const { details } = answer.body as { details: object };
    assert.deepEqual(details, { mailbox: "ramet.system", reason: "the fake guest was told to fail" });
    assert.deepEqual(await belongings(server), before);
    const restored = await server.call("POST", `/instances/${parent.id}/restore`);
    expectError(restored, 502, "ack_failed");
    assert.equal(expectInstance(await server.call("GET", "/instances/base"), 200).state, "Standby");
  });
}

test("identity: a guest whose ack was lost is asked when it has had its turn, long before its ack's deadline", async (context) => {
  const server = await startTestServer(context, { deadlines: { systemAckMs: 3_600_000 } });
  await makeStandby(server, "base", { FAKE_SYSTEM_ACK: "silent" });
  const answer = await server.call("POST", "/instances/base/fork", {
    body: { name: "child", target_state: "Running" },
  });
  assert.equal(answer.status, 201, answer.text);
  assert.match(server.log(), /"code":"overdue".*handoff\.identity_ack_missing/);
});
