/** The registry of volumes: real files, real filesystems, and archives of all sorts. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { pack, type Header } from "tar-stream";
import { Check } from "typebox/value";
import { VolumeSchema, type VolumeBody } from "../../src/api/schemas/volume.ts";
import { isRoot, needsMount, ownIds } from "../fixtures/own-ids.ts";
import { expectError, startTestServer, type Answer, type TestServer } from "./helpers.ts";

type EntryOf = Partial<Header> & { readonly name: string; readonly content?: string };

/** A tar.gz of these entries, as a stranger may have made it. */
async function archiveOf(entries: readonly EntryOf[]): Promise<Uint8Array<ArrayBuffer>> {
  const packing = pack();
  for (const { content, ...header } of entries) packing.entry({ ...ownIds, ...header }, content ?? "");
  packing.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of packing) chunks.push(chunk as Uint8Array);
  return new Uint8Array(gzipSync(Buffer.concat(chunks)));
}

function fromArchive(
  server: TestServer,
  archive: string | Uint8Array<ArrayBuffer>,
  query = "name=corpus&size_gb=1",
): Promise<Answer> {
  const headers = { "content-type": "application/gzip" };
  return server.call("POST", `/volumes/from-archive?${query}`, { text: archive, headers });
}

function volumeOf(answer: Answer, status = 201): VolumeBody {
  assert.equal(answer.status, status, answer.text);
  assert.ok(Check(VolumeSchema, answer.body), answer.text);
  return answer.body;
}

