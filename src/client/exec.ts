/**
 * A command in the guest, over one WebSocket (RFC 6455):
 *
 *     client                                   server
 *       ── GET …/exec, upgrade ──────────────────►    401, 404, 409 are ordinary answers: no upgrade
 *       ── text {command, …, framed:true} ───────►
 *       ── binary 0 bytes… ──────────────────────►    standard input; no bytes after the 0: end of input
 *       ◄─────────────────────── binary 1 bytes… ──   standard output
 *       ◄─────────────────────── binary 2 bytes… ──   standard error
 *       ── text {resize} or {signal} ────────────►
 *       ◄──────── text {exitCode, signal, timedOut}   then close; or text {error}, then close
 *
 * A reader that does not keep up pauses the socket; a writer waits until its bytes left. Neither side gathers them in memory.
 */
import { Readable, Writable } from "node:stream";
import { WebSocket } from "ws";
import { RametAnswerError, RametApiError, RametConnectionError } from "./errors.ts";
import type { Connection } from "./http.ts";
import type { ExecBody } from "./shapes.ts";
import { asError, bytesOf, openSocket, sent } from "./web-socket.ts";

/** How a command ended. Both are null when it is not known. */
export interface ExecExit {
  readonly exitCode: number | null;
  readonly signal: number | null;
  /** The request's own `timeout` ended it. */
  readonly timedOut: boolean;
}

export interface ExecSession {
  /** Ending it is the command's end of input. What is written after the command ended goes nowhere. */
  readonly stdin: Writable;
  /** Must be read, like `stderr`: an unread stream stops the other one too. With a tty everything comes here. */
  readonly stdout: Readable;
  readonly stderr: Readable;
  /**
   * Settles after the last bytes were handed to the streams.
   * @throws RametApiError when the command could not be started, RametConnectionError when the connection broke first.
   */
  readonly exited: Promise<ExecExit>;
  resize(size: { readonly cols: number; readonly rows: number }): void;
  /** Sends a signal, by number, to the command's process group. */
  kill(signal: number): void;
}

const streamNumber = { stdin: 0, stdout: 1, stderr: 2 } as const;
/** Larger writes are cut, so that one message never holds much memory on either side. */
const largestStdinMessageBytes = 64 * 1024;

/**
 * Opens the connection and sends the request. Aborting the signal ends the connection, by which the server ends the command.
 * @throws RametApiError for a refusal before the upgrade, RametConnectionError when no server is reached.
 */
export async function openExec(
  connection: Connection,
  reference: string,
  body: ExecBody,
  signal: AbortSignal | undefined,
): Promise<ExecSession> {
  const { socket, opened } = openSocket(connection, reference, "exec", signal);
  const session = sessionOver(socket, connection, signal);
  await opened;
  socket.send(JSON.stringify({ ...body, framed: true }));
  return session;
}

function sessionOver(socket: WebSocket, connection: Connection, signal: AbortSignal | undefined): ExecSession {
  const output = outputOver(socket);
  const outcome = Promise.withResolvers<ExecExit>();
  // Whoever awaits `exited` hears of it; a caller that gave up must not be ended by it.
  outcome.promise.catch(() => undefined);
  let failure: unknown;
  socket.on("message", (data, isBinary) => {
    const bytes = bytesOf(data);
    if (isBinary) {
      output.push(bytes);
      return;
    }
    output.end();
    settle(bytes.toString("utf8"), outcome);
    socket.close(1000);
  });
  socket.on("error", (error) => {
    failure = error;
  });
  socket.once("close", () => {
    output.end();
    outcome.reject(signal?.aborted === true ? asError(signal.reason) : brokenOff(connection, failure));
  });
  return {
    stdin: stdinOver(socket),
    stdout: output.stdout,
    stderr: output.stderr,
    exited: outcome.promise,
    resize: ({ cols, rows }) => {
      sendIfOpen(socket, JSON.stringify({ resize: { cols, rows } }));
    },
    kill: (number) => {
      sendIfOpen(socket, JSON.stringify({ signal: number }));
    },
  };
}

interface Output {
  readonly stdout: Readable;
  readonly stderr: Readable;
  push(message: Buffer): void;
  end(): void;
}

function outputOver(socket: WebSocket): Output {
  const read = (): void => {
    if (socket.readyState === WebSocket.OPEN && socket.isPaused) socket.resume();
  };
  const stdout = new Readable({ read });
  const stderr = new Readable({ read });
  let ended = false;
  return {
    stdout,
    stderr,
    push: (message) => {
      if (ended) return;
      const stream = message[0] === streamNumber.stderr ? stderr : stdout;
      if (!stream.push(message.subarray(1))) socket.pause();
    },
    end: () => {
      if (ended) return;
      ended = true;
      stdout.push(null);
      stderr.push(null);
    },
  };
}

/** The server's last word: how the command ended, or why it never began. */
function settle(message: string, outcome: PromiseWithResolvers<ExecExit>): void {
  const word = lastWordOf(message);
  if (word === undefined) outcome.reject(new RametAnswerError("the server sent a message that no exec session knows"));
  else if (word instanceof Error) outcome.reject(word);
  else outcome.resolve(word);
}

function lastWordOf(message: string): ExecExit | RametApiError | undefined {
  let word: { exitCode?: unknown; signal?: unknown; timedOut?: unknown; error?: { code?: unknown; message?: unknown } };
  try {
    word = JSON.parse(message) as typeof word;
  } catch {
    return undefined;
  }
  if (typeof word.error?.code === "string" && typeof word.error.message === "string") {
    return new RametApiError({ code: word.error.code, status: 0, message: word.error.message });
  }
  if (word.exitCode === undefined) return undefined;
  return { exitCode: numberOrNull(word.exitCode), signal: numberOrNull(word.signal), timedOut: word.timedOut === true };
}

function brokenOff(connection: Connection, failure: unknown): RametConnectionError {
  return new RametConnectionError(`the connection to ${connection.baseUrl} ended before the command did`, {
    cause: failure,
  });
}

function stdinOver(socket: WebSocket): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      void sendInPieces(socket, chunk).then(() => {
        done();
      }, done);
    },
    final(done) {
      sendIfOpen(socket, Buffer.of(streamNumber.stdin));
      done();
    },
  });
}

async function sendInPieces(socket: WebSocket, chunk: Buffer): Promise<void> {
  for (let start = 0; start < chunk.length; start += largestStdinMessageBytes) {
    const piece = chunk.subarray(start, start + largestStdinMessageBytes);
    await sent(socket, Buffer.concat([Buffer.of(streamNumber.stdin), piece]));
  }
}

function sendIfOpen(socket: WebSocket, message: string | Buffer): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(message);
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
