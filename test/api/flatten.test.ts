import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { filesOf } from "../../src/domain/instances/dependencies.ts";
import {
  addLayer,
  ask,
  contentOf,
  holdMerges,
  layerCount,
  layersBecome,
  makeDeep,
  maxDiskLayers,
  run,
} from "./disk-layers.ts";
import { makeRunning, startTestServer, type TestServer } from "./helpers.ts";

test("a long chain of layers becomes one when its instance rests; the instance and its forks read what they read before", async (context) => {
  const server = await startTestServer(context, { maxDiskLayers });
  const id = await makeDeep(server, "base");
  await layersBecome(server, id, 1);
  const { diskDirectory, flatteningDirectory } = filesOf(server.domain, id);
  assert.deepEqual((await readdir(diskDirectory)).sort(), ["layer-0", "layer-3", "root"]);
  assert.equal((await stat(join(diskDirectory, "layer-3"))).mode & 0o777, 0o400);
  assert.equal(existsSync(flatteningDirectory), false);
  const child = (await ask(server, `/instances/${id}/fork`, { name: "child", target_state: "Running" })) as {
    id: string;
  };
  await ask(server, `/instances/${id}/restore`, {});
  for (const each of [id, child.id]) {
    assert.deepEqual(await contentOf(server, each, ["/changed", "/new-1", "/new-2", "/new-3"]), ["3", "1", "2", "3"]);
  }
  assert.match(await (await fetch(`${server.url}/metrics`, bearer(server))).text(), /operation="flatten",outcome="ok"/);
});

function bearer({ token }: TestServer): RequestInit {
  return { headers: { authorization: `Bearer ${token}` } };
}

test("a chain of the allowed length is left alone", async (context) => {
  const server = await startTestServer(context, { maxDiskLayers });
  const merges = context.mock.method(server.driver, "flattenDisk");
  const { id } = await makeRunning(server, "base");
  for (const number of [1, 2]) await addLayer(server, id, number);
  // The longer one is looked at later, and in its turn.
  await layersBecome(server, await makeDeep(server, "deep"), 1);
  assert.equal(layerCount(server, id), 2);
  assert.equal(merges.mock.callCount(), 1);
});

test("nobody waits for a merge: meanwhile the instance is forked, restored, written to, and keeps its later layers", async (context) => {
  const server = await startTestServer(context, { maxDiskLayers });
  const merges = holdMerges(server);
  const id = await makeDeep(server, "base");
  await merges.started;
  const early = (await ask(server, `/instances/${id}/fork`, { name: "early", target_state: "Running" })) as {
    id: string;
  };
  await ask(server, `/instances/${id}/restore`, {});
  merges.open();
  await merges.ended;
  await run(server, id, "store", "/late", "yes");
  assert.equal(layerCount(server, id), 3);
  await addLayer(server, id, 4);
  await layersBecome(server, id, 2);
  await ask(server, `/instances/${id}/restore`, {});
  const files = ["/changed", "/new-1", "/new-4", "/late"];
  assert.deepEqual(await contentOf(server, id, files), ["4", "1", "4", "yes"]);
  assert.deepEqual(await contentOf(server, early.id, ["/changed", "/new-3"]), ["3", "3"]);
});

test("an instance that is deleted during the merge leaves nothing, and its child keeps its disk", async (context) => {
  const server = await startTestServer(context, { maxDiskLayers });
  const merges = holdMerges(server);
  const id = await makeDeep(server, "base");
  await merges.started;
  const child = (await ask(server, `/instances/${id}/fork`, { name: "child", target_state: "Running" })) as {
    id: string;
  };
  assert.equal((await server.call("DELETE", `/instances/${id}`)).status, 204);
  await merges.ended;
  assert.deepEqual(await contentOf(server, child.id, ["/changed", "/new-1"]), ["3", "1"]);
  // The child's disk is merged in its turn, after all that was left of the parent's has gone.
  await ask(server, `/instances/${child.id}/standby`);
  await layersBecome(server, child.id, 1);
  assert.deepEqual(await readdir(server.domain.settings.instancesDirectory), [child.id]);
});

test("a merge of a disk that a snapshot has replaced meanwhile is dropped", async (context) => {
  const server = await startTestServer(context, { maxDiskLayers });
  const { id } = await makeRunning(server, "base");
  await run(server, id, "store", "/changed", "first");
  await ask(server, `/instances/${id}/snapshots`, { name: "first" });
  const merges = holdMerges(server);
  for (const number of [1, 2]) await addLayer(server, id, number);
  await merges.started;
  await ask(server, `/instances/${id}/snapshots/first/restore`, {});
  merges.open();
  await merges.ended;
  await ask(server, `/instances/${id}/standby`);
  await ask(server, `/instances/${id}/restore`, {});
  assert.equal(await run(server, id, "fetch", "/changed"), "first");
});

test("a merge that fails leaves the disk as it was, says why, and is tried again", async (context) => {
  const server = await startTestServer(context, { maxDiskLayers });
  const failed = Promise.withResolvers<undefined>();
  const fails = context.mock.method(server.driver, "flattenDisk", () => {
    failed.resolve(undefined);
    return Promise.reject(new Error("the disk is full"));
  });
  const id = await makeDeep(server, "base");
  await failed.promise;
  fails.mock.restore();
  assert.equal(layerCount(server, id), 3);
  await ask(server, `/instances/${id}/restore`, {});
  await layersBecome(server, id, 1);
  assert.match(server.log(), /the disk is full.*disk\.flatten_failed/);
  assert.deepEqual(await contentOf(server, id, ["/changed", "/new-1"]), ["3", "1"]);
});