/** What debugfs(8), which mounts nothing, says of the filesystem. */
function debugfs(server: TestServer, { id }: VolumeBody, request: string): string {
  const { stdout, status, stderr } = spawnSync("debugfs", ["-R", request, server.domain.volumes.diskPath(id)], {
    encoding: "utf8",
    env: { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` },
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** What lies in the directory of volumes. */
async function leftovers(server: TestServer): Promise<string[]> {
  return await readdir(dirname(dirname(server.domain.volumes.diskPath("any"))));
}

test("a volume is a sound filesystem of its size that takes little of the disk", async (context) => {
  const server = await startTestServer(context);
  const body = { name: "corpus", size_gb: 2, tags: { team: "search" } };
  const made = volumeOf(await server.call("POST", "/volumes", { body }));
  assert.deepEqual([made.name, made.size_gb, made.tags, made.attachments], ["corpus", 2, { team: "search" }, []]);
  const { size, blocks, mode } = await stat(server.domain.volumes.diskPath(made.id));
  assert.equal(size, 2 * 2 ** 30);
  assert.ok(blocks * 512 < 64 * 2 ** 20, `${String(blocks * 512)} bytes`);
  assert.equal(mode & 0o777, 0o600);
  assert.match(debugfs(server, made, "show_super_stats -h"), /Filesystem state: +clean/);
  for (const reference of [made.id, "corpus", made.id.slice(0, 8)])
    assert.deepEqual(volumeOf(await server.call("GET", `/volumes/${reference}`), 200), made);
});

test("volumes are listed by their tags, oldest first, and deleted once", async (context) => {
  const server = await startTestServer(context);
  for (const [name, tags] of [
    ["one", { team: "search" }],
    ["two", {}],
    ["three", { team: "search", night: "1" }],
  ] as const) {
    volumeOf(await server.call("POST", "/volumes", { body: { name, size_gb: 1, tags, id: `id-${name}` } }));
  }
  const named = async (query: string): Promise<string[]> =>
    ((await server.call("GET", `/volumes${query}`)).body as { name: string }[]).map(({ name }) => name);
  assert.deepEqual(await named(""), ["one", "two", "three"]);
  assert.deepEqual(await named("?tags[team]=search"), ["one", "three"]);
  assert.deepEqual(await named("?tags[team]=search&tags[night]=1"), ["three"]);
  assert.equal((await server.call("DELETE", "/volumes/two")).status, 204);
  expectError(await server.call("DELETE", "/volumes/two"), 404, "not_found");
  expectError(await server.call("GET", "/volumes/id-two"), 404, "not_found");
  expectError(await server.call("GET", "/volumes/id-"), 409, "ambiguous");
  assert.deepEqual((await leftovers(server)).toSorted(), ["id-one", "id-three"]);
});

test("a name or an id is taken once, also by two at once", async (context) => {
  const server = await startTestServer(context);
  const make = (body: object): Promise<Answer> => server.call("POST", "/volumes", { body: { size_gb: 1, ...body } });
  const both = await Promise.all([make({ name: "corpus", id: "own" }), make({ name: "corpus", id: "other" })]);
  assert.deepEqual(both.map(({ status }) => status).toSorted(), [201, 409]);
  expectError(await make({ name: "corpus" }), 409, "name_conflict");
  const { id } = (await server.call("GET", "/volumes/corpus")).body as VolumeBody;
  expectError(await make({ name: "another", id }), 409, "name_conflict");
  assert.deepEqual(await leftovers(server), [id]);
});

test("an archive's files, links, modes and owners are in the volume", async (context) => {
  const server = await startTestServer(context);
  const { uid, gid } = isRoot ? { uid: 1000, gid: 1001 } : ownIds;
  const archive = await archiveOf([
    { name: "./", type: "directory" },
    { name: "./data/", type: "directory", mode: 0o750, uid, gid },
    { name: "./data/words", content: "one two", mode: 0o640, uid, gid, mtime: new Date(1e12) },
    { name: "data/words", content: "one two three", mode: 0o640, uid, gid, mtime: new Date(1e12) },
    { name: "deep/er/still", content: "made its own way" },
    { name: "same", type: "link", linkname: "data/words" },
    { name: "away", type: "symlink", linkname: "/etc/passwd" },
  ]);
  const made = volumeOf(await fromArchive(server, archive, "name=corpus&size_gb=1&tags[team]=search&id=mine"));
  assert.deepEqual([made.id, made.tags], ["mine", { team: "search" }]);
  assert.equal(debugfs(server, made, "cat data/words"), "one two three");
  assert.equal(debugfs(server, made, "cat deep/er/still"), "made its own way");
  const words = debugfs(server, made, "stat data/words");
  assert.match(words, /Mode: +0640/);
  assert.match(words, new RegExp(`User: +${uid} +Group: +${gid}`));
  assert.match(words, /Links: 2/);
  assert.match(debugfs(server, made, "stat away"), /Fast link dest: "\/etc\/passwd"/);
  assert.deepEqual(await leftovers(server), ["mine"]);
});

test("an archive that is no archive, leads out of itself or does not fit leaves nothing", async (context) => {
  const server = await startTestServer(context);
  const outside = `../../../escaped-${String(process.pid)}`;
  const good = await archiveOf([{ name: "a", content: "x".repeat(5000) }]);
  const cases: readonly (readonly [string | Uint8Array<ArrayBuffer>, RegExp])[] = [
    ["{}", /not compressed by gzip/],
    [new Uint8Array(gzipSync("x".repeat(4096))), /no tar archive/],
    [good.slice(0, good.length - 30), /ends too early|damaged/],
    [await archiveOf([{ name: outside, content: "x" }]), /leads out/],
    [await archiveOf([{ name: "/tmp/absolute", content: "x" }]), /absolute/],
    [
      await archiveOf([
        { name: "out", type: "symlink", linkname: "/tmp" },
        { name: "out/escaped", content: "x" },
      ]),
      /leads through "out"/,
    ],
    [
      await archiveOf([
        { name: "a", content: "x" },
        { name: "a/b", content: "x" },
      ]),
      /leads through "a"/,
    ],
    [await archiveOf([{ name: "link", type: "link", linkname: "/etc/passwd" }]), /absolute/],
    [
      await archiveOf([
        { name: "out", type: "symlink", linkname: "/etc/passwd" },
        { name: "link", type: "link", linkname: "out" },
      ]),
      /no file of the archive/,
    ],
    [
      await archiveOf([
        { name: "a", type: "directory" },
        { name: "a", content: "x" },
      ]),
      /a directory and something else/,
    ],
    [await archiveOf([{ name: "disk", type: "block-device", devmajor: 8, devminor: 0 }]), /block-device/],
    [await archiveOf([{ name: "n".repeat(300), content: "x" }]), /too long/],
  ];
  for (const [archive, sentence] of cases)
    assert.match(expectError(await fromArchive(server, archive), 400, "invalid_request"), sentence);
  assert.equal(existsSync("/tmp/escaped"), false);
  assert.equal(existsSync("/tmp/absolute"), false);
  assert.deepEqual(await leftovers(server), []);
  assert.deepEqual((await server.call("GET", "/volumes")).body, []);
});

test(
  "a full disk in the middle of an archive, or of its filesystem, is said, and all is given back",
  { skip: needsMount },
  async (context) => {
    const dataDir = await mkdtemp(join(tmpdir(), "ramet-full-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=12m,mode=0700", "ramet-test", dataDir]);
    context.after(async () => {
      execFileSync("umount", ["-l", dataDir]);
      await rm(dataDir, { recursive: true });
    });
    const server = await startTestServer(context, { dataDir });
    // The larger one fills the disk while it is unpacked; the other one when its content is written a second time.
    for (const megabytes of [16, 7]) {
      const archive = await archiveOf([{ name: "big", content: "x".repeat(megabytes << 20) }]);
      assert.match(
        expectError(await fromArchive(server, archive), 409, "insufficient_resources"),
        /disk of the data directory is full/,
      );
      assert.deepEqual(await leftovers(server), []);
    }
    volumeOf(await fromArchive(server, await archiveOf([{ name: "small", content: "x" }])));
    await server.close();
  },
);

test("files that are too large together are refused before they are written", async (context) => {
  const server = await startTestServer(context);
  // The header alone: 2 GiB are announced and never come.
  const packing = pack();
  packing.entry({ name: "large", size: 2 * 2 ** 30 });
  const [header] = (await once(packing, "data")) as [Uint8Array];
  const answer = await fromArchive(server, new Uint8Array(gzipSync(header)));
  assert.match(expectError(answer, 400, "invalid_request"), /more than size_gb/);
  assert.deepEqual(await leftovers(server), []);
});

test("a wrong request is refused in a sentence", async (context) => {
  const server = await startTestServer(context);
  for (const [body, sentence] of [
    [{ size_gb: 1 }, /"name" is missing/],
    [{ name: "corpus" }, /"size_gb" is missing/],
    [{ name: "corpus", size_gb: 0 }, /"size_gb"/],
    [{ name: "corpus", size_gb: 1.5 }, /"size_gb"/],
    [{ name: "corpus", size_gb: 2000 }, /"size_gb"/],
    [{ name: "Corpus", size_gb: 1 }, /"name"/],
    [{ name: "corpus", size_gb: 1, id: "../up" }, /"id"/],
    [{ name: "corpus", size_gb: 1, colour: "red" }, /unknown field/],
  ] as const) {
    assert.match(expectError(await server.call("POST", "/volumes", { body }), 400, "invalid_request"), sentence);
  }
  expectError(await fromArchive(server, "x", "name=corpus"), 400, "invalid_request");
  expectError(await server.call("POST", "/volumes/from-archive?name=a&size_gb=1"), 400, "invalid_request");
  expectError(
    await server.call("POST", "/volumes/from-archive?name=a&size_gb=1", { body: {} }),
    400,
    "invalid_request",
  );
  expectError(await server.call("GET", "/volumes/nothing"), 404, "not_found");
  assert.deepEqual(await leftovers(server), []);
});

test("what a crash left of a volume is gone after a start", async (context) => {
  const server = await startTestServer(context);
  const kept = volumeOf(await server.call("POST", "/volumes", { body: { name: "kept", size_gb: 1 } }));
  const directory = dirname(dirname(server.domain.volumes.diskPath("any")));
  await mkdir(`${directory}/half.making/content`, { recursive: true });
  await mkdir(`${directory}/rowless`);
  await writeFile(`${directory}/rowless/disk`, "x");
  await server.domain.volumes.open();
  assert.deepEqual(await leftovers(server), [kept.id]);
});
