/** Who may have a volume together, and what is left of it when they go. The guest's side is in `test/vm`. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { filesOf, snapshotFilesOf } from "../../src/domain/instances/dependencies.ts";
import { expectError, expectInstance, makeStopped, startTestServer, type Answer, type TestServer } from "./helpers.ts";
import { belongings, trace } from "./traces.ts";

const readOnly = { volume_id: "corpus", mount_path: "/mnt/corpus", readonly: true };
const overlay = { ...readOnly, overlay: true, overlay_size: "1GB" };
const written = { volume_id: "corpus", mount_path: "/mnt/corpus" };

async function startWithVolume(context: Parameters<typeof startTestServer>[0]): Promise<TestServer> {
  const server = await startTestServer(context);
  const answer = await server.call("POST", "/volumes", { body: { name: "corpus", size_gb: 1, id: "corpus-id" } });
  assert.equal(answer.status, 201, answer.text);
  return server;
}

function make(server: TestServer, name: string, volumes: readonly object[]): Promise<Answer> {
  const body = { name, image: "ramet/base", memory: "96MB", start: false, volumes };
  return server.call("POST", "/instances", { body });
}

/** Where this volume's disk lies in an instance's directory. */
function linkOf(server: TestServer, id: string): string {
  return filesOf(server.domain, id).volumePath(0);
}

async function inode(path: string): Promise<number> {
  return (await stat(path)).ino;
}

/** Writes a mark into a disk, as a guest would that has it. */
async function mark(path: string, text: string): Promise<void> {
  await using file = await open(path, "r+");
  await file.write(text, 1 << 20);
}

async function markOf(path: string): Promise<string> {
  await using file = await open(path, "r");
  const { buffer } = await file.read(Buffer.alloc(3), 0, 3, 1 << 20);
  return buffer.toString();
}

test("many read a volume, and each says so; it cannot be deleted under them", async (context) => {
  const server = await startWithVolume(context);
  const one = expectInstance(await make(server, "one", [readOnly]), 201);
  const two = expectInstance(await make(server, "two", [overlay]), 201);
  assert.deepEqual(one.volumes, [
    { volume_id: "corpus-id", mount_path: "/mnt/corpus", readonly: true, overlay: false },
  ]);
  assert.deepEqual(two.volumes[0]?.overlay, true);
  const { attachments } = (await server.call("GET", "/volumes/corpus")).body as { attachments: unknown[] };
  assert.equal(attachments.length, 2);
  const disk = server.domain.volumes.diskPath("corpus-id");
  for (const { id } of [one, two]) assert.equal(await inode(linkOf(server, id)), await inode(disk));
  expectError(await server.call("DELETE", "/volumes/corpus"), 409, "volume_in_use");
  for (const { id } of [one, two]) assert.equal((await server.call("DELETE", `/instances/${id}`)).status, 204);
  assert.equal((await server.call("DELETE", "/volumes/corpus")).status, 204);
});

test("who writes a volume has it alone", async (context) => {
  const server = await startWithVolume(context);
  expectInstance(await make(server, "writer", [written]), 201);
  const before = await belongings(server);
  for (const volume of [readOnly, overlay, written])
    expectError(await make(server, "other", [volume]), 409, "volume_in_use");
  assert.deepEqual(await belongings(server), before);
  assert.equal((await server.call("DELETE", "/instances/writer")).status, 204);
  expectInstance(await make(server, "reader", [readOnly]), 201);
  expectError(await make(server, "writer", [written]), 409, "volume_in_use");
});

test("two who would write it at once: one gets it", async (context) => {
  const server = await startWithVolume(context);
  const answers = await Promise.all([make(server, "a", [written]), make(server, "b", [written])]);
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [201, 409]);
});

test("an instance that writes a volume is not forked or captured, and nothing is touched", async (context) => {
  const server = await startWithVolume(context);
  expectInstance(await make(server, "base", [written]), 201);
  const before = await belongings(server);
  const traced = trace(context, server);
  for (const [path, body] of [
    ["/instances/base/fork", { name: "child" }],
    ["/instances/base/forks", { children: [{ name: "child" }] }],
    ["/instances/base/snapshots", { name: "cold" }],
  ] as const) {
    assert.match(expectError(await server.call("POST", path, { body }), 501, "not_supported"), /\/mnt\/corpus/);
  }
  expectError(await server.call("PUT", "/instances/base/warm-slots", { body: { count: 1 } }), 501, "not_supported");
  traced.assertUntouched();
  assert.deepEqual(await belongings(server), before);
});

