import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import type { WebSocket } from "@fastify/websocket";
import type { ExecExit, ExecSession } from "../guest/agent-client.ts";
import { rametDialect } from "./exec-dialects.ts";
import { runSession } from "./exec-socket.ts";
import { FrameInbox } from "./frame-inbox.ts";

/** The few parts of a socket that an exec uses, with a client that takes output only when told to. */
class SlowSocket extends EventEmitter {
  readonly sent: (Buffer | string)[] = [];
  readonly reading: ("paused" | "resumed")[] = [];
  #taken: (() => void)[] = [];

  send(message: Buffer | string, _options: object, done: () => void): void {
    this.sent.push(message);
    this.#taken.push(done);
  }

  /** The client reads all that is under way. */
  takeAll(): void {
    for (const done of this.#taken.splice(0)) done();
  }

  pause(): void {
    this.reading.push("paused");
  }

  resume(): void {
    this.reading.push("resumed");
    this.emit("resumed");
  }
}

function makeSession(): ExecSession & {
  readonly signals: number[];
  readonly stdin: PassThrough;
  readonly stdout: PassThrough;
} {
  const signals: number[] = [];
  return {
    pid: 7,
    stdin: new PassThrough({ highWaterMark: 1024 }),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    resize: () => undefined,
    kill: (signal) => void signals.push(signal),
    exited: new Promise<ExecExit>(() => undefined),
    signals,
  };
}

function start(socket: SlowSocket, session: ExecSession, signal: AbortSignal): Promise<void> {
  const inbox = new FrameInbox(socket as unknown as WebSocket);
  socket.emit("message", Buffer.from("{}"), false);
  return runSession(socket as unknown as WebSocket, session, inbox, rametDialect(false), signal);
}

test("a client that leaves has its program killed and its streams closed", async () => {
  const session = makeSession();
  const left = new AbortController();
  const running = start(new SlowSocket(), session, left.signal);
  left.abort();
  await assert.rejects(running);
  assert.deepEqual([session.signals[0], session.stdin.destroyed, session.stdout.destroyed], [9, true, true]);
});

test("while the client has not taken a message, no further output is read", async () => {
  const session = makeSession();
  const socket = new SlowSocket();
  const left = new AbortController();
  const running = assert.rejects(start(socket, session, left.signal));
  session.stdout.write("one");
  await new Promise(setImmediate);
  session.stdout.write("two");
  await new Promise(setImmediate);
  assert.deepEqual(socket.sent.map(String), ["one"]);
  socket.takeAll();
  await new Promise(setImmediate);
  assert.deepEqual(socket.sent.map(String), ["one", "two"]);
  left.abort();
  await running;
});

test("with much input waiting for the program the socket is not read, and a signal that came before is not held up", async () => {
  const session = makeSession();
  const socket = new SlowSocket();
  const left = new AbortController();
  const running = assert.rejects(start(socket, session, left.signal));
  for (let index = 0; index < 3; index++) socket.emit("message", Buffer.alloc(1 << 19), true);
  assert.equal(socket.reading.at(-1), "paused");
  socket.emit("message", Buffer.from('{"signal":15}'), false);
  assert.deepEqual(session.signals, [15]);
  const resumed = once(socket, "resumed");
  session.stdin.resume();
  await resumed;
  left.abort();
  await running;
});
