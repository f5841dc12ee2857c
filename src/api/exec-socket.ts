/**
 * One exec over one WebSocket:
 *
 *     client                            server                          guest
 *       │ text: {command, …}               │                              │
 *       │─────────────────────────────────►│ execInInstance ─────────────►│
 *       │ binary: [0] input                │ stdin (waits while full)     │
 *       │─────────────────────────────────►│─────────────────────────────►│
 *       │        binary: [1] out, [2] err  │ one message under way per    │
 *       │◄─────────────────────────────────│◄──────────── stream ─────────│
 *       │ text: {exitCode, signal, …}      │ after both streams' ends     │
 *       │◄─────────────────────────────────│ close 1000                   │
 *
 * The byte in brackets is there only with `framed`. A client that leaves, and a server that closes, kill the program.
 */
import type { Readable } from "node:stream";
import type { FastifyBaseLogger } from "fastify";
import type { WebSocket } from "@fastify/websocket";
import { execInInstance, type ExecRequest } from "../domain/instances/exec-in-instance.ts";
import type { ExecSession } from "../guest/agent-client.ts";
import { OperatingError } from "../errors.ts";
import { untilAborted } from "../lib/deadline.ts";
import type { ApiContext } from "./context.ts";
import { answerOf } from "./errors.ts";
import { FrameInbox, type Frame } from "./frame-inbox.ts";
import { ExecControl, ExecStart } from "./schemas/streams.ts";
import { makeReader } from "./validation.ts";
import { checkWorkloadSize } from "./workload-size.ts";

const firstFrameMs = 10_000;
/** A client that does not answer our close frame is cut off, so that it cannot hold up a closing server. */
const closeMs = 2_000;
/** A paused socket does not notice that its peer is gone; one that is written to does. */
const pingMs = 15_000;
/** With more input than this under way to the program, the socket is not read. */
const highWaterBytes = 1 << 20;
/** SIGKILL (signal(7)): nobody can see or steer the program any more. */
const killSignal = 9;

const stream = { stdin: 0, stdout: 1, stderr: 2 } as const;

const readStart = makeReader(ExecStart, "first frame");
const readControl = makeReader(ExecControl, "text frame");

/** Serves an open socket to its end. Never rejects. */
export async function serveExec(
  socket: WebSocket,
  instanceId: string,
  log: FastifyBaseLogger,
  context: ApiContext,
): Promise<void> {
  const inbox = new FrameInbox(socket);
  const left = new AbortController();
  const pings = setInterval(() => {
    socket.ping();
  }, pingMs);
  socket.once("close", () => {
    clearInterval(pings);
    left.abort();
  });
  const signal = AbortSignal.any([left.signal, context.closing]);
  try {
    const start = readStart(parseFrame(await firstFrame(inbox, signal)));
    checkWorkloadSize(start);
    const session = await execInInstance(context.domain, instanceId, execRequest(start), signal);
    await runSession(socket, session, inbox, start.framed ?? false, signal);
    close(socket, 1000);
  } catch (failure) {
    refuse(socket, failure, log, context);
  }
}

async function firstFrame(inbox: FrameInbox, signal: AbortSignal): Promise<Frame> {
  const tooLate = AbortSignal.timeout(firstFrameMs);
  const frame = await untilAborted(inbox.first, AbortSignal.any([signal, tooLate])).catch((failure: unknown) => {
    if (signal.aborted || !tooLate.aborted) throw failure;
    return null;
  });
  if (frame !== null && !frame.isBinary) return frame;
  throw new OperatingError(
    "invalid_request",
    `Send a text frame with the command within ${String(firstFrameMs)} ms, before any binary frame.`,
  );
}

function parseFrame(frame: Frame): unknown {
  try {
    return JSON.parse(frame.data.toString("utf8"));
  } catch {
    throw new OperatingError("invalid_request", "The text frame is not valid JSON.");
  }
}

function execRequest(start: ExecStart): ExecRequest {
  return {
    argv: start.command,
    env: start.env ?? {},
    cwd: start.cwd ?? null,
    tty: start.tty === true ? { cols: start.cols ?? 80, rows: start.rows ?? 24 } : null,
    timeoutMs: start.timeout === undefined ? null : Math.ceil(start.timeout * 1000),
  };
}