test("children have what their parent reads, and a snapshot keeps it when the volume changes or goes", async (context) => {
  const server = await startWithVolume(context);
  const disk = server.domain.volumes.diskPath("corpus-id");
  await mark(disk, "old");
  const { id } = expectInstance(await make(server, "base", [overlay]), 201);
  const forked = await server.call("POST", "/instances/base/fork", {
    body: { name: "child", target_state: "Stopped" },
  });
  assert.equal(forked.status, 201, forked.text);
  const child = forked.body as { id: string; volumes: unknown[] };
  assert.equal(child.volumes.length, 1);
  assert.equal(await inode(linkOf(server, child.id)), await inode(disk));
  const taken = await server.call("POST", "/instances/base/snapshots", { body: { name: "cold" } });
  const snapshot = snapshotFilesOf(server.domain, (taken.body as { id: string }).id);
  for (const name of [id, child.id]) assert.equal((await server.call("DELETE", `/instances/${name}`)).status, 204);

  const writer = expectInstance(await make(server, "writer", [written]), 201);
  assert.equal(await inode(linkOf(server, writer.id)), await inode(disk));
  await mark(linkOf(server, writer.id), "new");
  assert.equal(await markOf(disk), "new");
  assert.equal(await markOf(snapshot.volumePath(0)), "old", "what was captured is not written");

  assert.equal((await server.call("DELETE", "/instances/writer")).status, 204);
  assert.equal((await server.call("DELETE", "/volumes/corpus")).status, 204);
  const late = await server.call("POST", "/snapshots/cold/fork", { body: { name: "late", target_state: "Stopped" } });
  assert.equal(late.status, 201, late.text);
  assert.equal(await markOf(linkOf(server, (late.body as { id: string }).id)), "old");
});

test("a filesystem whose writer was cut off is brought to rest before others read it", async (context) => {
  const server = await startWithVolume(context);
  const disk = server.domain.volumes.diskPath("corpus-id");
  const needsRecovery = async (): Promise<boolean> => {
    await using file = await open(disk, "r");
    return ((await file.read(Buffer.alloc(4), 0, 4, 1024 + 96)).buffer.readUInt32LE(0) & 4) !== 0;
  };
  {
    // What a kernel leaves that had it mounted when it was cut off: the flag, and an empty journal.
    await using file = await open(disk, "r+");
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 1024 + 96);
    buffer.writeUInt32LE((buffer.readUInt32LE(0) | 4) >>> 0, 0);
    await file.write(buffer, 0, 4, 1024 + 96);
  }
  expectInstance(await make(server, "reader", [readOnly]), 201);
  assert.equal(await needsRecovery(), false);
});

test("a wrong wish is refused in a sentence, and leaves nothing", async (context) => {
  const server = await startWithVolume(context);
  const before = await belongings(server);
  for (const [volumes, sentence] of [
    [[{ ...readOnly, mount_path: "mnt" }], /mount_path/],
    [[{ ...readOnly, mount_path: "/" }], /mount_path/],
    [[{ ...readOnly, mount_path: "/mnt/../etc" }], /mount_path/],
    [[{ ...readOnly, mount_path: "/proc/corpus" }], /below \/dev/],
    [[{ ...written, overlay: true }], /"readonly": true/],
    [[readOnly, readOnly], /twice/],
    [[readOnly, { ...readOnly, mount_path: "/mnt/other" }], /twice/],
    [[{ mount_path: "/mnt/corpus" }], /"volumes\[0\]\.volume_id" is missing/],
    [Array.from({ length: 17 }, () => readOnly), /at most 16/],
  ] as const) {
    assert.match(expectError(await make(server, "base", volumes), 400, "invalid_request"), sentence);
  }
  expectError(await make(server, "base", [{ ...readOnly, volume_id: "nothing" }]), 404, "not_found");
  assert.deepEqual(await belongings(server), before);
  assert.equal(existsSync(join(server.domain.settings.instancesDirectory, "base")), false);
  await makeStopped(server, "base");
});
