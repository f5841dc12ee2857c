import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { test } from "node:test";
import { filesOf } from "../../src/domain/instances/dependencies.ts";
import { RefusedError } from "../../src/hypervisors/driver.ts";
import { PausedFakeMachine, RunningFakeMachine } from "../../src/hypervisors/fake/fake-machine.ts";
import { withDeadline } from "../../src/lib/deadline.ts";
import { ask, contentOf, holdMerges, layerCount, layersBecome, maxDiskLayers, run } from "./disk-layers.ts";
import { makeRunning, startTestServer, type TestServer } from "./helpers.ts";

/** Changes a file, adds one, and takes a snapshot of the running instance, which seals a layer. */
async function capture(server: TestServer, id: string, number: number): Promise<void> {
  await run(server, id, "store", "/changed", String(number));
  await run(server, id, "store", `/new-${String(number)}`, String(number));
  await ask(server, `/instances/${id}/snapshots`, { name: `s-${String(number)}` });
}

/** A running instance with one more sealed layer than is allowed, which is about to be flattened. */
async function makeDeep(server: TestServer): Promise<string> {
  const { id } = await makeRunning(server, "base");
  for (let number = 1; number <= maxDiskLayers + 1; number += 1) await capture(server, id, number);
  return id;
}

const files = ["/changed", "/new-1", "/new-2", "/new-3"];

/** Resolves when the log has the line; each is followed by a change of the instance. */
async function logged(server: TestServer, id: string, line: RegExp): Promise<void> {
  await withDeadline(new AbortController().signal, 10_000, String(line), async (signal) => {
    const found = Promise.withResolvers<undefined>();
    const look = (): void => {
      if (line.test(server.log())) found.resolve(undefined);
    };
    using _ = server.domain.changes.listen(id, look);
    signal.addEventListener("abort", () => {
      found.reject(new Error(server.log()));
    });
    look();
    await found.promise;
  });
}

/** How many files in the instance's disk this process, which the fake machines live in, has open: one for each layer but the blank one. */
function openLayers(server: TestServer, id: string): number {
  const { diskDirectory } = filesOf(server.domain, id);
  const paths = readdirSync("/proc/self/fd").map((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch (failure) {
      // The one with which the directory was read.
      if ((failure as NodeJS.ErrnoException).code === "ENOENT") return "";
      throw failure;
    }
  });
  return paths.filter((path) => path.startsWith(diskDirectory)).length;
}

test("layers of a running instance become one while it runs, and it, its snapshots and its forks read what they read before", async (context) => {
  const server = await startTestServer(context, { maxDiskLayers });
  const { id } = await makeRunning(server, "base");
  for (const number of [1, 2]) await capture(server, id, number);
  const early = (await ask(server, "/snapshots/s-2/fork", { name: "early" })) as { id: string };
  await capture(server, id, 3);
  await logged(server, id, /disk\.flattened/);
  const own = filesOf(server.domain, id);
  assert.deepEqual((await readdir(own.diskDirectory)).sort(), ["layer-0", "layer-3", "layer-4", "root"]);
  assert.equal((await stat(own.layerPath(3))).mode & 0o777, 0o400);
  assert.equal(openLayers(server, id), 2);
  assert.deepEqual((await readdir(server.domain.settings.instancesDirectory)).sort(), [id, early.id].sort());
  assert.deepEqual(await contentOf(server, id, files), ["3", "1", "2", "3"]);
  assert.deepEqual(await contentOf(server, early.id, ["/changed", "/new-1", "/new-2"]), ["2", "1", "2"]);

  await capture(server, id, 4);
  const late = (await ask(server, "/snapshots/s-4/fork", { name: "late" })) as { id: string };
  await run(server, id, "store", "/changed", "5");
  await ask(server, `/instances/${id}/standby`);
  await ask(server, `/instances/${id}/restore`, {});
  assert.deepEqual(await contentOf(server, id, [...files, "/new-4"]), ["5", "1", "2", "3", "4"]);
  assert.deepEqual(await contentOf(server, late.id, [...files, "/new-4"]), ["4", "1", "2", "3", "4"]);
});

test("layers that come while a merge goes on stay on top of it, and are merged when they are too many", async (context) => {
  const server = await startTestServer(context, { maxDiskLayers });
  const merges = holdMerges(server);
  const id = await makeDeep(server);
  await merges.started;
  for (const number of [4, 5]) await capture(server, id, number);
  assert.equal(layerCount(server, id), 5);
  merges.open();
  // Three became one, which with the later two is one too many again.
  await layersBecome(server, id, 1);
  await logged(server, id, /disk\.flattened[^]*disk\.flattened/);
  assert.equal(openLayers(server, id), 2);
  assert.deepEqual(await contentOf(server, id, [...files, "/new-4", "/new-5"]), ["5", "1", "2", "3", "4", "5"]);
});

test("a child shares its parent's layers, however many, until it seals one of its own", async (context) => {
  const server = await startTestServer(context, { maxDiskLayers });
  const merges = holdMerges(server);
  const id = await makeDeep(server);
  await merges.started;
  const child = (await ask(server, "/snapshots/s-3/fork", { name: "child" })) as { id: string };
  merges.open();
  await logged(server, id, /disk\.flattened/);
  // Another one in its turn, after the child had its own.
  const { id: other } = await makeRunning(server, "other");
  for (const number of [1, 2, 3]) await capture(server, other, number);
  await layersBecome(server, other, 1);
  assert.equal(layerCount(server, child.id), 3);
  await ask(server, `/instances/${child.id}/snapshots`, { name: "own" });
  await layersBecome(server, child.id, 1);
  assert.deepEqual(await contentOf(server, child.id, files), ["3", "1", "2", "3"]);
});

