import assert from "node:assert/strict";
import { test } from "node:test";
import { Check } from "typebox/value";
import { TimedInstanceSchema } from "../../src/api/schemas/instance.ts";
import { expectError, expectInstance, makeRunning, makeStandby, makeStopped, startTestServer } from "./helpers.ts";

test("an instance that is made is Initializing, becomes Running, is listed, shown and deleted", async (context) => {
  const server = await startTestServer(context);
  const body = {
    name: "base",
    image: "ramet/base",
    memory: "128MiB",
    vcpus: 2,
    env: { LANG: "C.UTF-8" },
    entrypoint: ["/bin/sh", "-c"],
    cmd: ["true"],
    tags: { team: "search" },
  };
  const made = expectInstance(await server.call("POST", "/instances", { body }), 201);
  assert.equal(made.state, "Initializing");
  assert.deepEqual(
    {
      name: made.name,
      memory: made.memory,
      bytes: made.memory_bytes,
      vcpus: made.vcpus,
      env: made.env,
      tags: made.tags,
    },
    { name: "base", memory: "128MB", bytes: 134217728, vcpus: 2, env: { LANG: "C.UTF-8" }, tags: { team: "search" } },
  );
  assert.deepEqual(
    [made.entrypoint, made.cmd, made.parent_id, made.has_memory_image],
    [["/bin/sh", "-c"], ["true"], null, false],
  );
  const waited = await server.call("GET", `/instances/${made.id}/wait?state=Running&timeout=30s`);
  assert.equal((waited.body as { reached: boolean }).reached, true);
  assert.equal(expectInstance(await server.call("GET", "/instances/base"), 200).state, "Running");
  const list = await server.call("GET", "/instances");
  assert.deepEqual(
    (list.body as { id: string }[]).map(({ id }) => id),
    [made.id],
  );
  const gone = await server.call("DELETE", `/instances/${made.id}`);
  assert.deepEqual([gone.status, gone.text], [204, ""]);
  expectError(await server.call("GET", "/instances/base"), 404, "not_found");
});

test("start: false leaves an instance Stopped, with the defaults of what was left out", async (context) => {
  const server = await startTestServer(context);
  const body = { name: "base", image: "ramet/base", start: false };
  const made = expectInstance(await server.call("POST", "/instances", { body }), 201);
  assert.deepEqual([made.state, made.memory, made.vcpus, made.env, made.tags], ["Stopped", "512MB", 1, {}, {}]);
});

test("a taken name and an unknown image are refused", async (context) => {
  const server = await startTestServer(context);
  await makeStopped(server, "base");
  const again = { name: "base", image: "ramet/base", start: false };
  expectError(await server.call("POST", "/instances", { body: again }), 409, "name_conflict");
  const unknown = { name: "other", image: "no/such", start: false };
  expectError(await server.call("POST", "/instances", { body: unknown }), 404, "not_found");
});

test("an id, a name and a unique id prefix are accepted; a shared prefix is ambiguous", async (context) => {
  const server = await startTestServer(context);
  const made = [];
  // More instances than an id's first character has values: some two share one.
  for (let index = 0; index < 37; index++) made.push(await makeStopped(server, `n-${String(index)}`));
  const [first] = made;
  assert.ok(first !== undefined);
  assert.equal(expectInstance(await server.call("GET", `/instances/${first.name}`), 200).id, first.id);
  assert.equal(expectInstance(await server.call("GET", `/instances/${first.id.slice(0, -1)}`), 200).id, first.id);
  const firstCharacters = made.map(({ id }) => id.charAt(0));
  const shared = firstCharacters.find((character, index) => firstCharacters.indexOf(character) !== index);
  assert.ok(shared !== undefined);
  for (const [method, path] of [
    ["GET", ""],
    ["DELETE", ""],
    ["POST", "/start"],
    ["POST", "/stop"],
    ["GET", "/mailboxes"],
    ["GET", "/wait?state=Running"],
    ["GET", "/logs"],
  ]) {
    expectError(await server.call(method ?? "", `/instances/${shared}${path ?? ""}`), 409, "ambiguous");
  }
});

test("filters by state and by all given tags; Created and Shutdown match nothing", async (context) => {
  const server = await startTestServer(context);
  await makeStopped(server, "one", { tags: { team: "search", tier: "a b" } });
  await makeStopped(server, "two", { tags: { team: "search" } });
  const names = async (query: string): Promise<string[]> => {
    const answer = await server.call("GET", `/instances?${query}`);
    assert.equal(answer.status, 200, answer.text);
    return (answer.body as { name: string }[]).map(({ name }) => name).sort();
  };
  assert.deepEqual(await names("state=Stopped"), ["one", "two"]);
  assert.deepEqual(await names("state=Running"), []);
  assert.deepEqual(await names("state=Created"), []);
  assert.deepEqual(await names("state=Shutdown"), []);
  assert.deepEqual(await names("tags[team]=search"), ["one", "two"]);
  assert.deepEqual(await names("tags%5Bteam%5D=search&tags[tier]=a%20b"), ["one"]);
  assert.deepEqual(await names("tags[team]=other"), []);
  for (const query of [
    "state=Sleeping",
    "state=Running&state=Stopped",
    "tags[a]=1&tags[a]=2",
    "tags=x",
    "stat=Running",
    "__proto__=1",
    "tags[__proto__]=1&x=1",
  ]) {
    expectError(await server.call("GET", `/instances?${query}`), 400, "invalid_request");
  }
});