/** Carries one program's streams until its end, and tells the client of it. Rejects when either side ends early; the program is killed then. */
export async function runSession(
  socket: WebSocket,
  session: ExecSession,
  inbox: FrameInbox,
  isFramed: boolean,
  signal: AbortSignal,
): Promise<void> {
  const abandon = (): void => {
    abandonSession(session);
  };
  signal.addEventListener("abort", abandon, { once: true });
  try {
    signal.throwIfAborted();
    const output = Promise.all([
      sendStream(socket, session.stdout, isFramed ? stream.stdout : null),
      sendStream(socket, session.stderr, isFramed ? stream.stderr : null),
      session.exited,
    ]);
    // The output's end ends the exec; input only ever ends it by being wrong.
    const [, , exit] = await Promise.race([output, feed(socket, session, inbox, isFramed)]);
    // A program that was killed because its exec is over has no exit to tell of.
    signal.throwIfAborted();
    await sendMessage(
      socket,
      JSON.stringify({ exitCode: exit.exitCode, signal: exit.signal, timedOut: exit.timedOut }),
    );
  } catch (failure) {
    abandonSession(session);
    throw failure;
  } finally {
    signal.removeEventListener("abort", abandon);
  }
}

function abandonSession(session: ExecSession): void {
  session.kill(killSignal);
  session.stdin.destroy();
  session.stdout.destroy();
  session.stderr.destroy();
}

/** One message under way: the next chunk is read when the last one is with the kernel, so a slow client slows the program. */
async function sendStream(socket: WebSocket, source: Readable, label: number | null): Promise<void> {
  for await (const chunk of source) {
    const bytes = chunk as Buffer;
    await sendMessage(socket, label === null ? bytes : Buffer.concat([Buffer.of(label), bytes]));
  }
}

function sendMessage(socket: WebSocket, message: Buffer | string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  socket.send(message, { binary: typeof message !== "string" }, (failure) => {
    // On success, streams give undefined or null, whatever the types say.
    if (failure instanceof Error) reject(failure);
    else resolve(undefined);
  });
  return promise;
}

/** Carries the client's frames to the program as they come, so that a signal does not wait behind input. Only rejects. */
function feed(socket: WebSocket, session: ExecSession, inbox: FrameInbox, isFramed: boolean): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  session.stdin.on("error", reject);
  session.stdin.on("drain", () => {
    socket.resume();
  });
  session.stdin.once("close", () => {
    socket.resume();
  });
  inbox.receive((frame) => {
    try {
      if (frame.isBinary) writeInput(socket, session, frame.data, isFramed);
      else control(session, readControl(parseFrame(frame)));
    } catch (failure) {
      reject(failure);
    }
  });
  return promise;
}

/** Input for a program that has closed its stdin is dropped: its end comes through `exited`. */
function writeInput(socket: WebSocket, session: ExecSession, data: Buffer, isFramed: boolean): void {
  if (isFramed && data[0] !== stream.stdin) {
    throw new OperatingError(
      "invalid_request",
      "A framed binary message of the client starts with the byte 0, for stdin.",
    );
  }
  const bytes = isFramed ? data.subarray(1) : data;
  const { stdin } = session;
  if (!stdin.writable) return;
  if (bytes.length > 0) stdin.write(bytes);
  else if (isFramed) stdin.end();
  if (stdin.writableNeedDrain && stdin.writableLength > highWaterBytes) socket.pause();
}

function control(session: ExecSession, order: ExecControl): void {
  if (order.resize !== undefined) session.resize(order.resize.cols, order.resize.rows);
  if (order.signal !== undefined) session.kill(order.signal);
  if (order.eof === true && session.stdin.writable) session.stdin.end();
}

function refuse(socket: WebSocket, failure: unknown, log: FastifyBaseLogger, context: ApiContext): void {
  // Nobody is left to be told.
  if (socket.readyState !== socket.OPEN) return;
  if (context.closing.aborted) {
    close(socket, 1001);
    return;
  }
  const { body, unexpected } = answerOf(failure, "of this exec", false);
  if (unexpected) log.error({ err: failure }, "exec.failed");
  socket.send(JSON.stringify({ error: body }));
  close(socket, 1011);
}

function close(socket: WebSocket, code: number): void {
  const timer = setTimeout(() => {
    socket.terminate();
  }, closeMs);
  socket.once("close", () => {
    clearTimeout(timer);
  });
  // A paused socket would not read the client's half of the closing handshake.
  socket.resume();
  if (socket.readyState === socket.CLOSED) clearTimeout(timer);
  else socket.close(code);
}
