/** What every driver promises, as one suite: a machine is booted once, its image made, and each promise is tried on children of it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { createReadStream, existsSync } from "node:fs";
import { mkdtemp, open, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { after, before, describe, test } from "node:test";
import { once } from "node:events";
import { MachineLostError, type PausedMachine } from "../../src/hypervisors/driver.ts";
import { isAlive } from "../../src/lib/process-identity.ts";
import { captureMemory, prepareCapture } from "../../src/memory/capture.ts";
import { pageBytes } from "../../src/memory/guest-memory.ts";
import { openImage, type ImagePaths } from "../../src/memory/image-reader.ts";
import { pageLookup } from "../../src/memory/page-ranges.ts";
import { Bench, limitMs, type DriverUnderTest } from "./bench.ts";
import { assertEqualOutside } from "./compare-memory.ts";
import { describeLiveFlatten } from "./live-flatten.conformance.ts";
import { describeLiveCheckpoint } from "./live-checkpoint.conformance.ts";

// Inside a guest's RAM, past the kernel's image and far from its end: what lies there does not matter to these tests.
const somewhere = 40 << 20;

export function describeDriver(name: string, setUp: (directory: string) => Promise<DriverUnderTest>): void {
  void describe(`${name} driver`, { timeout: 4 * limitMs }, () => {
    let bench: Bench;

    before(async () => {
      const directory = await mkdtemp(join(tmpdir(), "ramet-conformance-"));
      bench = new Bench(await setUp(directory), directory);
      await bench.makeImage();
    });

    after(async () => {
      await bench.close();
    });

    void test("the memory of a booted machine was captured and is not empty", () => {
      assert.ok(bench.dirtyBytes > 0);
      assert.ok(bench.storedBytes <= bench.dirtyBytes);
      assert.ok(existsSync(bench.image.memoryPath));
    });

    void test("a restored machine is paused and holds the image's bytes, but for the few that the VMM itself writes", async () => {
      const child = await bench.restore();
      assert.equal(child.state, "paused");
      await using memory = await child.openMemory();
      assert.equal(memory.sizeBytes, bench.memoryBytes);
      const own = await memory.dirtyRanges();
      assert.ok(own.reduce((total, { length }) => total + length, 0) <= 16 * pageBytes);
      await assertEqualOutside(memory, bench.image.memoryPath, (offset) =>
        own.some((range) => range.offset <= offset && offset < range.offset + range.length),
      );
      await child.kill();
    });

    void test("a restored machine goes on when it is resumed, and can be paused again", async () => {
      const running = await (await bench.restore()).resume(bench.signal);
      assert.equal(running.state, "running");
      const agent = await bench.agentOf(running);
      assert.notEqual(agent.hello.agent, "");
      const paused = await running.pause(bench.signal);
      assert.equal(paused.state, "paused");
      const again = await bench.agentOf(await paused.resume(bench.signal));
      await again.ping({ timeoutMs: limitMs, signal: bench.signal });
      await running.kill();
    });

    void test("what is written to a paused machine's memory is read back, and its pages are among the dirty ranges", async () => {
      const child = await bench.restore();
      await using memory = await child.openMemory();
      const bytes = Buffer.from("spans the border of two pages");
      const offset = somewhere + pageBytes - 10;
      await memory.write(offset, bytes);
      const read = Buffer.alloc(bytes.length);
      await memory.read(offset, read);
      assert.deepEqual(read, bytes);
      const dirty = await memory.dirtyRanges();
      for (const page of [somewhere, somewhere + pageBytes]) {
        assert.ok(dirty.some((range) => range.offset <= page && page < range.offset + range.length));
      }
      assert.deepEqual(
        dirty,
        [...dirty].sort((left, right) => left.offset - right.offset),
      );
      await child.kill();
    });

    void test("memory outside the machine's RAM is a RangeError, and nothing is written", async () => {
      const child = await bench.restore();
      await using memory = await child.openMemory();
      await assert.rejects(memory.read(bench.memoryBytes - 1, Buffer.alloc(2)), RangeError);
      await assert.rejects(memory.write(bench.memoryBytes, Buffer.alloc(1)), RangeError);
      await assert.rejects(memory.write(-1, Buffer.alloc(1)), RangeError);
      await child.kill();
    });

    void test("two children of one image do not see each other's writes, and the image keeps its hash", async () => {
      const hash = await hashFile(bench.image.memoryPath);
      const [one, two] = [await bench.restore(), await bench.restore()];
      await writePage(one, somewhere, 0x11);
      await writePage(two, somewhere, 0x22);
      assert.equal(await readByte(one, somewhere), 0x11);
      assert.equal(await readByte(two, somewhere), 0x22);
      const third = await bench.restore();
      assert.equal(await readByte(third, somewhere), await byteOfFile(bench.image.memoryPath, somewhere));
      for (const machine of [one, two]) await machine.resume(bench.signal);
      for (const machine of [one, two, third]) await machine.kill();
      assert.equal(await hashFile(bench.image.memoryPath), hash);
    });

    void test("an image of a child holds the child's own writes on top of its parent's bytes", async () => {
      const child = await bench.restore();
      await writePage(child, somewhere, 0x33);
      const second = bench.imagePaths("second");
      const statePath = join(bench.directory, "second-state");
      await child.saveDeviceState(statePath, { willResume: false }, bench.signal);
      {
        await using memory = await child.openMemory();
        await captureMemory(memory, bench.image, second, () => false, bench.signal);
        await assertEqualOutside(memory, second.memoryPath, () => false);
      }
      await child.kill();
      const grandchild = await bench.restore(second.memoryPath, statePath);
      assert.equal(await readByte(grandchild, somewhere), 0x33);
      const agent = await bench.agentOf(await grandchild.resume(bench.signal));
      await agent.ping({ timeoutMs: limitMs, signal: bench.signal });
      await grandchild.kill();
    });

    void test("a machine restored from its base and its own pages is the machine that was saved", async () => {
      const running = await (await bench.restore()).resume(bench.signal);
      await (await bench.agentOf(running)).ping({ timeoutMs: limitMs, signal: bench.signal });
      const child = await running.pause(bench.signal);
      await writePage(child, somewhere, 0x44);
      const deviceStatePath = join(bench.directory, "state-of-own");
      const own = bench.imagePaths("own");
      await child.saveDeviceState(deviceStatePath, { willResume: false }, bench.signal);
      const before = await captureOwnPages(child, bench.image, own);
      await child.kill();
      const { files } = await bench.newMachine(bench.image.memoryPath);
      await using ownPages = await openImage(own);
      const saved = { deviceStatePath, ownPages };
      const again = await bench.driver.restore(bench.spec, files, saved, bench.signal);
      await using _ = { [Symbol.asyncDispose]: () => again.kill() };
      assert.equal(again.state, "paused");
      assert.equal(await readByte(again, somewhere), 0x44);
      assert.ok(differingPages(before, await readAll(again)) <= 16, "but for the few that the VMM itself writes");
      {
        await using memory = await again.openMemory();
        const isAmong = pageLookup(await memory.dirtyRanges());
        assert.ok(
          ownPages.pages.every(({ offset }) => isAmong(offset)),
          "they are the machine's own again",
        );
      }
      const agent = await bench.agentOf(await again.resume(bench.signal));
      await agent.ping({ timeoutMs: limitMs, signal: bench.signal });
    });

    void test("a machine that was given memory ahead is the same machine", async () => {
      const child = await bench.restore();
      const held = await hashMemory(child);
      await child.prefault(bench.signal);
      assert.equal(await hashMemory(child), held);
      const agent = await bench.agentOf(await child.resume(bench.signal));
      await agent.ping({ timeoutMs: limitMs, signal: bench.signal });
      await child.kill();
    });

    void test("a machine whose device state was saved can go on", async () => {
      const child = await bench.restore();
      await child.saveDeviceState(join(bench.directory, "state-and-on"), { willResume: true }, bench.signal);
      const agent = await bench.agentOf(await child.resume(bench.signal));
      await agent.ping({ timeoutMs: limitMs, signal: bench.signal });
      await child.kill();
    });

    void test("what a machine writes is for its owner's eyes only", async () => {
      const { machine, files } = await bench.restoreWithFiles();
      const statePath = join(bench.directory, "state-mode");
      await machine.saveDeviceState(statePath, { willResume: false }, bench.signal);
      for (const path of [statePath, join(files.directory, "console.log"), join(files.directory, "vmm.log")]) {
        assert.equal((await stat(path)).mode & 0o077, 0, path);
      }
      await assert.rejects(machine.saveDeviceState(statePath, { willResume: false }, bench.signal), { code: "EEXIST" });
      await machine.kill();
    });

    void test("a device state that does not fit the machine is refused, and nothing is left running", async () => {
      const { files } = await bench.newMachine();
      const damaged = join(bench.directory, "damaged-state");
      await using file = await open(damaged, "w");
      await file.write("this is no device state");
      await assert.rejects(bench.driver.restore(bench.spec, files, { deviceStatePath: damaged }, bench.signal));
      assert.equal(existsSync(join(files.directory, "qmp.sock")), false);
    });

    void test("kill ends the machine, settles exited, may be repeated, and leaves no socket", async () => {
      const { machine, files } = await bench.restoreWithFiles();
      const { process } = machine;
      await Promise.all([machine.kill(), machine.kill()]);
      const exit = await machine.exited;
      assert.equal(exit.signal, "SIGKILL");
      assert.equal(exit.exitCode, null);
      if (process !== null) assert.equal(isAlive(process), false);
      for (const socket of ["qmp.sock", "agent.sock"]) assert.equal(existsSync(join(files.directory, socket)), false);
      await machine.kill();
    });

    void test("a machine that is killed from outside settles exited and rejects what is asked of it", async () => {
      const machine = await bench.restore();
      bench.subject.killFromOutside(machine);
      assert.equal((await machine.exited).signal, "SIGKILL");
      await assert.rejects(machine.resume(bench.signal), MachineLostError);
      await assert.rejects(
        machine.saveDeviceState(join(bench.directory, "never"), { willResume: false }, bench.signal),
        MachineLostError,
      );
      await assert.rejects(machine.openMemory());
      await machine.kill();
    });

    void test("a guest that switches itself off ends its machine with exit code 0", async () => {
      const running = await (await bench.restore()).resume(bench.signal);
      const agent = await bench.agentOf(running);
      await agent.shutdown(1000, { timeoutMs: limitMs, signal: bench.signal });
      assert.equal((await running.exited).exitCode, 0);
    });

    void test("a second connection to the agent ends the first and is served", async () => {
      const running = await (await bench.restore()).resume(bench.signal);
      const first = await bench.agentOf(running);
      const second = await bench.agentOf(running);
      await first.closed;
      await second.ping({ timeoutMs: limitMs, signal: bench.signal });
      await running.kill();
    });

    void test("a datagram of this process was not sent by the guest", async () => {
      const machine = await bench.restore();
      const socket = createSocket("udp4").bind(0, "127.0.0.1");
      await once(socket, "listening");
      assert.equal(await machine.sentDatagram("127.0.0.1", socket.address().port), false);
      assert.equal(await machine.sentDatagram("127.0.0.2", socket.address().port), false);
      socket.close();
      await machine.kill();
    });

    describeLiveCheckpoint(() => bench);
    describeLiveFlatten(() => bench);

    void test("an aborted call rejects with the signal's reason", async () => {
      const reason = new Error("the caller went away");
      const { files } = await bench.newMachine();
      await assert.rejects(
        bench.driver.restore(bench.spec, files, { deviceStatePath: bench.statePath }, AbortSignal.abort(reason)),
        (failure) => failure === reason,
      );
    });

    void test("a machine that was let go is adopted with the same process, in the state it is in", async (t) => {
      const { machine, files } = await bench.restoreWithFiles();
      const { process } = machine;
      if (process === null) {
        await machine.kill();
        t.skip("this driver has no processes to adopt");
        return;
      }
      await machine.detach();
      assert.equal(isAlive(process), true);
      const paused = await bench.driver.adopt(bench.spec, files, process, bench.signal);
      assert.equal(paused?.state, "paused");
      assert.deepEqual(paused.process, process);
      await writePage(paused, somewhere, 0x44);
      assert.equal(await readByte(paused, somewhere), 0x44);
      const running = await paused.resume(bench.signal);
      await running.detach();
      const adopted = await bench.driver.adopt(bench.spec, files, process, bench.signal);
      assert.equal(adopted?.state, "running");
      await (await bench.agentOf(adopted)).ping({ timeoutMs: limitMs, signal: bench.signal });
      await adopted.kill();
      assert.equal(isAlive(process), false);
      assert.equal(await bench.driver.adopt(bench.spec, files, process, bench.signal), null);
    });

    void test("an adopted machine that is killed from outside settles exited", async (t) => {
      const { machine, files } = await bench.restoreWithFiles();
      const { process } = machine;
      if (process === null) {
        await machine.kill();
        t.skip("this driver has no processes to adopt");
        return;
      }
      await machine.detach();
      const adopted = await bench.driver.adopt(bench.spec, files, process, bench.signal);
      assert.ok(adopted);
      bench.subject.killFromOutside(adopted);
      assert.equal((await adopted.exited).exitCode, null);
      assert.equal(isAlive(process), false);
    });
  });
}

async function writePage(machine: PausedMachine, offset: number, value: number): Promise<void> {
  await using memory = await machine.openMemory();
  await memory.write(offset, Buffer.alloc(pageBytes, value));
}

async function readByte(machine: PausedMachine, offset: number): Promise<number | undefined> {
  await using memory = await machine.openMemory();
  const byte = Buffer.alloc(1);
  await memory.read(offset, byte);
  return byte[0];
}

async function byteOfFile(path: string, offset: number): Promise<number | undefined> {
  await using file = await open(path, "r");
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, offset);
  return buffer[0];
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function hashMemory(machine: PausedMachine): Promise<string> {
  await using memory = await machine.openMemory();
  const hash = createHash("sha256");
  const chunk = Buffer.alloc(1 << 20);
  for (let start = 0; start < memory.sizeBytes; start += chunk.length) {
    await memory.read(start, chunk);
    hash.update(chunk);
  }
  return hash.digest("hex");
}

/** Into `target`, or all that differs where the filesystem shares extents. @returns all of its RAM. */
async function captureOwnPages(machine: PausedMachine, base: ImagePaths, target: ImagePaths): Promise<Buffer> {
  await using memory = await machine.openMemory();
  const never = new AbortController().signal;
  const prepared = await prepareCapture(memory.sizeBytes, base, target, () => false, { ownPagesAlone: true });
  await (await prepared.take(memory, never)).finish(never);
  return await readAll(machine);
}

async function readAll(machine: PausedMachine): Promise<Buffer> {
  await using memory = await machine.openMemory();
  const bytes = Buffer.alloc(memory.sizeBytes);
  await memory.read(0, bytes);
  return bytes;
}

function differingPages(left: Buffer, right: Buffer): number {
  let count = 0;
  for (let at = 0; at < left.length; at += pageBytes)
    if (left.compare(right, at, at + pageBytes, at, at + pageBytes) !== 0) count += 1;
  return count;
}
