import assert from "node:assert/strict";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test, type TestContext } from "node:test";
import { listenForChild } from "../../lib/socket-path.ts";
import { pageBytes, type MemoryRange } from "../../memory/guest-memory.ts";
import { locateProcessMemory, openProcessMemory } from "../../memory/process-memory.ts";
import type { MemoryRegion } from "../../memory/regions.ts";
import { findTracker, hasWriteTracker, trackerEnvironment, trackerSocketName, WriteTracker } from "./write-tracker.ts";

const root = join(import.meta.dirname, "../../..");
const sizeBytes = 6000 * pageBytes;
const signal = AbortSignal.timeout(60_000);
let directory: string;
let program: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "ramet-tracker-"));
  program = join(directory, "private-mapping");
  execFileSync("gcc", ["-o", program, join(root, "test/fixtures/private-mapping.c")]);
  execFileSync("sh", [join(root, "host/build.sh"), directory]);
});

after(async () => {
  await rm(directory, { recursive: true });
});

interface Mapped {
  readonly home: string;
  readonly pid: number;
  readonly regions: readonly MemoryRegion[];
  /** Has the process write its pages. */
  write(...pages: readonly number[]): Promise<void>;
}

/** A process with the library, that has mapped a file in two regions and written the pages. */
async function startMapper(context: TestContext, pages: readonly number[]): Promise<Mapped> {
  const home = await mkdtemp(join(directory, "a home: with its name "));
  const path = join(home, "memory");
  await using file = await open(path, "wx");
  await file.truncate(sizeBytes);
  const mapper = await spawnWithTracker(home, [path, String(sizeBytes), ...pages.map(String)]);
  const { pid, stdin, stdout } = mapper;
  assert.ok(pid !== undefined && stdin !== null && stdout !== null);
  context.after(async () => {
    stdin.end();
    if (mapper.exitCode === null && mapper.signalCode === null) await once(mapper, "exit");
  });
  await once(stdout, "data", { signal });
  const { dev: device, ino: inode } = await stat(path);
  const regions = await locateProcessMemory(pid, { path, device, inode }, sizeBytes);
  const write = async (...written: readonly number[]): Promise<void> => {
    for (const page of written) {
      stdin.write(`${String(page)}\n`);
      await once(stdout, "data", { signal });
    }
  };
  return { home, pid, regions, write };
}

async function spawnWithTracker(home: string, args: readonly string[]): Promise<ChildProcess> {
  const path = findTracker(directory);
  assert.ok(path !== null);
  const library = openSync(path, "r");
  const listener = await listenForChild(home, trackerSocketName);
  try {
    return spawn(program, args, {
      stdio: ["pipe", "pipe", "inherit", "ignore", "ignore", "ignore", listener.descriptor, library],
      env: { ...process.env, ...trackerEnvironment() },
    });
  } finally {
    listener.close();
    closeSync(library);
  }
}

/** Skips where the kernel is older than 6.7, or its administrator allows no userfaultfd(2). */
async function track(context: TestContext, { home, regions }: Mapped): Promise<WriteTracker | null> {
  const tracker = await WriteTracker.open(home, regions, sizeBytes, signal);
  if (tracker === null) context.skip("this kernel does not tell what a process writes");
  return tracker;
}

function pagesOf(ranges: readonly MemoryRange[]): number[] {
  return ranges.flatMap(({ offset, length }) =>
    Array.from({ length: length / pageBytes }, (_, index) => offset / pageBytes + index),
  );
}

test("tells the pages that are the process' own, and then those that it wrote since, whoever wrote them", async (context) => {
  const mapped = await startMapper(context, [3, 4, 2999, 3000, 5999]);
  assert.ok(hasWriteTracker(mapped.pid));
  assert.equal(mapped.regions.length, 2);
  await using tracker = await track(context, mapped);
  if (tracker === null) return;
  assert.deepEqual(pagesOf(await tracker.ownRanges(signal)), [3, 4, 2999, 3000, 5999]);
  assert.deepEqual(await tracker.writtenRanges(signal), []);
  await mapped.write(4, 3000, 4, 100);
  assert.deepEqual(pagesOf(await tracker.writtenRanges(signal)), [4, 100, 3000]);
  assert.deepEqual(await tracker.writtenRanges(signal), []);
  await mapped.write(4);
  await using memory = await openProcessMemory(mapped.pid, mapped.regions, sizeBytes);
  await memory.write(17 * pageBytes + 5, Buffer.from("from outside"));
  assert.deepEqual(pagesOf(await tracker.writtenRanges(signal)), [4, 17]);
  assert.deepEqual(pagesOf(await tracker.ownRanges(signal)), [3, 4, 17, 100, 2999, 3000, 5999]);
  assert.deepEqual(pagesOf(await memory.dirtyRanges()), [3, 4, 17, 100, 2999, 3000, 5999]);
});

