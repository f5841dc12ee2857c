import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { ErrorSchema } from "../../src/api/schemas/error.ts";
import { Check } from "typebox/value";
import {
  dataLines,
  expectError,
  makeRunning,
  makeStandby,
  makeStopped,
  readLog,
  startTestServer,
  type TestServer,
} from "./helpers.ts";

test("a log is read whole, from its end, and per source", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeRunning(server, "base");
  const all = await readLog(server, id);
  assert.ok(all.length >= 2, all.join("\n"));
  assert.deepEqual(await readLog(server, id, "?tail=1"), all.slice(-1));
  assert.deepEqual(await readLog(server, id, "?tail=0"), []);
  assert.deepEqual(await readLog(server, id, "?source=app&follow=false&tail=10000"), all);
  await readLog(server, id, "?source=vmm");
});

test("a followed log goes on with what comes, and ends when the instance is deleted", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base");
  const fork = await server.call("POST", `/instances/${parent.id}/fork`, {
    body: { name: "child", target_state: "Running" },
  });
  assert.equal(fork.status, 201, fork.text);
  const stream = await server.open("/instances/child/logs?follow=true&tail=0", context.signal);
  assert.ok(stream.body !== null);
  const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const readUntil = async (isEnough: () => boolean): Promise<void> => {
    while (!isEnough()) {
      const { done, value } = await reader.read();
      if (done) return;
      text += value;
    }
  };
  await readUntil(() => text.startsWith(":"));
  // A restored guest says who it is, which is a line that comes while the log is followed.
  assert.equal((await server.call("POST", "/instances/child/standby")).status, 200);
  assert.equal((await server.call("POST", "/instances/child/restore")).status, 200);
  await readUntil(() => dataLines(text).length > 0);
  assert.ok(dataLines(text).length > 0);
  assert.equal((await server.call("DELETE", "/instances/child")).status, 204);
  await readUntil(() => false);
});

interface Exec {
  readonly socket: WebSocket;
  /** Binary messages, in order. */
  readonly binary: Buffer[];
  /** Text messages, in order, as JSON. */
  readonly texts: unknown[];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
}

