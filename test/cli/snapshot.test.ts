import assert from "node:assert/strict";
import { test } from "node:test";
import type { Snapshot } from "../../src/client/shapes.ts";
import { instance } from "./an-instance.ts";
import { ramet } from "./run-ramet.ts";
import { startScriptedServer } from "./scripted-server.ts";

const snapshot: Snapshot = {
  id: "s1t2u3v4w5",
  name: "warm",
  kind: "Standby",
  source_instance_id: "a1b2c3d4e5",
  source_instance_name: "base",
  source_hypervisor: "qemu",
  compression_state: "none",
  compressed_size_bytes: null,
  uncompressed_size_bytes: 268_435_456,
  image: "ramet/base",
  memory: "256MB",
  memory_bytes: 268_435_456,
  vcpus: 1,
  tags: { team: "a" },
  created_at: "2026-01-02T03:04:05.000Z",
  size_bytes: 187_465_728,
};

test("snapshot create prints the id, and on stderr how long the instance stood still", async (t) => {
  const pause = { pause: 1, capture: 58.2, total: 59.2 };
  const taken = { ...snapshot, timings_ms: { capture: 58.2 }, source_pause_ms: pause };
  const server = await startScriptedServer(t, { "POST /instances/base/snapshots": { status: 201, body: taken } });
  const run = await ramet(["snapshot", "create", "base", "--name", "warm", "--tag", "team=a", "--url", server.url]);
  assert.deepEqual([run.exitCode, run.stdout.toString()], [0, "s1t2u3v4w5\n"]);
  assert.deepEqual(JSON.parse(server.seen[0]?.body ?? ""), { name: "warm", tags: { team: "a" } });
  assert.match(run.stderr, /warm is a Standby snapshot: capture 58 ms\nbase stood still: .* total 59 ms\n$/);
});

test("snapshot ls prints a table, ids with -q, and those of one instance, by name or id", async (t) => {
  const other = { ...snapshot, id: "x9", name: "other", source_instance_id: "zz", source_instance_name: "gone" };
  const server = await startScriptedServer(t, { "GET /snapshots": { status: 200, body: [snapshot, other] } });
  const list = (...words: string[]): Promise<{ stdout: Buffer }> =>
    ramet(["snapshot", "ls", ...words, "--url", server.url]);
  const table = (await list()).stdout.toString();
  assert.match(
    table,
    /^NAME +ID +KIND +SOURCE +MEMORY +SIZE +AGE\nwarm +s1t2u3v4w5 +Standby +base +256MB +179 MB .*\n/,
  );
  assert.equal((await list("-q")).stdout.toString(), "s1t2u3v4w5\nx9\n");
  assert.equal((await list("-q", "--instance", "gone")).stdout.toString(), "x9\n");
  assert.equal((await list("-q", "--instance", "a1b2c3d4e5")).stdout.toString(), "s1t2u3v4w5\n");
  assert.deepEqual(JSON.parse((await list("--json")).stdout.toString()), [snapshot, other]);
});

test("snapshot get shows one; a name that nobody has ends with 4", async (t) => {
  const server = await startScriptedServer(t, { "GET /snapshots/warm": { status: 200, body: snapshot } });
  const run = await ramet(["snapshot", "get", "warm", "--url", server.url]);
  assert.match(run.stdout.toString(), /^source: +base \(a1b2c3d4e5\)$/m);
  assert.match(run.stdout.toString(), /^size: +179 MB$/m);
  assert.equal((await ramet(["snapshot", "get", "nobody", "--url", server.url])).exitCode, 4);
  // In a URL this would be another path.
  assert.equal((await ramet(["snapshot", "rm", "..", "--url", server.url])).exitCode, 4);
});

test("snapshot restore and rm call the server", async (t) => {
  const server = await startScriptedServer(t, {
    "POST /instances/base/snapshots/warm/restore": { status: 200, body: { ...instance, timings_ms: { restore: 41 } } },
    "DELETE /snapshots/warm": { status: 204 },
    "DELETE /snapshots/busy": { status: 409, body: { code: "instance_busy", message: "busy" } },
  });
  const restored = await ramet(["snapshot", "restore", "base", "warm", "--url", server.url]);
  assert.deepEqual([restored.exitCode, restored.stdout.toString()], [0, ""]);
  assert.match(restored.stderr, /base is Running: restore 41 ms\n$/);
  const removed = await ramet(["snapshot", "rm", "busy", "warm", "--url", server.url, "--json"]);
  assert.equal(removed.exitCode, 5);
  assert.deepEqual(JSON.parse(removed.stdout.toString()), {
    removed: ["warm"],
    failed: [{ reference: "busy", code: "instance_busy", message: "busy" }],
  });
});

test("pause and resume say what became of it; several are resumed in one call", async (t) => {
  const mailboxes = [{ name: "job", delivered: true, acked: true, ack_ms: 12.3 }];
  const resumed = { ...instance, mailboxes, timings_ms: { resume: 1.2 } };
  const error = { code: "not_found", message: "there is no such instance" };
  const instances = [
    { id: "a", instance, mailboxes, timings_ms: {}, error: null },
    { id: "b", instance: null, mailboxes: [], timings_ms: {}, error },
  ];
  const server = await startScriptedServer(t, {
    "POST /instances/base/pause": { status: 200, body: { ...instance, state: "Paused" } },
    "POST /instances/base/resume": { status: 200, body: resumed },
    "POST /resume": { status: 200, body: { instances } },
  });
  const url = ["--url", server.url];
  assert.match((await ramet(["pause", "base", ...url])).stderr, /base is Paused\n$/);
  const one = await ramet(["resume", "base", ...url]);
  assert.match(one.stderr, /base is Running: resume 1\.2 ms\nmailbox job: delivered, acknowledged after 12 ms\n$/);
  const many = await ramet(["resume", "a", "b", ...url, "--json"]);
  assert.equal(many.exitCode, 4);
  assert.match(many.stderr, /1 of 2 instances run\nramet: b: there is no such instance \(not_found\)\n/);
  assert.deepEqual(JSON.parse(many.stdout.toString()), { instances });
  assert.equal(server.seen.at(-1)?.body, '{"ids":["a","b"]}');
});

test("help knows the verbs below snapshot, and snapshot alone shows them", async () => {
  assert.match((await ramet(["help", "snapshot", "create"])).stdout.toString(), /Usage: ramet snapshot create/);
  const alone = await ramet(["snapshot"]);
  assert.equal(alone.exitCode, 2);
  assert.match(alone.stderr, /Usage: ramet snapshot/);
  assert.equal((await ramet(["help", "snapshot", "nothing"])).exitCode, 2);
});
