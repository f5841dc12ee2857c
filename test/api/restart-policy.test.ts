import assert from "node:assert/strict";
import { test } from "node:test";
import type { InstanceBody } from "../../src/api/schemas/instance.ts";
import { HandClock } from "../fixtures/hand-clock.ts";
import { expectError, expectInstance, startTestServer, type TestServer } from "./helpers.ts";

interface Setting {
  readonly server: TestServer;
  readonly clock: HandClock;
}

async function make({ server }: Setting, policy: object, env: Record<string, string>): Promise<string> {
  const body = { name: "base", image: "ramet/base", memory: "96MB", cmd: ["work"], env, restart_policy: policy };
  return expectInstance(await server.call("POST", "/instances", { body }), 201).id;
}

/** Asks until it is so: the machine ends, and is started, on its own time. */
async function until(
  { server }: Setting,
  id: string,
  isSo: (instance: InstanceBody) => boolean,
): Promise<InstanceBody> {
  for (;;) {
    const instance = expectInstance(await server.call("GET", `/instances/${id}`), 200);
    if (isSo(instance)) return instance;
  }
}

const isPlanned = ({ restart_status: status }: InstanceBody): boolean => typeof status?.next_attempt_at === "string";
const isBlocked = ({ restart_status: status }: InstanceBody): boolean => typeof status?.blocked_reason === "string";

test("what fails is started again after its backoff, until its attempts are used up", async (context) => {
  const clock = new HandClock();
  const setting = { server: await startTestServer(context, { clock }), clock };
  const id = await make(setting, { policy: "on_failure", backoff: "10s", max_attempts: 2 }, { FAKE_EXIT: "3" });
  for (const attempts of [0, 1]) {
    const { restart_status: status, state, exit_code } = await until(setting, id, isPlanned);
    assert.deepEqual([status?.attempts, state, exit_code], [attempts, "Stopped", 3]);
    assert.equal(status?.next_attempt_at, new Date(clock.nowMs() + 10_000).toISOString());
    clock.turnTo(clock.nowMs() + 10_000);
    await until(setting, id, (instance) => instance.restart_status?.attempts === attempts + 1);
  }
  const { restart_status: status, restart_policy: policy } = await until(setting, id, isBlocked);
  assert.deepEqual([status?.attempts, status?.blocked_reason], [2, "max_attempts_exceeded"]);
  assert.deepEqual(policy, { policy: "on_failure", backoff: "10s", max_attempts: 2, stable_after: "1m" });
  // A call begins anew.
  expectInstance(await setting.server.call("POST", `/instances/${id}/start`), 200);
  assert.equal((await until(setting, id, isPlanned)).restart_status?.attempts, 0);
});

test("what ended well is started again only when it is to run always", async (context) => {
  const clock = new HandClock();
  const setting = { server: await startTestServer(context, { clock }), clock };
  const id = await make(setting, { policy: "on_failure" }, { FAKE_EXIT: "0" });
  const ended = await until(setting, id, ({ state }) => state === "Stopped");
  assert.deepEqual([ended.exit_code, ended.restart_status?.next_attempt_at], [0, null]);
  const patched = await setting.server.call("PATCH", `/instances/${id}`, {
    body: { restart_policy: { policy: "always" } },
  });
  assert.equal(expectInstance(patched, 200).restart_policy?.policy, "always");
  expectInstance(await setting.server.call("POST", `/instances/${id}/start`), 200);
  await until(setting, id, isPlanned);
  clock.turnTo(clock.nowMs() + 5000);
  await until(setting, id, (instance) => instance.restart_status?.attempts === 1);
});

test("what a caller stops stays stopped, and so does what was never started", async (context) => {
  const clock = new HandClock();
  const setting = { server: await startTestServer(context, { clock }), clock };
  const id = await make(setting, { policy: "always" }, {});
  await until(setting, id, ({ state }) => state === "Running");
  const stopped = expectInstance(await setting.server.call("POST", `/instances/${id}/stop`), 200);
  assert.deepEqual(
    [stopped.restart_status?.blocked_reason, stopped.restart_status?.next_attempt_at],
    ["manual_stop", null],
  );
  const body = { name: "idle", image: "ramet/base", start: false, restart_policy: { policy: "always" } };
  const idle = expectInstance(await setting.server.call("POST", "/instances", { body }), 201);
  assert.deepEqual([idle.state, idle.restart_status?.next_attempt_at], ["Stopped", null]);
});

test("a machine that dies is started again, and a child has its parent's policy with attempts of its own", async (context) => {
  const clock = new HandClock();
  const setting = { server: await startTestServer(context, { clock }), clock };
  const { server } = setting;
  const id = await make(setting, { policy: "on_failure", backoff: "1s" }, {});
  await until(setting, id, ({ state }) => state === "Running");
  const fork = await server.call("POST", `/instances/${id}/fork`, { body: { name: "child", from_running: true } });
  const child = fork.body as InstanceBody;
  await server.domain.machines.get(child.id)?.machine.kill();
  await until(setting, child.id, isPlanned);
  clock.turnTo(clock.nowMs() + 1000);
  const again = await until(setting, child.id, ({ state }) => state === "Running");
  assert.deepEqual([again.restart_status?.attempts, again.restart_policy?.backoff], [1, "1s"]);
  const parent = expectInstance(await server.call("GET", `/instances/${id}`), 200);
  assert.deepEqual([parent.state, parent.restart_status?.attempts], ["Running", 0]);
});

test("a policy that cannot be is refused", async (context) => {
  const server = await startTestServer(context);
  for (const policy of [
    { policy: "sometimes" },
    { backoff: "1" },
    { max_attempts: -1 },
    { max_attempts: 1.5 },
    { x: 1 },
  ]) {
    const body = { name: "x", image: "ramet/base", restart_policy: policy };
    expectError(await server.call("POST", "/instances", { body }), 400, "invalid_request");
  }
});
