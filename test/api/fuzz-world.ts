/** Something of everything for random requests to meet, made again when one of them took it away. */
import assert from "node:assert/strict";
import { makeRunning, makeStandby, makeStopped, type TestServer } from "./helpers.ts";
import type { Pool } from "./fuzz-requests.ts";

interface Row {
  readonly id: string;
  readonly name: string;
  readonly state?: string;
}

const instances: Readonly<Record<string, string>> = {
  running: "Running",
  paused: "Paused",
  stopped: "Stopped",
  asleep: "Standby",
};

export const pool: Pool = {
  instances: Object.keys(instances),
  snapshots: ["snap"],
  volumes: ["disk"],
  images: ["ramet/base", "fuzz/tag:1", "nothing:here"],
  tokens: ["victim"],
};

/** Makes what is missing for calls of this path, and removes the instances that were made beside it. */
export async function restoreWorld(server: TestServer, path: string): Promise<void> {
  const [there, snapshots, volumes] = await Promise.all([
    list(server, "/instances"),
    list(server, "/snapshots"),
    list(server, "/volumes"),
  ]);
  const sound = there.filter(({ name, state }) => instances[name] === state);
  for (const row of there) if (!sound.includes(row)) await remove(server, `/instances/${row.id}`);
  const names = new Set(sound.map(({ name }) => name));
  if (!names.has("running")) await makeRunning(server, "running", { FAKE_ARM: "job" });
  if (!names.has("paused")) {
    await makeRunning(server, "paused", { FAKE_ARM: "job" });
    await made(server, "/instances/paused/pause", {});
  }
  if (!names.has("asleep")) await makeStandby(server, "asleep");
  if (!names.has("stopped")) await makeStopped(server, "stopped");
  if (!snapshots.some(({ name }) => name === "snap"))
    await made(server, "/instances/asleep/snapshots", { name: "snap" });
  if (!volumes.some(({ name }) => name === "disk")) await made(server, "/volumes", { name: "disk", size_gb: 1 });
  if (path.endsWith("/snapshot-schedule"))
    for (const name of pool.instances) {
      const body = { interval: "24h", retention: { max_count: 1 } };
      const answer = await server.call("PUT", `/instances/${name}/snapshot-schedule`, { body });
      assert.equal(answer.status, 200, answer.text);
    }
}

/** Deletes all that was made. */
export async function removeWorld(server: TestServer): Promise<void> {
  for (const kind of ["/instances", "/snapshots", "/volumes"])
    for (const { id } of await list(server, kind)) await remove(server, `${kind}/${id}`);
  for (const { name } of await list(server, "/images"))
    if (name !== builtIn) await remove(server, `/images/${encodeURIComponent(name)}`);
}

const builtIn = "ramet/base";

/** What `belongings` does not count. */
export async function otherBelongings(server: TestServer): Promise<object> {
  const volumes = await list(server, "/volumes");
  const images = await list(server, "/images");
  return { volumes, images: images.map(({ name }) => name) };
}

async function list(server: TestServer, path: string): Promise<readonly Row[]> {
  const answer = await server.call("GET", path);
  assert.equal(answer.status, 200, answer.text);
  return answer.body as Row[];
}

async function remove(server: TestServer, path: string): Promise<void> {
  const answer = await server.call("DELETE", path);
  assert.ok(answer.status === 204 || answer.status === 404, `DELETE ${path}: ${answer.text}`);
}

async function made(server: TestServer, path: string, body: object): Promise<void> {
  const answer = await server.call("POST", path, { body });
  assert.ok(answer.status < 300, `POST ${path}: ${answer.text}`);
}
