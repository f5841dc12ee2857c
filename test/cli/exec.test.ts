import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { WebSocket } from "ws";
import { ramet } from "./run-ramet.ts";
import { startScriptedServer } from "./scripted-server.ts";

function end(socket: WebSocket, exit: { exitCode: number | null; signal: number | null; timedOut: boolean }): void {
  socket.send(JSON.stringify(exit));
  socket.close(1000);
}

const frame = (stream: number, bytes: Buffer | string): Buffer =>
  Buffer.concat([Buffer.of(stream), Buffer.from(bytes)]);

/** Sends input back as output until it ends. */
function echo(socket: WebSocket): void {
  socket.on("message", (message: Buffer) => {
    if (message.length > 1) socket.send(frame(1, message.subarray(1)));
    else end(socket, { exitCode: 0, signal: null, timedOut: false });
  });
}

test("keeps stdout and stderr apart and ends with the command's own code", async (t) => {
  const first: string[] = [];
  const server = await startScriptedServer(t, {}, (socket, request) => {
    first.push(request);
    socket.send(frame(1, "out"));
    socket.send(frame(2, "err"));
    end(socket, { exitCode: 42, signal: null, timedOut: false });
  });
  const run = await ramet([
    "exec",
    "base",
    "--url",
    server.url,
    "-w",
    "/srv",
    "-e",
    "A=1",
    "--timeout",
    "9",
    "--",
    "ls",
    "-l",
  ]);
  assert.deepEqual([run.exitCode, run.stdout.toString(), run.stderr], [42, "out", "err"]);
  assert.deepEqual(JSON.parse(first[0] ?? ""), {
    command: ["ls", "-l"],
    env: { A: "1" },
    cwd: "/srv",
    timeout: 9,
    framed: true,
  });
});

test("passes a megabyte of any bytes through unchanged", async (t) => {
  const server = await startScriptedServer(t, {}, echo);
  const input = randomBytes(1 << 20);
  const run = await ramet(["exec", "base", "-i", "--url", server.url, "--", "cat"], { stdin: input });
  assert.equal(run.exitCode, 0);
  assert.ok(run.stdout.equals(input));
});

test("gives a command without -i an empty input", async (t) => {
  const server = await startScriptedServer(t, {}, echo);
  const run = await ramet(["exec", "base", "--url", server.url, "--", "cat"], { stdin: "not for the guest" });
  assert.deepEqual([run.exitCode, run.stdout.length], [0, 0]);
});

test("with --json gives the whole outcome, and bytes that are no text in base64", async (t) => {
  const server = await startScriptedServer(t, {}, (socket) => {
    socket.send(frame(1, "grüße"));
    socket.send(frame(2, Buffer.of(0xff)));
    end(socket, { exitCode: 3, signal: null, timedOut: false });
  });
  const run = await ramet(["exec", "base", "--json", "--url", server.url, "--", "x"]);
  assert.equal(run.exitCode, 3);
  assert.deepEqual(JSON.parse(run.stdout.toString()), {
    exit_code: 3,
    signal: null,
    timed_out: false,
    stdout: "grüße",
    stderr_base64: "/w==",
  });
});

const endings = [
  [{ exitCode: null, signal: 9, timedOut: false }, 137],
  [{ exitCode: null, signal: 9, timedOut: true }, 124],
  [{ exitCode: null, signal: null, timedOut: false }, 125],
] as const;

for (const [exit, exitCode] of endings) {
  test(`ends with ${exitCode} after ${JSON.stringify(exit)}`, async (t) => {
    const server = await startScriptedServer(t, {}, (socket) => {
      end(socket, exit);
    });
    assert.equal((await ramet(["exec", "base", "--url", server.url, "--timeout", "1", "--", "x"])).exitCode, exitCode);
  });
}

test("ends with 125 and the server's sentence when the upgrade is refused", async (t) => {
  const answer = { status: 409, body: { code: "invalid_state", message: "base is Stopped" } };
  const server = await startScriptedServer(t, { "GET /instances/base/exec": answer });
  const run = await ramet(["exec", "base", "--url", server.url, "--", "x"], { env: { RAMET_TOKEN: "t0ken" } });
  assert.equal(run.exitCode, 125);
  assert.match(run.stderr, /^ramet: base is Stopped \(invalid_state\)\n/);
  assert.equal(server.seen[0]?.authorization, "Bearer t0ken");
});

test("ends with 125 when the command cannot be started", async (t) => {
  const server = await startScriptedServer(t, {}, (socket) => {
    socket.send(JSON.stringify({ error: { code: "invalid_request", message: "there is no program x" } }));
    socket.close(1011);
  });
  const run = await ramet(["exec", "base", "--url", server.url, "--", "x"]);
  assert.equal(run.exitCode, 125);
  assert.match(run.stderr, /there is no program x \(invalid_request\)/);
});

test("ends with 125 when the connection breaks in the middle, and keeps what came", async (t) => {
  const server = await startScriptedServer(t, {}, (socket) => {
    socket.send(frame(1, "half"), () => {
      socket.terminate();
    });
  });
  const run = await ramet(["exec", "base", "--url", server.url, "--", "x"]);
  assert.deepEqual([run.exitCode, run.stdout.toString()], [125, "half"]);
  assert.match(run.stderr, /ended before the command did \(unreachable\)/);
});
