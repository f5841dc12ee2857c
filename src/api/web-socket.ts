/** What the calls over a WebSocket share: the first frame, one message under way at a time, the end. */
import type { WebSocket } from "@fastify/websocket";
import { OperatingError } from "../errors.ts";
import { untilAborted } from "../lib/deadline.ts";
import type { Frame, FrameInbox } from "./frame-inbox.ts";

const firstFrameMs = 10_000;
/** A client that does not answer our close frame is cut off, so that it cannot hold up a closing server. */
const closeMs = 2_000;
/** A paused socket does not notice that its peer is gone; one that is written to does. */
const pingMs = 15_000;

/** Aborts when the client has left, or when `closing` does. */
export function socketSignal(socket: WebSocket, closing: AbortSignal): AbortSignal {
  const left = new AbortController();
  const pings = setInterval(() => {
    socket.ping();
  }, pingMs);
  socket.once("close", () => {
    clearInterval(pings);
    left.abort();
  });
  return AbortSignal.any([left.signal, closing]);
}

/** @param holding what it must say, as in "the command". @throws OperatingError `invalid_request`, or the signal's reason. */
export async function firstFrame(inbox: FrameInbox, holding: string, signal: AbortSignal): Promise<Frame> {
  const tooLate = AbortSignal.timeout(firstFrameMs);
  const frame = await untilAborted(inbox.first, AbortSignal.any([signal, tooLate])).catch((failure: unknown) => {
    if (signal.aborted || !tooLate.aborted) throw failure;
    return null;
  });
  if (frame !== null && !frame.isBinary) return frame;
  throw new OperatingError(
    "invalid_request",
    `Send a text frame with ${holding} within ${String(firstFrameMs)} ms, before any binary frame.`,
  );
}

/** @throws OperatingError `invalid_request`. */
export function parseFrame(frame: Frame): unknown {
  try {
    return JSON.parse(frame.data.toString("utf8"));
  } catch {
    throw new OperatingError("invalid_request", "The text frame is not valid JSON.");
  }
}

/** Resolves when the message is with the kernel: who waits for it before the next one goes no faster than the client. */
export function sendMessage(socket: WebSocket, message: Buffer | string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  socket.send(message, { binary: typeof message !== "string" }, (failure) => {
    // On success, streams give undefined or null, whatever the types say.
    if (failure instanceof Error) reject(failure);
    else resolve(undefined);
  });
  return promise;
}

/** Resolves when the client has closed the connection, when it did not for so long, or when `signal` aborts. */
export function untilClosed(socket: WebSocket, limitMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const end = (): void => {
    resolve(undefined);
  };
  const timer = setTimeout(end, limitMs);
  socket.once("close", end);
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted || socket.readyState === socket.CLOSED) end();
  return promise.finally(() => {
    clearTimeout(timer);
    socket.off("close", end);
    signal.removeEventListener("abort", end);
  });
}

export function closeSocket(socket: WebSocket, code: number): void {
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