for (const [what, act, back] of [
  ["captured", { path: "snapshots", body: { name: "in-between" } }, null],
  ["put in standby", { path: "standby" }, "restore"],
  ["stopped", { path: "stop" }, "start"],
  ["paused", { path: "pause" }, "resume"],
] as const) {
  test(`nobody waits for a merge: a running instance is ${what} meanwhile, and its disk is merged all the same`, async (context) => {
    const server = await startTestServer(context, { maxDiskLayers });
    const merges = holdMerges(server);
    const id = await makeDeep(server);
    await merges.started;
    await ask(server, `/instances/${id}/${act.path}`, "body" in act ? act.body : undefined);
    assert.equal(layerCount(server, id) >= 3, true);
    merges.open();
    await logged(server, id, /disk\.flattened/);
    assert.doesNotMatch(server.log(), /flatten_failed/);
    if (back !== null) await ask(server, `/instances/${id}/${back}`, {});
    await server.call("GET", `/instances/${id}/wait?state=Running`);
    assert.deepEqual(await contentOf(server, id, files), ["3", "1", "2", "3"]);
  });
}

test("a running instance that is deleted during the merge leaves nothing", async (context) => {
  const server = await startTestServer(context, { maxDiskLayers });
  const merges = holdMerges(server);
  const id = await makeDeep(server);
  await merges.started;
  assert.equal((await server.call("DELETE", `/instances/${id}`)).status, 204);
  await merges.ended;
  // The next one is merged in its turn, when nothing is left of this one.
  const { id: next } = await makeRunning(server, "next");
  for (const number of [1, 2, 3]) await capture(server, next, number);
  await layersBecome(server, next, 1);
  assert.deepEqual(await readdir(server.domain.settings.instancesDirectory), [next]);
});

test("a machine that dies during the merge is stopped, and starts again from the merged disk", async (context) => {
  const server = await startTestServer(context, { maxDiskLayers });
  const merges = holdMerges(server);
  const id = await makeDeep(server);
  await merges.started;
  await run(server, id, "store", "/late", "yes");
  server.driver.crashAll();
  await server.call("GET", `/instances/${id}/wait?state=Stopped`);
  merges.open();
  await layersBecome(server, id, 1);
  await ask(server, `/instances/${id}/start`, {});
  await server.call("GET", `/instances/${id}/wait?state=Running`);
  assert.deepEqual(await contentOf(server, id, [...files, "/late"]), ["3", "1", "2", "3", "yes"]);
});

test("a machine that refuses to go over reads on from its old layers, and the next one reads the merged", async (context) => {
  const server = await startTestServer(context, { maxDiskLayers });
  const refuses = context.mock.method(RunningFakeMachine.prototype, "replaceLowerLayers", () =>
    Promise.reject(new RefusedError("it was told to refuse")),
  );
  const id = await makeDeep(server);
  await layersBecome(server, id, 1);
  assert.match(server.log(), /told to refuse.*disk\.old_layers_kept/);
  assert.equal(refuses.mock.callCount(), 1);
  assert.equal(openLayers(server, id), 4);
  assert.deepEqual(await contentOf(server, id, files), ["3", "1", "2", "3"]);
  refuses.mock.restore();
  await capture(server, id, 4);
  await ask(server, `/instances/${id}/standby`);
  await ask(server, `/instances/${id}/restore`, {});
  await logged(server, id, /disk\.flattened[^]*disk\.flattened/);
  assert.deepEqual([layerCount(server, id), openLayers(server, id)], [1, 2]);
  assert.deepEqual(await contentOf(server, id, [...files, "/new-4"]), ["4", "1", "2", "3", "4"]);
});

test("a driver that cannot change a running machine's layers is not asked to", async (context) => {
  const server = await startTestServer(context, { maxDiskLayers, capabilities: { liveFlatten: false } });
  const asked = context.mock.method(RunningFakeMachine.prototype, "replaceLowerLayers");
  const id = await makeDeep(server);
  await logged(server, id, /disk\.flattened/);
  assert.equal(layerCount(server, id), 1);
  assert.equal(asked.mock.callCount(), 0);
  assert.deepEqual(await contentOf(server, id, files), ["3", "1", "2", "3"]);
  await ask(server, `/instances/${id}/standby`);
  await ask(server, `/instances/${id}/restore`, {});
  assert.deepEqual(await contentOf(server, id, files), ["3", "1", "2", "3"]);
});

test("a caller who goes away while the disk is being sealed does not take the machine with him", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeRunning(server, "base");
  await run(server, id, "store", "/kept", "yes");
  const caller = new AbortController();
  const saves = context.mock.method(PausedFakeMachine.prototype, "saveDeviceState");
  const create = server.driver.createDiskOverlay.bind(server.driver);
  context.mock.method(server.driver, "createDiskOverlay", async (path: string) => {
    const signal = saves.mock.calls[0]?.arguments[2];
    assert.ok(signal !== undefined);
    const isNoticed = once(signal, "abort");
    caller.abort();
    await isNoticed;
    await create(path);
  });
  const body = { name: "gone" };
  await assert.rejects(server.call("POST", `/instances/${id}/snapshots`, { body, signal: caller.signal }));
  await server.domain.lock.whenFree(id);
  assert.equal(server.driver.machineCount, 1);
  assert.equal(await run(server, id, "fetch", "/kept"), "yes");
  context.mock.restoreAll();
  await ask(server, `/instances/${id}/standby`);
  await ask(server, `/instances/${id}/restore`, {});
  assert.equal(await run(server, id, "fetch", "/kept"), "yes");
});
