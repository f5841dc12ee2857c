/**
 * One copy over one WebSocket, in the words of Hypeman's clients:
 *
 *     client ─ text {direction: "to", guest_path, is_dir?, mode?, …} ─►       client ─ text {direction: "from", guest_path, …} ─►
 *     client ─ binary, of any length … ──────────────────────────────►        ◄─ text {type: "header", path, mode, is_dir, …} ─┐
 *     client ─ text {type: "end"} ───────────────────────────────────►        ◄─ binary … ──────────────────────────────────── ├ each entry
 *     ◄────── text {type: "result", success, error?, bytes_written} ──        ◄─ text {type: "end", final} ────────────────────┘
 *
 * What fails on the way is one text frame {type: "error", message, path}; what fails in the guest while it takes a file is a result
 * without success. Both close with 1000; after the last end the client closes. Both directions wait for whoever is slower. A client that leaves ends the copy.
 */
import type { FastifyBaseLogger } from "fastify";
import type { WebSocket } from "@fastify/websocket";
import { GuestFileError, makeGuestDirectory, readGuestPath, writeGuestFile } from "../domain/instances/guest-paths.ts";
import type { FileHeader, FileMaking, FileWriter } from "../guest/guest-files.ts";
import type { ErrorCode } from "../errors.ts";
import { untilAborted } from "../lib/deadline.ts";
import type { ApiContext } from "./context.ts";
import { answerOf } from "./errors.ts";
import { FrameInbox, type Frame } from "./frame-inbox.ts";
import { CopyEnd, CopyStart } from "./schemas/files.ts";
import { makeReader } from "./validation.ts";
import { closeSocket, firstFrame, parseFrame, sendMessage, socketSignal, untilClosed } from "./web-socket.ts";

/** With more than this waiting for the guest, the socket is not read. */
const highWaterBytes = 1 << 20;

/** A client that was sent all of a tree is given this long to write it down and close. */
const leaveMs = 60_000;

const readStart = makeReader(CopyStart, "first frame");
const readEnd = makeReader(CopyEnd, "text frame");

/** Serves an open socket to its end. Never rejects; gives the code that fits what the client was told, or null. */
export async function serveCopy(
  socket: WebSocket,
  instanceId: string,
  log: FastifyBaseLogger,
  context: ApiContext,
): Promise<ErrorCode | null> {
  const inbox = new FrameInbox(socket);
  const signal = socketSignal(socket, context.closing);
  let path = "";
  try {
    const start = readStart(parseFrame(await firstFrame(inbox, "the request", signal)));
    path = start.guest_path;
    const copy: Copy = { socket, inbox, instanceId, context, start, signal };
    const code = start.direction === "from" ? await copyFrom(copy) : await answerCopyTo(copy);
    closeSocket(socket, context.closing.aborted ? 1001 : 1000);
    return code;
  } catch (failure) {
    return refuse(socket, failure, path, log, context);
  }
}

interface Copy {
  readonly socket: WebSocket;
  readonly inbox: FrameInbox;
  readonly instanceId: string;
  readonly context: ApiContext;
  readonly start: CopyStart;
  readonly signal: AbortSignal;
}

/** What the guest itself refuses is the request's fault, as far as a code can tell. */
const guestRefused = "invalid_request";

async function answerCopyTo(copy: Copy): Promise<ErrorCode | null> {
  const result = await copyTo(copy).then(
    (bytesWritten) => ({ success: true, bytes_written: bytesWritten }),
    (failure: unknown) => {
      if (!(failure instanceof GuestFileError)) throw failure;
      return { success: false, error: failure.message };
    },
  );
  await sendMessage(copy.socket, JSON.stringify({ type: "result", ...result }));
  return result.success ? null : guestRefused;
}

async function copyTo(copy: Copy): Promise<number> {
  const { socket, inbox, instanceId, context, start, signal } = copy;
  const making = makingOf(start);
  if (start.is_dir === true) {
    await untilEnd(inbox, signal, () => undefined);
    await makeGuestDirectory(context.domain, instanceId, making, signal);
    return 0;
  }
  const writer = await writeGuestFile(context.domain, instanceId, making, signal);
  try {
    await Promise.race([writer.failed, feed(socket, inbox, writer, signal)]);
    return await writer.finish();
  } finally {
    writer.abandon();
  }
}

function makingOf({ guest_path: path, mode, mtime, uid, gid }: CopyStart): FileMaking {
  return { path, mode: mode ?? null, mtime: mtime ?? null, uid: uid ?? null, gid: gid ?? null };
}