test("start and stop bring an instance there and are no-ops when it is there", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeStopped(server, "base");
  assert.equal(expectInstance(await server.call("POST", `/instances/${id}/stop`), 200).state, "Stopped");
  assert.equal(expectInstance(await server.call("POST", `/instances/${id}/start`), 200).state, "Initializing");
  await server.call("GET", `/instances/${id}/wait?state=Running`);
  assert.equal(expectInstance(await server.call("POST", `/instances/${id}/start`), 200).state, "Running");
  assert.equal(expectInstance(await server.call("POST", `/instances/${id}/start`, { body: {} }), 200).state, "Running");
  expectError(await server.call("POST", `/instances/${id}/start`, { body: { cmd: ["other"] } }), 409, "invalid_state");
  assert.equal(
    expectInstance(await server.call("POST", `/instances/${id}/stop`, { body: { grace_ms: 0 } }), 200).state,
    "Stopped",
  );
  const overridden = expectInstance(
    await server.call("POST", `/instances/${id}/start`, { body: { cmd: ["other"], env: { A: "1" } } }),
    200,
  );
  assert.deepEqual([overridden.cmd, overridden.env], [["other"], { A: "1" }]);
});

test("standby and restore answer their timings, and none when there was nothing to do", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeRunning(server, "base");
  const timed = async (verb: string): Promise<{ state: string; phases: number; hasImage: boolean }> => {
    const answer = await server.call("POST", `/instances/${id}/${verb}`);
    assert.equal(answer.status, 200, answer.text);
    assert.ok(Check(TimedInstanceSchema, answer.body), answer.text);
    return {
      state: answer.body.state,
      phases: Object.keys(answer.body.timings_ms).length,
      hasImage: answer.body.has_memory_image,
    };
  };
  assert.equal((await timed("restore")).phases, 0);
  const standby = await timed("standby");
  assert.deepEqual([standby.state, standby.hasImage, standby.phases > 0], ["Standby", true, true]);
  assert.deepEqual(await timed("standby"), { state: "Standby", phases: 0, hasImage: true });
  const restored = await timed("restore");
  assert.deepEqual([restored.state, restored.phases > 0], ["Running", true]);
});

test("a call that the state does not allow is refused with what to do instead", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeStopped(server, "stopped");
  const refused: [string, string][] = [
    ["POST", "/standby"],
    ["POST", "/restore"],
    ["POST", "/pause"],
    ["POST", "/resume"],
    ["GET", "/mailboxes"],
  ];
  for (const [method, path] of refused) {
    const message = expectError(await server.call(method, `/instances/${id}${path}`), 409, "invalid_state");
    assert.match(message, /Stopped/, path);
  }
  const standby = await makeStandby(server, "standby");
  expectError(await server.call("POST", `/instances/${standby.id}/stop`), 409, "invalid_state");
  expectError(await server.call("POST", `/instances/${standby.id}/start`), 409, "invalid_state");
  const running = await makeRunning(server, "running");
  const fork = { body: { name: "child" } };
  expectError(await server.call("POST", `/instances/${running.id}/fork`, fork), 409, "invalid_state");
});

test("wait ends when the state is reached, when another one rests, when the time is over, and when the instance is gone", async (context) => {
  const server = await startTestServer(context);
  const stopped = await makeStopped(server, "stopped");
  const reached = async (path: string): Promise<unknown> =>
    ((await server.call("GET", path)).body as { reached?: unknown }).reached;
  assert.equal(await reached(`/instances/${stopped.id}/wait?state=Stopped`), true);
  assert.equal(await reached(`/instances/${stopped.id}/wait?state=Running&timeout=5m`), false);
  // Longer than a wait may be, and a state that nothing is ever in: neither is wrong.
  assert.equal(await reached(`/instances/${stopped.id}/wait?state=Created&timeout=1h30m`), false);
  const running = await makeRunning(server, "running");
  assert.equal(await reached(`/instances/${running.id}/wait?state=Standby&timeout=0s`), false);
  const waiting = server.call("GET", `/instances/${running.id}/wait?state=Standby&timeout=5m`);
  assert.equal((await server.call("DELETE", `/instances/${running.id}`)).status, 204);
  expectError(await waiting, 404, "not_found");
  for (const query of [
    "",
    "?state=Nowhere",
    "?state=Running&timeout=5m0",
    "?state=Running&timeout=30",
    "?state=Running&timeout=-1s",
    "?state=Running&x=1",
  ]) {
    expectError(await server.call("GET", `/instances/${stopped.id}/wait${query}`), 400, "invalid_request");
  }
});

test("every call about one instance answers 404 when there is none", async (context) => {
  const server = await startTestServer(context);
  const calls: [string, string, object?][] = [
    ["GET", ""],
    ["DELETE", ""],
    ["POST", "/start"],
    ["POST", "/stop"],
    ["POST", "/standby"],
    ["POST", "/restore"],
    ["POST", "/pause"],
    ["POST", "/resume"],
    ["GET", "/mailboxes"],
    ["GET", "/wait?state=Running"],
    ["GET", "/logs"],
  ];
  for (const [method, path, body] of calls) {
    expectError(await server.call(method, `/instances/nobody${path}`, { body }), 404, "not_found");
  }
});
