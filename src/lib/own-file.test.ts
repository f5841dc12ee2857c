import assert from "node:assert/strict";
import { mkdtemp, open, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ownFile } from "./own-file.ts";

/** A tmpfs: another filesystem than the temporary directory, on every Linux. */
const otherFilesystem = "/dev/shm";

async function sparseFile(directory: string): Promise<string> {
  const path = join(directory, "source");
  await using file = await open(path, "wx");
  await file.truncate(8 << 20);
  await file.write(Buffer.from("here"), 0, 4, 4 << 20);
  return path;
}

test("links on the same filesystem, and outlives the source", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "ramet-own-"));
  t.after(() => rm(directory, { recursive: true }));
  const source = await sparseFile(directory);
  const target = join(directory, "target");
  assert.equal(await ownFile(source, target), "link");
  assert.equal((await stat(source)).ino, (await stat(target)).ino);
  await rm(source);
  assert.equal((await readFile(target)).subarray(4 << 20, (4 << 20) + 4).toString(), "here");
});

test("copies to another filesystem with the same bytes and without filling holes", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "ramet-own-"));
  const other = await mkdtemp(join(otherFilesystem, "ramet-own-"));
  t.after(() => Promise.all([directory, other].map((path) => rm(path, { recursive: true }))));
  assert.notEqual((await stat(directory)).dev, (await stat(other)).dev, "the test needs two filesystems");
  const source = await sparseFile(directory);
  const target = join(other, "target");
  assert.equal(await ownFile(source, target), "copy");
  assert.deepEqual(await readFile(target), await readFile(source));
  assert.ok((await stat(target)).blocks * 512 < 4 << 20, "holes stay holes");
});

test("refuses to replace a file", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "ramet-own-"));
  t.after(() => rm(directory, { recursive: true }));
  const source = await sparseFile(directory);
  await assert.rejects(ownFile(source, source), { code: "EEXIST" });
});