/** Carries the client's bytes to the guest until its end frame; resolves when the last of them were taken. */
async function feed(socket: WebSocket, inbox: FrameInbox, writer: FileWriter, signal: AbortSignal): Promise<void> {
  let waitingBytes = 0;
  let written = Promise.resolve();
  await untilEnd(inbox, signal, (bytes) => {
    waitingBytes += bytes.length;
    if (waitingBytes > highWaterBytes) socket.pause();
    written = written.then(async () => {
      await writer.write(bytes);
      waitingBytes -= bytes.length;
      if (waitingBytes <= highWaterBytes) socket.resume();
    });
    // The writer says why by `failed`, which ends the copy.
    written.catch(() => undefined);
  });
  await written;
}

/** @throws OperatingError `invalid_request` for any other text frame, or the signal's reason. */
function untilEnd(inbox: FrameInbox, signal: AbortSignal, take: (bytes: Buffer) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let isOver = false;
  const onFrame = (frame: Frame): void => {
    if (frame.isBinary) {
      take(frame.data);
      return;
    }
    readEnd(parseFrame(frame));
    isOver = true;
    resolve(undefined);
  };
  inbox.receive((frame) => {
    if (isOver) return;
    try {
      onFrame(frame);
    } catch (failure) {
      isOver = true;
      reject(failure);
    }
  });
  return untilAborted(promise, signal);
}

/** Each end waits for the next entry, or for there being none, to say whether it was the last. */
async function copyFrom({ socket, instanceId, context, start, signal, inbox }: Copy): Promise<null> {
  // Nothing more is expected of the client; its close is heard only while the socket is read.
  inbox.receive(() => undefined);
  const path = { path: start.guest_path, followLinks: start.follow_links ?? false };
  let isEndDue = false;
  const sendEnd = (final: boolean) => sendMessage(socket, JSON.stringify({ type: "end", final }));
  for await (const event of readGuestPath(context.domain, instanceId, path, signal)) {
    if (event.type === "header") {
      if (isEndDue) await sendEnd(false);
      isEndDue = false;
      await sendMessage(socket, JSON.stringify(headerMessage(event.header)));
    } else if (event.type === "data") {
      for (const message of asBinary(event.bytes)) await sendMessage(socket, message);
    } else {
      isEndDue = true;
    }
  }
  await sendEnd(true);
  // The official JavaScript client closes when its last file is flushed, and takes a close before that for a failure.
  await untilClosed(socket, leaveMs, signal);
  return null;
}

function headerMessage(header: FileHeader): object {
  const { path, mode, isDirectory, linkTarget, sizeBytes, mtime, uid, gid } = header;
  const link = linkTarget === null ? {} : { is_symlink: true, link_target: linkTarget };
  return { type: "header", path, mode, is_dir: isDirectory, ...link, size: sizeBytes, mtime, uid, gid };
}

/**
 * The official JavaScript client takes a binary message for text when it is a JSON object or array, and drops it: a copy of a small
 * JSON file would arrive empty. Cut behind its first byte, neither part is JSON, whatever the rest holds.
 */
export function asBinary(bytes: Buffer): Buffer[] {
  const mayBeJson = bytes[0] === 0x7b || bytes[0] === 0x5b;
  return mayBeJson && isJson(bytes) ? [bytes.subarray(0, 1), bytes.subarray(1)] : [bytes];
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString("utf8"));
    return true;
  } catch {
    return false;
  }
}

function refuse(
  socket: WebSocket,
  failure: unknown,
  path: string,
  log: FastifyBaseLogger,
  context: ApiContext,
): ErrorCode | null {
  // Nobody is left to be told.
  if (socket.readyState !== socket.OPEN) return null;
  if (context.closing.aborted) {
    closeSocket(socket, 1001);
    return null;
  }
  const words = wordsFor(failure, path, log);
  socket.send(JSON.stringify({ type: "error", ...words }));
  closeSocket(socket, 1000);
  return words.code;
}

interface CopyFailure {
  readonly message: string;
  readonly path: string;
  readonly code: ErrorCode;
}

function wordsFor(failure: unknown, path: string, log: FastifyBaseLogger): CopyFailure {
  if (failure instanceof GuestFileError)
    return { message: failure.message, path: failure.path || path, code: guestRefused };
  const { body, unexpected } = answerOf(failure, "of this copy", false);
  if (unexpected) log.error({ err: failure }, "copy.failed");
  return { message: body.message, path, code: body.code };
}
