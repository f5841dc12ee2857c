import assert from "node:assert/strict";
import { test } from "node:test";
import { expireInstances } from "../../src/domain/instances/expire-instances.ts";
import { HandClock } from "../fixtures/hand-clock.ts";
import {
  expectError,
  expectInstance,
  makeRunning,
  makeStandby,
  makeStopped,
  startTestServer,
  type TestServer,
} from "./helpers.ts";

const minute = 60_000;

async function untilGone(server: TestServer, id: string): Promise<void> {
  while ((await server.call("GET", `/instances/${id}`)).status === 200);
}

test("an instance is deleted when its time is over, whatever it does, and no other is", async (context) => {
  const clock = new HandClock();
  const server = await startTestServer(context, { clock });
  const body = { image: "ramet/base", memory: "96MB" };
  const made = await server.call("POST", "/instances", { body: { ...body, name: "short", ttl: "1m30s" } });
  const { id, expires_at } = expectInstance(made, 201);
  assert.equal(expires_at, new Date(clock.nowMs() + 1.5 * minute).toISOString());
  const long = await makeStopped(server, "long", { expires_at: new Date(clock.nowMs() + 5 * minute).toISOString() });
  const forever = await makeStopped(server, "forever", { ttl: "0s" });
  assert.equal(forever.expires_at, null);
  clock.turnTo(clock.nowMs() + 1.5 * minute - 1);
  expectInstance(await server.call("GET", `/instances/${id}`), 200);
  clock.turnTo(clock.nowMs() + 1);
  await untilGone(server, id);
  expectInstance(await server.call("GET", `/instances/${long.id}`), 200);
  clock.turnTo(clock.nowMs() + 60 * minute);
  await untilGone(server, long.id);
  expectInstance(await server.call("GET", `/instances/${forever.id}`), 200);
  assert.equal(server.driver.machineCount, 0);
});

test("its time can be put off, taken away and given; once it is over there is no way back", async (context) => {
  const clock = new HandClock();
  const server = await startTestServer(context, { clock });
  const { id } = await makeStopped(server, "base", { ttl: "1m" });
  const patch = async (body: object) => server.call("PATCH", `/instances/${id}`, { body });
  expectInstance(await patch({ ttl: "10m" }), 200);
  clock.turnTo(clock.nowMs() + 2 * minute);
  assert.equal(expectInstance(await patch({ ttl: "0s" }), 200).expires_at, null);
  clock.turnTo(clock.nowMs() + 60 * minute);
  const soon = new Date(clock.nowMs() + minute).toISOString();
  assert.equal(expectInstance(await patch({ expires_at: soon }), 200).expires_at, soon);
  // Held by somebody, it outlives its time: by then it is lost already.
  using _ = server.domain.lock.acquire(id, "snapshot");
  clock.turnTo(clock.nowMs() + minute);
  expectError(await patch({ ttl: "1h" }), 409, "instance_busy");
});

test("an expired instance that is busy is refused changes, and goes when it is free", async (context) => {
  const clock = new HandClock();
  const server = await startTestServer(context, { clock });
  const { id } = await makeStopped(server, "base", { ttl: "1m" });
  const held = server.domain.lock.acquire(id, "snapshot");
  clock.turnTo(clock.nowMs() + minute);
  expectInstance(await server.call("GET", `/instances/${id}`), 200);
  held[Symbol.dispose]();
  await untilGone(server, id);
});

test("what is due is in the rows: a server that starts later deletes it", async (context) => {
  const clock = new HandClock();
  const server = await startTestServer(context, { clock });
  const { id } = await makeStopped(server, "base");
  // As if another server had written it, so that nobody here was told.
  server.domain.store.update(id, { expiresAtMs: clock.nowMs() - 1 });
  const refused = await server.call("PATCH", `/instances/${id}`, { body: { ttl: "1h" } });
  assert.match(expectError(refused, 409, "invalid_state"), /expired/);
  await using expiry = expireInstances(server.domain);
  expiry.wake();
  await untilGone(server, id);
});

test("a child lives on: a time to live is not inherited", async (context) => {
  const clock = new HandClock();
  const server = await startTestServer(context, { clock });
  const parent = await makeStandby(server, "base");
  await server.call("PATCH", `/instances/${parent.id}`, { body: { ttl: "1m" } });
  const fork = await server.call("POST", `/instances/${parent.id}/fork`, { body: { name: "child" } });
  assert.equal((fork.body as { expires_at: unknown }).expires_at, null);
  clock.turnTo(clock.nowMs() + minute);
  await untilGone(server, parent.id);
  expectInstance(await server.call("GET", "/instances/child"), 200);
});

test("a time is said in one way, lies ahead, and is one", async (context) => {
  const server = await startTestServer(context);
  const ahead = new Date(Date.now() + minute).toISOString();
  const wrong: [object, RegExp][] = [
    [{ ttl: "1m", expires_at: ahead }, /"ttl" and "expires_at"/],
    [{ expires_at: "2001-01-01T00:00:00Z" }, /in the future/],
    [{ expires_at: "2030-13-45T00:00:00Z" }, /calendar/],
    [{ expires_at: "tomorrow" }, /"expires_at"/],
    [{ ttl: "-1m" }, /"ttl"/],
    [{ ttl: "soon" }, /"ttl"/],
    [{ ttl: "999999999h" }, /hundred years/],
  ];
  for (const [fields, sentence] of wrong) {
    const body = { name: "x", image: "ramet/base", ...fields };
    assert.match(expectError(await server.call("POST", "/instances", { body }), 400, "invalid_request"), sentence);
  }
});

test("a change of the environment is merged, and there at the next boot", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeRunning(server, "base", { KEEP: "1", CHANGE: "1" });
  const patched = await server.call("PATCH", `/instances/${id}`, { body: { env: { CHANGE: "2", NEW: "3" } } });
  assert.deepEqual(expectInstance(patched, 200).env, { KEEP: "1", CHANGE: "2", NEW: "3" });
  assert.equal((await server.call("PATCH", `/instances/${id}`)).status, 200);
  expectError(await server.call("PATCH", `/instances/${id}`, { body: { name: "other" } }), 400, "invalid_request");
  expectError(await server.call("PATCH", "/instances/nobody", { body: {} }), 404, "not_found");
});

test("phases are accounted for, up to the answer", async (context) => {
  const clock = new HandClock();
  const server = await startTestServer(context, { clock });
  const { id } = await makeRunning(server, "base");
  const startedAt = new Date(clock.nowMs()).toISOString();
  clock.turnTo(clock.nowMs() + 5000);
  await server.call("POST", `/instances/${id}/standby`);
  const stoppedAt = new Date(clock.nowMs()).toISOString();
  clock.turnTo(clock.nowMs() + 3000);
  const rests = expectInstance(await server.call("GET", `/instances/${id}`), 200);
  assert.deepEqual([rests.phase_durations_ms["running"], rests.phase_durations_ms["standby"]], [5000, 3000]);
  assert.deepEqual([rests.current_phase, rests.current_phase_since], ["standby", stoppedAt]);
  assert.deepEqual([rests.started_at, rests.stopped_at], [startedAt, stoppedAt]);
});
