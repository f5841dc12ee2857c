import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { RametClient } from "../../src/client/client.ts";
import { filesOf } from "../../src/domain/instances/dependencies.ts";
import { withDeadline } from "../../src/lib/deadline.ts";
import { makeRunning, startTestServer, type TestServer } from "./helpers.ts";

const maxDiskLayers = 2;

async function run(server: TestServer, id: string, ...command: string[]): Promise<string> {
  const client = new RametClient({ baseUrl: server.url, token: server.token });
  const session = await client.exec(id, { command });
  session.stdin.end();
  const [output, { exitCode }] = await Promise.all([text(session.stdout), session.exited]);
  assert.equal(exitCode, 0, command.join(" "));
  return output.trim();
}

async function ask(server: TestServer, path: string, body?: object): Promise<unknown> {
  const answer = await server.call("POST", path, body === undefined ? {} : { body });
  assert.ok(answer.status < 300, answer.text);
  return answer.body;
}

/** Adds one sealed layer in which one file is new and one changed. */
async function addLayer(server: TestServer, id: string, number: number): Promise<void> {
  if (server.domain.machines.get(id) === undefined) await ask(server, `/instances/${id}/restore`, {});
  await run(server, id, "store", "/changed", String(number));
  await run(server, id, "store", `/new-${String(number)}`, String(number));
  await ask(server, `/instances/${id}/standby`);
}

/** A Standby instance with one more layer than is allowed, which is about to be flattened. */
async function makeDeep(server: TestServer, name: string): Promise<string> {
  const { id } = await makeRunning(server, name);
  for (let number = 1; number <= maxDiskLayers + 1; number += 1) await addLayer(server, id, number);
  return id;
}

function layerCount(server: TestServer, id: string): number {
  return filesOf(server.domain, id).diskLayersNow().sealed.length - 1;
}

/** Resolves when the instance has this many sealed layers on its blank one, as told by its changes. */
async function layersBecome(server: TestServer, id: string, count: number): Promise<void> {
  await withDeadline(new AbortController().signal, 10_000, `a disk of ${String(count)} layers`, async (signal) => {
    const reached = Promise.withResolvers<undefined>();
    const look = (): void => {
      if (layerCount(server, id) === count) reached.resolve(undefined);
    };
    using _ = server.domain.changes.listen(id, look);
    signal.addEventListener("abort", () => {
      reached.reject(new Error(server.log()));
    });
    look();
    await reached.promise;
  });
}

async function contentOf(server: TestServer, id: string, files: readonly string[]): Promise<string[]> {
  return Promise.all(files.map((file) => run(server, id, "fetch", file)));
}

/** Makes the driver wait before it merges; `open` lets it go on. `started` and `ended` tell of the first merge. */
function holdMerges({ driver }: TestServer) {
  const [started, gate, ended] = [1, 2, 3].map(() => Promise.withResolvers<undefined>());
  assert.ok(started && gate && ended);
  const flattenDisk = driver.flattenDisk.bind(driver);
  driver.flattenDisk = async (layers, path, signal) => {
    started.resolve(undefined);
    signal.addEventListener("abort", () => {
      gate.resolve(undefined);
    });
    await gate.promise;
    await flattenDisk(layers, path, signal).finally(() => {
      ended.resolve(undefined);
    });
  };
  const open = (): void => {
    gate.resolve(undefined);
  };
  return { started: started.promise, ended: ended.promise, open };
}

test("a long chain of layers becomes one when its instance rests; the instance and its forks read what they read before", async (context) => {
  const server = await startTestServer(context, { maxDiskLayers });
  const id = await makeDeep(server, "base");
  await layersBecome(server, id, 1);
  const { diskDirectory, flatteningDirectory } = filesOf(server.domain, id);
  assert.deepEqual((await readdir(diskDirectory)).sort(), ["layer-0", "layer-1", "root"]);
  assert.equal((await stat(join(diskDirectory, "layer-1"))).mode & 0o777, 0o400);
  assert.equal(existsSync(flatteningDirectory), false);
  const child = (await ask(server, `/instances/${id}/fork`, { name: "child" })) as { id: string };
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
  const early = (await ask(server, `/instances/${id}/fork`, { name: "early" })) as { id: string };
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
  const child = (await ask(server, `/instances/${id}/fork`, { name: "child" })) as { id: string };
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
  await addLayer(server, id, 4);
  await layersBecome(server, id, 1);
  assert.match(server.log(), /the disk is full.*disk\.flatten_failed/);
  await ask(server, `/instances/${id}/restore`, {});
  assert.deepEqual(await contentOf(server, id, ["/changed", "/new-1"]), ["4", "1"]);
});
