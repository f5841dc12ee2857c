import assert from "node:assert/strict";
import { execFileSync, spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, open, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { after, before, test } from "node:test";
import { pageBytes } from "./guest-memory.ts";
import { locateProcessMemory, openProcessMemory } from "./process-memory.ts";
import type { MappedFile } from "./regions.ts";

const sizeBytes = 64 * pageBytes;
const dirtyPages = [3, 4, 31, 32, 63];
let directory: string;
let program: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "ramet-process-memory-"));
  program = join(directory, "private-mapping");
  const source = join(import.meta.dirname, "..", "..", "test", "fixtures", "private-mapping.c");
  execFileSync("musl-gcc", ["-static", "-o", program, source]);
});

after(async () => {
  await rm(directory, { recursive: true });
});

type Mapper = ChildProcessByStdio<Writable, Readable, null>;

/** A process that has a file of 64 pages mapped; every page of the file starts with its own number. */
async function startMapper(): Promise<{ readonly mapper: Mapper; readonly pid: number; readonly file: MappedFile }> {
  const path = join(await mkdtemp(join(directory, "run-")), "memory");
  await using handle = await open(path, "wx");
  await handle.truncate(sizeBytes);
  for (let page = 0; page < 64; page += 1) await handle.write(Uint8Array.of(page), 0, 1, page * pageBytes);
  const args = [path, String(sizeBytes), ...dirtyPages.map(String)];
  const mapper = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  await once(mapper.stdout, "data");
  const { dev: device, ino: inode } = await stat(path);
  assert.ok(mapper.pid);
  return { mapper, pid: mapper.pid, file: { path, device, inode } };
}

async function stop(mapper: Mapper): Promise<void> {
  mapper.stdin.end();
  await once(mapper, "exit");
}

test("finds the pages that the process wrote, over a mapping of several lines", async () => {
  const { mapper, pid, file } = await startMapper();
  const regions = await locateProcessMemory(pid, file, sizeBytes);
  assert.equal(regions.length, 2);
  await using memory = await openProcessMemory(pid, regions, sizeBytes);
  assert.deepEqual(await memory.dirtyRanges(), [
    { offset: 3 * pageBytes, length: 2 * pageBytes },
    { offset: 31 * pageBytes, length: 2 * pageBytes },
    { offset: 63 * pageBytes, length: pageBytes },
  ]);
  await stop(mapper);
});

test("reads and writes across the border of two mappings; the file stays as it is", async () => {
  const { mapper, pid, file } = await startMapper();
  const original = readFileSync(file.path);
  await using memory = await openProcessMemory(pid, await locateProcessMemory(pid, file, sizeBytes), sizeBytes);
  const all = Buffer.alloc(sizeBytes);
  await memory.read(0, all);
  for (let page = 0; page < 64; page += 1) {
    assert.equal(all[page * pageBytes], dirtyPages.includes(page) ? 0xaa : page);
  }
  const bytes = Buffer.alloc(30 * pageBytes, 0x5a);
  await memory.write(20 * pageBytes + 7, bytes);
  const read = Buffer.alloc(bytes.length);
  await memory.read(20 * pageBytes + 7, read);
  assert.deepEqual(read, bytes);
  assert.deepEqual(readFileSync(file.path), original);
  assert.deepEqual((await memory.dirtyRanges())[1], { offset: 20 * pageBytes, length: 31 * pageBytes });
  await stop(mapper);
});

test("a file that was renamed or deleted while it is mapped is found", async () => {
  const { mapper, pid, file } = await startMapper();
  await rename(file.path, `${file.path}.renamed`);
  assert.equal((await locateProcessMemory(pid, file, sizeBytes)).length, 2);
  await rm(`${file.path}.renamed`);
  assert.equal((await locateProcessMemory(pid, file, sizeBytes)).length, 2);
  await stop(mapper);
  const deleted = await startMapper();
  await rm(deleted.file.path);
  const byName = { ...deleted.file, device: -1, inode: -1 };
  assert.equal((await locateProcessMemory(deleted.pid, byName, sizeBytes)).length, 2);
  await stop(deleted.mapper);
});

test("a file that the process has not mapped, or not all of it, is refused", async () => {
  const { mapper, pid, file } = await startMapper();
  const other = { path: "/no/such/file", device: file.device, inode: file.inode + 1 };
  await assert.rejects(locateProcessMemory(pid, other, sizeBytes), /has not mapped all/);
  await assert.rejects(locateProcessMemory(pid, file, sizeBytes + pageBytes), /has not mapped all/);
  await stop(mapper);
});

test("a range outside the memory is a RangeError", async () => {
  const { mapper, pid, file } = await startMapper();
  await using memory = await openProcessMemory(pid, await locateProcessMemory(pid, file, sizeBytes), sizeBytes);
  await assert.rejects(memory.read(sizeBytes - 1, Buffer.alloc(2)), RangeError);
  await assert.rejects(memory.write(-1, Buffer.alloc(1)), RangeError);
  await assert.rejects(memory.read(0.5, Buffer.alloc(1)), RangeError);
  await stop(mapper);
});

test("a process that ends while its memory is open is an error, not zeros", async () => {
  const { mapper, pid, file } = await startMapper();
  await using memory = await openProcessMemory(pid, await locateProcessMemory(pid, file, sizeBytes), sizeBytes);
  await stop(mapper);
  await assert.rejects(memory.read(0, Buffer.alloc(8)), /ended while its memory was read/);
  await assert.rejects(memory.write(0, Buffer.alloc(8)), /ended while its memory was written/);
  await assert.rejects(memory.dirtyRanges());
});