test("tells more ranges than fit into one block, and the next asker all anew", async (context) => {
  const scattered = Array.from({ length: 2900 }, (_, index) => 2 * index);
  const mapped = await startMapper(context, scattered);
  {
    await using tracker = await track(context, mapped);
    if (tracker === null) return;
    assert.deepEqual(pagesOf(await tracker.ownRanges(signal)), scattered);
    await mapped.write(1, ...scattered);
    assert.deepEqual(pagesOf(await tracker.writtenRanges(signal)), [0, 1, ...scattered.slice(1)]);
    assert.deepEqual(await tracker.writtenRanges(signal), []);
  }
  await using next = await track(context, mapped);
  assert.ok(next !== null);
  assert.deepEqual(pagesOf(await next.ownRanges(signal)), [0, 1, ...scattered.slice(1)]);
});

test("a program that has the library and no listener runs as it would without", () => {
  const path = findTracker(directory);
  assert.ok(path !== null);
  const env = { ...process.env, LD_PRELOAD: path, RAMET_TRACK_WRITES_FD: "6" };
  // The library's thread sees that there is none, and ends.
  const alone = "until grep -q 'Threads:.1$' /proc/$$/status; do sleep 0.05; done; echo alone";
  assert.equal(execFileSync("sh", ["-c", alone], { env, encoding: "utf8", timeout: 60_000 }), "alone\n");
});

test("a process that was started without the library has none, and a build may have none either", () => {
  assert.equal(hasWriteTracker(process.pid), false);
  assert.equal(findTracker(join(directory, "no-build")), null);
});

/** What answers in a process' place. */
async function answering(context: TestContext, answer: (socket: Socket, asked: number) => void): Promise<string> {
  const home = await mkdtemp(join(directory, "answering-"));
  const server = createServer((socket) => {
    let asked = 0;
    socket.on("data", () => {
      answer(socket, asked);
      asked += 1;
    });
    socket.on("error", () => undefined);
  });
  server.listen(join(home, trackerSocketName));
  await once(server, "listening");
  context.after(() => server.close());
  return home;
}

const region = { address: 0x1000_0000, fileOffset: 0, length: 8 * pageBytes };

function block(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * numbers.length);
  numbers.forEach((number, index) => bytes.writeBigInt64LE(BigInt(number), 8 * index));
  return bytes;
}

async function askOnce(context: TestContext, ...answer: readonly Buffer[]): Promise<readonly MemoryRange[]> {
  const home = await answering(context, (socket, asked) => {
    // Byte by byte, as a socket may bring it.
    if (asked === 0) socket.write(block(0));
    else for (const byte of Buffer.concat(answer)) socket.write(Uint8Array.of(byte));
    if (asked > 0) socket.end();
  });
  await using tracker = await WriteTracker.open(home, [region], region.length, signal);
  assert.ok(tracker !== null);
  return await tracker.writtenRanges(signal);
}

test("a kernel that refuses is no tracker; one that fails later is an error", async (context) => {
  const home = await answering(context, (socket) => socket.write(block(-38)));
  assert.equal(await WriteTracker.open(home, [region], region.length, signal), null);
  await assert.rejects(askOnce(context, block(-14)), /does not tell what QEMU wrote: error 14/);
});

test("what a process says of its pages may not lead out of its guest's memory", async (context) => {
  const page = (number: number): number => region.address + number * pageBytes;
  assert.deepEqual(await askOnce(context, block(2, page(0), page(1), page(7), page(8)), block(0)), [
    { offset: 0, length: pageBytes },
    { offset: 7 * pageBytes, length: pageBytes },
  ]);
  const lies = [
    block(1, page(7), page(9)),
    block(1, page(-1), page(1)),
    block(1, page(2), page(2)),
    block(1, page(3), page(2)),
    block(1, page(1) + 1, page(2)),
    block(2, page(4), page(5), page(4), page(6)),
  ];
  await assert.rejects(askOnce(context, block(2 ** 40)), /tells more at a time than it may/);
  for (const lie of lies) await assert.rejects(askOnce(context, lie, block(0)), /pages that its guest does not have/);
});

test("a process that ends while it is asked, or does not answer, is an error", async (context) => {
  await assert.rejects(askOnce(context, block(1)), /ended while it was asked/);
  const silent = await answering(context, () => undefined);
  const reason = new Error("too late");
  const late = new AbortController();
  const opening = WriteTracker.open(silent, [region], region.length, late.signal);
  late.abort(reason);
  await assert.rejects(opening, reason);
});
