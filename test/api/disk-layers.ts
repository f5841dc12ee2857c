/** Disks with many layers on a server over the fake driver. */
import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { RametCalls } from "../../src/client/calls.ts";
import { filesOf } from "../../src/domain/instances/dependencies.ts";
import { withDeadline } from "../../src/lib/deadline.ts";
import { makeRunning, type TestServer } from "./helpers.ts";

export const maxDiskLayers = 2;

export async function run(server: TestServer, id: string, ...command: string[]): Promise<string> {
  const client = new RametCalls({ baseUrl: server.url, token: server.token });
  const session = await client.exec(id, { command });
  session.stdin.end();
  const [output, { exitCode }] = await Promise.all([text(session.stdout), session.exited]);
  assert.equal(exitCode, 0, command.join(" "));
  return output.trim();
}

export async function ask(server: TestServer, path: string, body?: object): Promise<unknown> {
  const answer = await server.call("POST", path, body === undefined ? {} : { body });
  assert.ok(answer.status < 300, answer.text);
  return answer.body;
}

/** Adds one sealed layer in which one file is new and one changed. */
export async function addLayer(server: TestServer, id: string, number: number): Promise<void> {
  if (server.domain.machines.get(id) === undefined) await ask(server, `/instances/${id}/restore`, {});
  await run(server, id, "store", "/changed", String(number));
  await run(server, id, "store", `/new-${String(number)}`, String(number));
  await ask(server, `/instances/${id}/standby`);
}

/** A Standby instance with one more layer than is allowed, which is about to be flattened. */
export async function makeDeep(server: TestServer, name: string): Promise<string> {
  const { id } = await makeRunning(server, name);
  for (let number = 1; number <= maxDiskLayers + 1; number += 1) await addLayer(server, id, number);
  return id;
}

export function layerCount(server: TestServer, id: string): number {
  return filesOf(server.domain, id).diskLayersNow().sealed.length - 1;
}

/** Resolves when the instance has this many sealed layers on its blank one, as told by its changes. */
export async function layersBecome(server: TestServer, id: string, count: number): Promise<void> {
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

export async function contentOf(server: TestServer, id: string, files: readonly string[]): Promise<string[]> {
  return Promise.all(files.map((file) => run(server, id, "fetch", file)));
}

/** Makes the driver wait before it merges; `open` lets it go on. `started` and `ended` tell of the first merge. */
export function holdMerges({ driver }: TestServer) {
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
