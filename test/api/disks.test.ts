/** Writable disks and overlays of a given size, on the fake driver; what a guest makes of them is in `test/vm`. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { filesOf, snapshotFilesOf } from "../../src/domain/instances/dependencies.ts";
import { needsMount } from "../fixtures/own-ids.ts";
import { expectError, expectInstance, startTestServer, type Answer, type TestServer } from "./helpers.ts";
import { belongings } from "./traces.ts";

const mebibyte = 2 ** 20;

function make(server: TestServer, name: string, more: object): Promise<Answer> {
  return server.call("POST", "/instances", { body: { name, image: "ramet/base", start: false, ...more } });
}

/** Whether a file begins, at this place, an ext4 filesystem of this size (kernel.org, "ext4 disk layout": magic, block count, block size). */
async function holdsExt4(path: string, startBytes: number, sizeBytes: number): Promise<boolean> {
  await using file = await open(path, "r");
  const { buffer: superblock } = await file.read(Buffer.alloc(1024), 0, 1024, startBytes + 1024);
  const bytes = superblock.readUInt32LE(4) * 2 ** (10 + superblock.readUInt32LE(24));
  return superblock.readUInt16LE(56) === 0xef53 && bytes === sizeBytes;
}

test("a disk is as large as was asked for, takes no room of the host's, and children and snapshots have the same", async (t) => {
  const server = await startTestServer(t);
  const plain = expectInstance(await make(server, "plain", {}), 201);
  assert.equal(plain.overlay_size, "10GB");
  const base = expectInstance(await make(server, "base", { overlay_size: "1TB" }), 201);
  assert.equal(base.overlay_size, "1TB");
  const disk = filesOf(server.domain, base.id).firstLayerPath;
  const { size, blocks } = await stat(disk);
  assert.equal(size, 2 ** 40);
  assert.ok(blocks * 512 < 16 * mebibyte, `${blocks} blocks`);
  assert.ok(await holdsExt4(disk, 0, 2 ** 40));
  const forked = await server.call("POST", "/instances/base/fork", {
    body: { name: "child", target_state: "Stopped" },
  });
  const child = forked.body as { id: string; overlay_size: string };
  assert.equal(child.overlay_size, "1TB");
  assert.equal((await stat(filesOf(server.domain, child.id).firstLayerPath)).ino, (await stat(disk)).ino);
  const taken = await server.call("POST", "/instances/base/snapshots", { body: { name: "cold" } });
  const snapshot = snapshotFilesOf(server.domain, (taken.body as { id: string }).id);
  assert.equal((await stat(snapshot.firstLayerPath)).ino, (await stat(disk)).ino);
  const late = await server.call("POST", "/snapshots/cold/fork", { body: { name: "late", target_state: "Stopped" } });
  assert.equal((late.body as { overlay_size: string }).overlay_size, "1TB");
  const back = await server.call("POST", "/instances/base/snapshots/cold/restore");
  assert.deepEqual([back.status, (back.body as { overlay_size: string }).overlay_size], [200, "1TB"]);
  assert.equal((await stat(disk)).size, 2 ** 40);
  const listed = (await server.call("GET", "/instances")).body as { name: string; overlay_size: string }[];
  assert.deepEqual(Object.fromEntries(listed.map(({ name, overlay_size }) => [name, overlay_size])), {
    plain: "10GB",
    base: "1TB",
    child: "1TB",
    late: "1TB",
  });
});

test("the overlay of a volume has a part of the disk when it has a size", async (t) => {
  const server = await startTestServer(t);
  const mounts = [];
  for (const [name, more] of Object.entries({ a: { overlay_size: "200MB" }, b: {}, c: { overlay_size: "100MB" } })) {
    assert.equal((await server.call("POST", "/volumes", { body: { name, size_gb: 1 } })).status, 201);
    mounts.push({ volume_id: name, mount_path: `/mnt/${name}`, readonly: true, overlay: true, ...more });
  }
  const body = { overlay_size: "500MB", volumes: mounts };
  const { id, volumes } = expectInstance(await make(server, "base", body), 201);
  assert.deepEqual(
    volumes.map(({ overlay_size }) => overlay_size),
    ["200MB", undefined, "100MB"],
  );
  const disk = filesOf(server.domain, id).firstLayerPath;
  assert.equal((await stat(disk)).size, 800 * mebibyte);
  assert.ok(await holdsExt4(disk, 0, 500 * mebibyte));
  assert.ok(await holdsExt4(disk, 500 * mebibyte, 200 * mebibyte));
  assert.ok(await holdsExt4(disk, 700 * mebibyte, 100 * mebibyte));
});

test("a size that no disk can have is refused by name, and nothing is made", async (t) => {
  const server = await startTestServer(t);
  assert.equal((await server.call("POST", "/volumes", { body: { name: "corpus", size_gb: 1 } })).status, 201);
  const before = await belongings(server);
  const overlay = { volume_id: "corpus", mount_path: "/mnt/corpus", readonly: true, overlay: true };
  for (const [more, sentence] of [
    [{ overlay_size: "99MB" }, /"overlay_size" must be from 100MB to 1TB/],
    [{ overlay_size: "2TB" }, /"overlay_size" must be from 100MB to 1TB/],
    [{ overlay_size: "102401KB" }, /whole MB/],
    [{ overlay_size: "10" }, /overlay_size.*a size such as/],
    [{ overlay_size: 10 }, /overlay_size.*a size such as/],
    [{ volumes: [{ ...overlay, overlay_size: "1MB" }] }, /"volumes\[0\]\.overlay_size" must be from 100MB/],
    [
      { volumes: [{ ...overlay, overlay: false, overlay_size: "1GB" }] },
      /"volumes\[0\]\.overlay_size" needs "overlay"/,
    ],
  ] as const) {
    assert.match(expectError(await make(server, "base", more), 400, "invalid_request"), sentence);
  }
  expectInstance(await make(server, "base", {}), 201);
  const child = { name: "child", target_state: "Stopped", overlay_size: "20GB" };
  assert.match(
    expectError(await server.call("POST", "/instances/base/fork", { body: child }), 400, "invalid_request"),
    /overlay_size/,
  );
  assert.equal((await server.call("DELETE", "/instances/base")).status, 204);
  assert.deepEqual(await belongings(server), before);
});

test("a host's disk that is too full for a new one is said, and nothing is left", { skip: needsMount }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), "ramet-full-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m,mode=0700", "ramet-test", dataDir]);
  t.after(async () => {
    execFileSync("umount", ["-l", dataDir]);
    await rm(dataDir, { recursive: true });
  });
  const server = await startTestServer(t, { dataDir });
  const before = await belongings(server);
  assert.match(
    expectError(await make(server, "base", { overlay_size: "1TB" }), 409, "insufficient_resources"),
    /disk of the data directory is full/,
  );
  assert.deepEqual(await belongings(server), before);
  expectInstance(await make(server, "base", { overlay_size: "100MB" }), 201);
  await server.close();
});
