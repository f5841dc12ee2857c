/**
 * Files of a guest, over one channel of its agent:
 *
 *     read    H ─► D … ─► E,  H ─► …,  then R        the reader sets the pace: what it does not take stays in the guest
 *     write   D … ─► E, then R comes back            the guest sets the pace: write() waits
 *     both    X: it failed, and nothing follows
 *
 * What the guest says is checked for its types and bounds; the paths in it are the guest's own words.
 */
import type { AgentClient, AgentWait } from "./agent-client.ts";
import {
  AgentProtocolError,
  fieldOf,
  isBoolean,
  isCount,
  isString,
  readObject,
  type JsonObject,
  optionalText,
} from "./agent-messages.ts";
import { unreachable } from "./agent-connection.ts";
import type { ExecSession } from "./exec-channel.ts";
import { encodeRecord, maxRecordBytes, readRecords, recordType, type FileRecord } from "./file-records.ts";

/** The guest could not do it; the message is the system's own, such as "write the file: No space left on device". */
export class GuestFileError extends Error {
  override readonly name = "GuestFileError";
  /** The path it is about; empty when it is about none. */
  readonly path: string;

  constructor(message: string, path: string) {
    super(message);
    this.path = path;
  }
}

export interface FileStatus {
  readonly exists: boolean;
  /** Why it could not be looked at, when that is not its absence. */
  readonly error: string | null;
  readonly isDirectory: boolean;
  readonly isFile: boolean;
  readonly isLink: boolean;
  readonly linkTarget: string | null;
  /** Permission bits. */
  readonly mode: number;
  readonly sizeBytes: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly uid: number;
  readonly gid: number;
}

export interface FileHeader {
  /** Relative: begins with the last name of the path that was asked for. */
  readonly path: string;
  readonly mode: number;
  readonly isDirectory: boolean;
  /** Null when it is no link. */
  readonly linkTarget: string | null;
  readonly sizeBytes: number;
  readonly mtime: number;
  readonly uid: number;
  readonly gid: number;
}

export type FileEvent =
  | { readonly type: "header"; readonly header: FileHeader }
  | { readonly type: "data"; readonly bytes: Buffer }
  | { readonly type: "end" };

/** How a file, or a directory, is to be made. Null: the guest's default. */
export interface FileMaking {
  readonly path: string;
  readonly mode: number | null;
  readonly mtime: number | null;
  readonly uid: number | null;
  readonly gid: number | null;
}

/** A file that is being written. It is in its place when `finish` has resolved, and never when that did not happen. */
export interface FileWriter {
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Says that this was all. Resolves with the count of bytes. @throws as `failed` */
  finish(): Promise<number>;
  /** Rejects with GuestFileError or OperatingError as soon as the file cannot come about. Otherwise never settles. */
  readonly failed: Promise<never>;
  /** Gives it up. Safe to call again, and after `finish`. */
  abandon(): void;
}

/** SIGTERM (signal(7)): ends an operation. */
const endSignal = 15;

/** @throws OperatingError `guest_unreachable`, `not_supported`. */
export async function statFile(
  agent: AgentClient,
  request: { readonly path: string; readonly followLinks: boolean },
  wait: AgentWait,
): Promise<FileStatus> {
  const { path, followLinks } = request;
  const session = await agent.files({ do: "stat", path, follow_links: followLinks }, wait);
  using _ = endWith(session, wait.signal);
  return readStatus(await lastResult(readAnswers(session, wait.signal)));
}

/**
 * The entries of a file, link or directory tree, each directory before what is in it. A reader that stops ends the operation.
 * @throws GuestFileError when an entry cannot be read, OperatingError `guest_unreachable`, `not_supported`; the signal's reason.
 */
export async function* readFiles(
  agent: AgentClient,
  request: { readonly path: string; readonly followLinks: boolean },
  wait: AgentWait,
): AsyncGenerator<FileEvent, void, void> {
  const { path, followLinks } = request;
  const session = await agent.files({ do: "read", path, follow_links: followLinks }, wait);
  using _ = endWith(session, wait.signal);
  for await (const { type, body } of readAnswers(session, wait.signal)) {
    if (type === recordType.header) yield { type: "header", header: readHeader(readObject(body)) };
    else if (type === recordType.data) yield { type: "data", bytes: body };
    else if (type === recordType.end) yield { type: "end" };
    else return;
  }
}

/** @throws GuestFileError, OperatingError as `readFiles`. */
export async function makeDirectory(agent: AgentClient, making: FileMaking, wait: AgentWait): Promise<void> {
  const session = await agent.files({ do: "make_directory", ...encodeMaking(making) }, wait);
  using _ = endWith(session, wait.signal);
  await lastResult(readAnswers(session, wait.signal));
}