async function openExec(server: TestServer, id: string, start: unknown): Promise<Exec> {
  const url = `${server.url.replace("http", "ws")}/instances/${id}/exec`;
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${server.token}` } });
  socket.binaryType = "arraybuffer";
  const binary: Buffer[] = [];
  const texts: unknown[] = [];
  socket.addEventListener("message", ({ data }: { data: unknown }) => {
    if (typeof data === "string") texts.push(JSON.parse(data));
    else if (data instanceof ArrayBuffer) binary.push(Buffer.from(data));
  });
  const closed = once(socket, "close").then(([event]) => (event as CloseEvent).code);
  await once(socket, "open");
  if (start !== undefined) socket.send(typeof start === "string" ? start : JSON.stringify(start));
  return { socket, binary, texts, closed };
}

test("exec carries output, then the exit, then closes with 1000", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeRunning(server, "base");
  const raw = await openExec(server, id, { command: ["echo", "hello", "wörld"], framed: false });
  assert.equal(await raw.closed, 1000);
  assert.equal(Buffer.concat(raw.binary).toString("utf8"), "hello wörld\n");
  assert.deepEqual(raw.texts, [{ exitCode: 0, signal: null, timedOut: false }]);
  const framed = await openExec(server, id, { command: ["fail", "oh"], framed: true });
  assert.equal(await framed.closed, 1000);
  assert.deepEqual(
    framed.binary.map((message) => message[0]),
    [2],
  );
  assert.equal(framed.binary[0]?.subarray(1).toString(), "oh\n");
  assert.deepEqual(framed.texts, [{ exitCode: 1, signal: null, timedOut: false }]);
});

test("exec passes env and input, and ends the input by an empty stdin message or by eof", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeRunning(server, "base");
  const env = await openExec(server, id, { command: ["env"], env: { A: "b c" }, framed: false });
  assert.equal(await env.closed, 1000);
  assert.match(Buffer.concat(env.binary).toString(), /^A=b c$/m);
  const framed = await openExec(server, id, { command: ["cat"], framed: true });
  framed.socket.send(Buffer.from("\0one "));
  framed.socket.send(Buffer.from("\0two"));
  framed.socket.send(Buffer.from("\0"));
  assert.equal(await framed.closed, 1000);
  assert.equal(Buffer.concat(framed.binary.map((message) => message.subarray(1))).toString(), "one two");
  const raw = await openExec(server, id, { command: ["cat"], framed: false });
  raw.socket.send(Buffer.from("raw"));
  raw.socket.send('{"eof":true}');
  assert.equal(await raw.closed, 1000);
  assert.equal(Buffer.concat(raw.binary).toString(), "raw");
});

test("exec carries megabytes both ways, whole and in order", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeRunning(server, "base");
  const exec = await openExec(server, id, { command: ["cat"], framed: false });
  const sent = Buffer.alloc(4 << 20);
  for (let offset = 0; offset < sent.length; offset += 4) sent.writeUInt32LE(offset, offset);
  for (let offset = 0; offset < sent.length; offset += 100_000)
    exec.socket.send(sent.subarray(offset, offset + 100_000));
  exec.socket.send('{"eof":true}');
  assert.equal(await exec.closed, 1000);
  assert.ok(Buffer.concat(exec.binary).equals(sent));
});

test("exec passes signals and the time limit on", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeRunning(server, "base");
  const killed = await openExec(server, id, {
    command: ["sleep", "600"],
    tty: true,
    rows: 30,
    cols: 100,
    framed: false,
  });
  killed.socket.send('{"resize":{"cols":120,"rows":40}}');
  killed.socket.send('{"signal":15}');
  assert.equal(await killed.closed, 1000);
  assert.deepEqual(killed.texts, [{ exitCode: null, signal: 15, timedOut: false }]);
  const late = await openExec(server, id, { command: ["sleep", "600"], timeout: 0.01, framed: false });
  assert.equal(await late.closed, 1000);
  assert.deepEqual(late.texts, [{ exitCode: null, signal: 9, timedOut: true }]);
});

test("what is wrong with an exec is one error frame, and the close code 1011", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeRunning(server, "base");
  const starts: unknown[] = [
    "{",
    [],
    { framed: false },
    { framed: 1, command: ["echo"] },
    { framed: false, command: [] },
    { framed: false, command: "ls" },
    { framed: false, command: ["ls\0"] },
    { framed: false, command: ["echo"], colour: 1 },
    { framed: false, command: ["echo"], timeout: 0 },
    { framed: false, command: ["echo"], timeout: "1" },
    { framed: false, command: ["echo"], rows: 0 },
    { framed: false, command: ["echo"], cwd: "relative" },
    { framed: false, command: ["echo"], env: { A: 1 } },
    { framed: false, command: ["no-such-program"] },
  ];
  for (const start of starts) {
    const exec = await openExec(server, id, start);
    assert.equal(await exec.closed, 1011, JSON.stringify(start));
    assertErrorFrame(exec.texts, JSON.stringify(start));
  }
  const binaryFirst = await openExec(server, id, undefined);
  binaryFirst.socket.send(Buffer.from("x"));
  assert.equal(await binaryFirst.closed, 1011);
  for (const control of [
    "{",
    "{}",
    '{"signal":0}',
    '{"signal":9,"eof":true}',
    '{"resize":{"cols":0,"rows":1}}',
    '{"colour":1}',
  ]) {
    const exec = await openExec(server, id, { command: ["sleep", "600"], framed: false });
    exec.socket.send(control);
    assert.equal(await exec.closed, 1011, control);
    assertErrorFrame(exec.texts, control);
  }
  const unlabelled = await openExec(server, id, { command: ["cat"], framed: true });
  unlabelled.socket.send(Buffer.from("x"));
  assert.equal(await unlabelled.closed, 1011);
});

function assertErrorFrame(texts: readonly unknown[], what: string): void {
  assert.equal(texts.length, 1, what);
  const { error } = texts[0] as { error: unknown };
  assert.ok(Check(ErrorSchema, error) && error.code === "invalid_request", `${what}: ${JSON.stringify(error)}`);
}

test("before the upgrade, an exec is refused with a status", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeStopped(server, "base");
  expectError(await server.call("GET", "/instances/nobody/exec"), 404, "not_found");
  expectError(await server.call("GET", `/instances/${id}/exec`), 409, "invalid_state");
  expectError(await server.call("GET", `/instances/${id}/exec?command=ls`), 400, "invalid_request");
  const { id: running } = await makeRunning(server, "running");
  assert.match(
    expectError(await server.call("GET", `/instances/${running}/exec`), 400, "invalid_request"),
    /WebSocket/,
  );
  for (const [path, token] of [
    [`/instances/${running}/exec`, "wrong"],
    ["/instances/nobody/exec", server.token],
    [`/instances/${id}/exec`, server.token],
    ["/instances", server.token],
    ["/nothing", server.token],
  ]) {
    const socket = new WebSocket(`${server.url.replace("http", "ws")}${path ?? ""}`, {
      headers: { authorization: `Bearer ${token ?? ""}` },
    });
    await once(socket, "error");
  }
});

test("a server that closes ends its execs, and those that have not begun, with 1001", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeRunning(server, "base");
  const open = await openExec(server, id, { command: ["sleep", "600"], framed: false });
  const idle = await openExec(server, id, undefined);
  await server.close();
  assert.equal(await open.closed, 1001);
  assert.equal(await idle.closed, 1001);
});
