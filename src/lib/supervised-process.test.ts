import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isAlive } from "./process-identity.ts";
import { ProcessStartError, readyOrExited, superviseProcess, type SupervisedProcess } from "./supervised-process.ts";

const signal = AbortSignal.timeout(30_000);
let directory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "ramet-supervised-"));
});

after(async () => {
  await rm(directory, { recursive: true });
});

function shell(script: string, descriptors: readonly number[] = []): Promise<SupervisedProcess> {
  const logPath = join(directory, "log");
  return superviseProcess({ command: "sh", args: ["-c", script], directory, logPath, descriptors });
}

test("reports exit code and the last words of this run, not of one before", async () => {
  await (
    await shell("echo first run >&2; exit 1")
  ).exited;
  const exit = await (await shell("echo to stdout; echo to stderr >&2; exit 7")).exited;
  assert.deepEqual(exit, { exitCode: 7, signal: null, lastWords: "to stdout\nto stderr" });
  assert.equal((await stat(join(directory, "log"))).mode & 0o777, 0o600);
});

test("kill reaps", async () => {
  const child = await shell("sleep 60");
  assert.equal(isAlive(child.identity), true);
  assert.equal((await child.kill()).signal, "SIGKILL");
  assert.equal(isAlive(child.identity), false);
  assert.equal((await child.kill()).signal, "SIGKILL");
});

test("terminate asks first, and kills what does not listen", async () => {
  const polite = await shell("trap 'exit 3' TERM; echo ready > polite; while :; do sleep 0.01; done");
  await fileAppears("polite");
  assert.equal((await polite.terminate(30_000)).exitCode, 3);
  const deaf = await shell("trap '' TERM; echo ready > deaf; while :; do sleep 0.01; done");
  await fileAppears("deaf");
  assert.equal((await deaf.terminate(1)).signal, "SIGKILL");
});

test("a process that ends before it is ready rejects the wait with its last words", async () => {
  const child = await shell("echo no such machine >&2; exit 1");
  await assert.rejects(readyOrExited(child, new Promise(() => undefined), signal), (failure) => {
    assert.ok(failure instanceof ProcessStartError);
    assert.match(failure.message, /exit code 1.*no such machine/);
    return true;
  });
});

test("readiness that comes first is what the wait gives", async () => {
  const child = await shell("sleep 60");
  assert.equal(await readyOrExited(child, Promise.resolve("ready"), signal), "ready");
  await child.kill();
});

test("an inherited descriptor is the child's third, and stays ours", async () => {
  await writeFile(join(directory, "inherited"), "through descriptor 3");
  const descriptor = openSync(join(directory, "inherited"), "r");
  const exit = await (await shell("cat <&3", [descriptor])).exited;
  assert.equal(exit.lastWords, "through descriptor 3");
  closeSync(descriptor);
});

test("a program that does not exist is an error that names it", async () => {
  const options = {
    command: "/no/such/program",
    args: [],
    directory,
    logPath: join(directory, "log"),
    descriptors: [],
  };
  await assert.rejects(superviseProcess(options), /\/no\/such\/program cannot be started/);
});

/** Looks again and again: what the shell writes is its only sign that its trap is set. */
async function fileAppears(name: string): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    if ((await readFile(join(directory, name), "utf8").catch(() => "")) !== "") return;
  }
}
