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
 *       │ text: {exitCode, …}              │ after both streams' ends     │
 *       │◄─────────────────────────────────│ close 1000                   │
 *
 * The byte in brackets is there only with `framed`. A first frame without that field speaks Hypeman's dialect: see exec-dialects.ts.
 * A client that leaves, and a server that closes, kill the program.
 */
import type { Readable } from "node:stream";
import type { FastifyBaseLogger } from "fastify";
import type { WebSocket } from "@fastify/websocket";
import { execInInstance } from "../domain/instances/exec-in-instance.ts";
import type { ExecSession } from "../guest/agent-client.ts";
import { OperatingError, type ErrorCode } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { answerOf } from "./errors.ts";
import { readExecStart, type ExecDialect } from "./exec-dialects.ts";
import { FrameInbox } from "./frame-inbox.ts";
import { closeSocket, firstFrame, parseFrame, sendMessage, socketSignal } from "./web-socket.ts";

/** With more input than this under way to the program, the socket is not read. */
const highWaterBytes = 1 << 20;
/** SIGKILL (signal(7)): nobody can see or steer the program any more. */
const killSignal = 9;

const stream = { stdin: 0, stdout: 1, stderr: 2 } as const;

/** Serves an open socket to its end. Never rejects; gives the code that the client was told, or null. */
export async function serveExec(
  socket: WebSocket,
  instanceId: string,
  log: FastifyBaseLogger,
  context: ApiContext,
): Promise<ErrorCode | null> {
  const inbox = new FrameInbox(socket);
  const signal = socketSignal(socket, context.closing);
  try {
    const { request, dialect } = readExecStart(parseFrame(await firstFrame(inbox, "the command", signal)));
    const begun = await execInInstance(context.domain, instanceId, request, signal).catch((failure: unknown) => {
      const told = dialect.describeStartFailure(failure);
      if (told === null) throw failure;
      return told;
    });
    if ("code" in begun) for (const message of begun.messages) await sendMessage(socket, message);
    else await runSession(socket, begun, inbox, dialect, signal);
    closeSocket(socket, 1000);
    return "code" in begun ? begun.code : null;
  } catch (failure) {
    return refuse(socket, failure, log, context);
  }
}

/** Carries one program's streams until its end, and tells the client of it. Rejects when either side ends early; the program is killed then. */
export async function runSession(
  socket: WebSocket,
  session: ExecSession,
  inbox: FrameInbox,
  dialect: ExecDialect,
  signal: AbortSignal,
): Promise<void> {
  const { isFramed } = dialect;
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
    const [, , exit] = await Promise.race([output, feed(socket, session, inbox, dialect)]);
    // A program that was killed because its exec is over has no exit to tell of.
    signal.throwIfAborted();
    await sendMessage(socket, JSON.stringify(dialect.exitMessage(exit)));
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

/** Carries the client's frames to the program as they come, so that a signal does not wait behind input. Only rejects. */
function feed(socket: WebSocket, session: ExecSession, inbox: FrameInbox, dialect: ExecDialect): Promise<never> {
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
      if (frame.isBinary || !dialect.control(session, frame)) writeInput(socket, session, frame.data, dialect.isFramed);
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

function refuse(socket: WebSocket, failure: unknown, log: FastifyBaseLogger, context: ApiContext): ErrorCode | null {
  // Nobody is left to be told.
  if (socket.readyState !== socket.OPEN) return null;
  if (context.closing.aborted) {
    closeSocket(socket, 1001);
    return null;
  }
  const { body, unexpected } = answerOf(failure, "of this exec", false);
  if (unexpected) log.error({ err: failure }, "exec.failed");
  socket.send(JSON.stringify({ error: body }));
  closeSocket(socket, 1011);
  return body.code;
}
