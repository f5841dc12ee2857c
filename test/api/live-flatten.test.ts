import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { basename } from "node:path";
import { test } from "node:test";
import { filesOf } from "../../src/domain/instances/dependencies.ts";
import { RefusedError } from "../../src/hypervisors/driver.ts";
import { PausedFakeMachine, RunningFakeMachine } from "../../src/hypervisors/fake/fake-machine.ts";
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

/** How many layers the instance's machine has open on its blank one. */
async function openLayers(server: TestServer, id: string): Promise<number> {
  const { diskDirectory } = filesOf(server.domain, id);
  const open = await readdir("/proc/self/fd", { withFileTypes: true });
  const { readlink } = await import("node:fs/promises");
  const paths = await Promise.all(open.map(({ name }) => readlink(`/proc/self/fd/${name}`).catch(() => "")));
  return paths.filter((path) => path.startsWith(diskDirectory)).length;
}

const files = ["/changed", "/new-1", "/new-2", "/new-3"];

test("layers of a running instance become one while it runs, and it, its snapshots and its forks read what they read before", async (context) => {
  const server = await startTestServer(context, { maxDiskLayers });
  const { id } = await makeRunning(server, "base");
  for (const number of [1, 2]) await capture(server, id, number);
  const early = (await ask(server, "/snapshots/s-2/fork", { name: "early" })) as { id: string };
  await capture(server, id, 3);
  await layersBecome(server, id, 1);
  const { diskDirectory, layerPath } = {
    diskDirectory: filesOf(server.domain, id).diskDirectory,
    layerPath: (number: number) => filesOf(server.domain, id).layerPath(number),
  };
  assert.deepEqual((await readdir(diskDirectory)).sort(), ["layer-0", "layer-3", "layer-4", "root"]);
  assert.equal((await stat(layerPath(3))).mode & 0o777, 0o400);
  assert.deepEqual(await readdir(server.domain.settings.instancesDirectory).then((names) => names.sort()), [id, early.id].sort());
  assert.equal(await openLayers(server, id), 2);
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