/** Begins to write a file. @throws OperatingError `guest_unreachable`, `not_supported`. */
export async function writeFile(agent: AgentClient, making: FileMaking, wait: AgentWait): Promise<FileWriter> {
  const session = await agent.files({ do: "write", ...encodeMaking(making) }, wait);
  const ending = endWith(session, wait.signal);
  const result = lastResult(readAnswers(session, wait.signal));
  const failed = result.then(() => new Promise<never>(() => undefined));
  // Whoever writes hears of it by `write` or `finish`; nobody else has to.
  failed.catch(() => undefined);
  return {
    failed,
    write: (bytes) => Promise.race([failed, writeRecords(session, bytes)]),
    finish: async () => {
      session.stdin.end(encodeRecord(recordType.end, new Uint8Array(0)));
      return fieldOf(await result, "bytes_written", isCount);
    },
    abandon: () => {
      ending[Symbol.dispose]();
    },
  };
}

async function writeRecords({ stdin }: ExecSession, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += maxRecordBytes) {
    const record = encodeRecord(recordType.data, bytes.subarray(at, at + maxRecordBytes));
    await new Promise<void>((resolve) => {
      // A stream that was closed under way says so by the operation's result.
      stdin.write(record, () => {
        resolve();
      });
    });
  }
}

/** Ends the operation when the block is left, or the signal aborts; one that is over does not notice. */
function endWith(session: ExecSession, signal: AbortSignal): Disposable {
  const end = (): void => {
    session.kill(endSignal);
    session.stdin.destroy();
    session.stdout.destroy();
    session.stderr.destroy();
  };
  // What it says beside its records is for nobody; unread it would hold up the operation.
  session.stderr.resume();
  session.stdin.on("error", () => undefined);
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  return {
    [Symbol.dispose]: () => {
      signal.removeEventListener("abort", end);
      end();
    },
  };
}

/** The guest's records up to R, which is the last. @throws GuestFileError for X. */
async function* readAnswers(session: ExecSession, signal: AbortSignal): AsyncGenerator<FileRecord, void, void> {
  try {
    for await (const record of readRecords(session.stdout)) {
      if (record.type === recordType.failure) throw failureOf(readObject(record.body));
      yield record;
      if (record.type === recordType.result) return;
    }
  } catch (failure) {
    if (failure instanceof AgentProtocolError) throw unreachable("the guest agent broke its protocol", failure);
    if (failure instanceof GuestFileError) throw failure;
    signal.throwIfAborted();
    // A stream that closed before its end says less than the session's own end.
    await session.exited;
    throw unreachable("the file operation in the guest was cut off", failure);
  }
  signal.throwIfAborted();
  const exit = await session.exited;
  const how = exit.signal === null ? `exit code ${String(exit.exitCode)}` : `signal ${String(exit.signal)}`;
  throw unreachable(`the file operation in the guest ended without a result (${how})`);
}

async function lastResult(records: AsyncIterable<FileRecord>): Promise<JsonObject> {
  for await (const { type, body } of records) if (type === recordType.result) return checked(() => readObject(body));
  throw unreachable("the file operation in the guest ended without a result");
}

function encodeMaking({ path, mode, mtime, uid, gid }: FileMaking): JsonObject {
  const given = Object.entries({ mode, mtime, uid, gid }).filter(([, value]) => value !== null);
  return { path, ...Object.fromEntries(given) };
}

function readStatus(result: JsonObject): FileStatus {
  return checked(() => {
    const exists = fieldOf(result, "exists", isBoolean);
    const flag = (key: string): boolean => exists && fieldOf(result, key, isBoolean);
    const count = (key: string): number => (exists ? fieldOf(result, key, isCount) : 0);
    return {
      exists,
      error: optionalText(result, "error"),
      isDirectory: flag("is_dir"),
      isFile: flag("is_file"),
      isLink: flag("is_symlink"),
      linkTarget: optionalText(result, "link_target"),
      mode: count("mode"),
      sizeBytes: count("size"),
      mtime: exists ? fieldOf(result, "mtime", isTime) : 0,
      uid: count("uid"),
      gid: count("gid"),
    };
  });
}

function readHeader(header: JsonObject): FileHeader {
  return checked(() => ({
    path: fieldOf(header, "path", isString),
    mode: fieldOf(header, "mode", isCount),
    isDirectory: fieldOf(header, "is_dir", isBoolean),
    linkTarget: optionalText(header, "link_target"),
    sizeBytes: fieldOf(header, "size", isCount),
    mtime: fieldOf(header, "mtime", isTime),
    uid: fieldOf(header, "uid", isCount),
    gid: fieldOf(header, "gid", isCount),
  }));
}

function failureOf(failure: JsonObject): GuestFileError {
  return checked(
    () =>
      new GuestFileError(
        printable(fieldOf(failure, "message", isString)),
        printable(fieldOf(failure, "path", isString)),
      ),
  );
}

function printable(words: string): string {
  return words.replaceAll(/\p{Cc}/gu, " ").slice(0, 4096);
}

/** Times before 1970 are negative. */
function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function checked<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (failure) {
    if (failure instanceof AgentProtocolError) throw unreachable("the guest agent broke its protocol", failure);
    throw failure;
  }
}
