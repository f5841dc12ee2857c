import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { isAlive, readProcessIdentity, signalProcess, waitForForeignExit } from "./process-identity.ts";

const signal = AbortSignal.timeout(30_000);

test("this process is alive, and the same pid with another start time is not", () => {
  const identity = readProcessIdentity(process.pid);
  assert.ok(identity);
  assert.equal(isAlive(identity), true);
  assert.equal(isAlive({ ...identity, startTimeTicks: identity.startTimeTicks - 1 }), false);
  assert.equal(isAlive({ ...identity, bootId: "another boot" }), false);
});

test("no signal reaches a process that only has the same pid", async () => {
  const child = spawn("sleep", ["60"]);
  const identity = readProcessIdentity(child.pid ?? 0);
  assert.ok(identity);
  assert.equal(signalProcess({ ...identity, startTimeTicks: 1 }, "SIGKILL"), false);
  assert.equal(isAlive(identity), true);
  assert.equal(signalProcess(identity, "SIGKILL"), true);
  await once(child, "exit");
  assert.equal(signalProcess(identity, "SIGKILL"), false);
});

test("waits for the end of a process that is not ours", async () => {
  // The shell ends at once; its background process is then nobody's child here.
  const shell = spawn("sh", ["-c", "sleep 60 & echo $!"], { stdio: ["ignore", "pipe", "inherit"] });
  const [output] = (await once(shell.stdout, "data")) as [Buffer];
  const identity = readProcessIdentity(Number(output.toString()));
  assert.ok(identity);
  const gone = waitForForeignExit(identity, signal);
  signalProcess(identity, "SIGKILL");
  await gone;
  assert.equal(isAlive(identity), false);
});

test("a pid that nobody has is no process", () => {
  assert.equal(readProcessIdentity(2 ** 22 + 1), null);
});
