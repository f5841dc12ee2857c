import assert from "node:assert/strict";
import { test } from "node:test";
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
    expectError(await server.call("POST", `${path}/${how}`, { body }), 409, "name_conflict");
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

/** The directories that are no instance's. */
async function slotsOf(server: TestServer, parentId: string): Promise<string[]> {
  const { files } = (await belongings(server)) as { files: readonly string[] };
  return files.filter((path) => !path.includes("/") && path !== parentId);
}
