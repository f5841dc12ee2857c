import assert from "node:assert/strict";
import { test } from "node:test";
import { Check } from "typebox/value";
import type { InstanceBody } from "../../src/api/schemas/instance.ts";
import { LineageAnswer } from "../../src/api/schemas/lineage.ts";
import { expectError, expectInstance, makeStandby, startTestServer, type TestServer } from "./helpers.ts";

async function forkStandby(server: TestServer, parent: string, name: string): Promise<InstanceBody> {
  const body = { name, target_state: "Standby" };
  const answer = await server.call("POST", `/instances/${parent}/fork`, { body });
  assert.equal(answer.status, 201, answer.text);
  return answer.body as InstanceBody;
}

async function lineage(server: TestServer, id: string): Promise<LineageAnswer> {
  const answer = await server.call("GET", `/instances/${id}/lineage`);
  assert.equal(answer.status, 200, answer.text);
  assert.ok(Check(LineageAnswer, answer.body), answer.text);
  return answer.body;
}

test("lineage tells depth, ancestors, children and descendants, also across one that was deleted", async (context) => {
  const server = await startTestServer(context);
  const base = await makeStandby(server, "base");
  const middle = await forkStandby(server, "base", "middle");
  const leaf = await forkStandby(server, "middle", "leaf");
  assert.deepEqual([middle.depth, leaf.depth], [1, 2]);
  assert.equal(expectInstance(await server.call("GET", "/instances/base"), 200).depth, 0);
  assert.deepEqual(await lineage(server, "base"), {
    id: base.id,
    name: "base",
    depth: 0,
    ancestors: [],
    snapshot_id: null,
    children: [{ id: middle.id, name: "middle", state: "Standby" }],
    descendant_count: 2,
  });
  assert.equal((await server.call("DELETE", "/instances/middle")).status, 204);
  assert.deepEqual((await lineage(server, "leaf")).ancestors, [
    { id: middle.id, name: "middle", exists: false },
    { id: base.id, name: "base", exists: true },
  ]);
  const { children, descendant_count } = await lineage(server, "base");
  assert.deepEqual([children, descendant_count], [[], 1]);
  expectError(await server.call("GET", `/instances/${middle.id}/lineage`), 404, "not_found");
  assert.equal((await server.call("DELETE", "/instances/leaf")).status, 204);
  assert.equal((await lineage(server, "base")).descendant_count, 0);
});

test("a fork that fails leaves no lineage", async (context) => {
  const server = await startTestServer(context);
  await makeStandby(server, "base", { FAKE_ARM: "job", FAKE_ACK: "failed" });
  const body = { name: "child", mailboxes: [{ name: "job", payload: {}, wait_for_ack: true }] };
  expectError(await server.call("POST", "/instances/base/fork", { body }), 502, "ack_failed");
  const taken = { name: "base" };
  expectError(await server.call("POST", "/instances/base/fork", { body: taken }), 409, "name_conflict");
  const { children, descendant_count } = await lineage(server, "base");
  assert.deepEqual([children, descendant_count], [[], 0]);
});
