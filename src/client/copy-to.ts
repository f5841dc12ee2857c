import type { Stats } from "node:fs";
import { createReadStream } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { join, posix } from "node:path";
import { CopyCount, type CopyTally } from "./copy-count.ts";
import { CopySocket } from "./copy-socket.ts";
import { RametAnswerError, RametCopyError } from "./errors.ts";
import type { Connection } from "./http.ts";

export interface CopyToRequest {
  /** A file or a directory here. */
  readonly from: string;
  /** Where it shall be in the guest, with its own last name. */
  readonly to: string;
  /** Asked for the numbers while it goes on. */
  readonly onProgress?: (tally: CopyTally) => void;
}

/** The longest message; the server holds little more for a guest that is slow. */
const messageBytes = 64 * 1024;

/**
 * Copies a file, or a directory with all that is in it, into a running guest: contents, permission bits and times of change. What a
 * symbolic link leads to is copied in its place. Sockets, pipes and devices, links that lead nowhere or back, are left out and counted.
 * @throws RametCopyError with the path that failed in the guest; what was copied before stays.
 */
export async function copyTo(
  connection: Connection,
  reference: string,
  { from, to, onProgress }: CopyToRequest,
  signal: AbortSignal | undefined,
): Promise<CopyTally> {
  const count = new CopyCount(onProgress);
  await copyPath({ connection, reference, count, signal }, from, to, []);
  return count;
}

interface Copy {
  readonly connection: Connection;
  readonly reference: string;
  readonly count: CopyCount;
  readonly signal: AbortSignal | undefined;
}

/** @param within the directories that it lies in, by device and inode: a link may lead back to one of them. */
async function copyPath(copy: Copy, local: string, guest: string, within: readonly string[]): Promise<void> {
  copy.signal?.throwIfAborted();
  const what = await statOf(local);
  if (what === null) {
    copy.count.skip(local, "it is a link that leads nowhere");
  } else if (what.isFile()) {
    await copyEntry(copy, guest, what, contentOf(local, copy.signal));
  } else if (what.isDirectory()) {
    const identity = `${what.dev}:${what.ino}`;
    if (within.includes(identity)) copy.count.skip(local, "it leads back to a directory that it is in");
    else await copyDirectory(copy, local, guest, what, [...within, identity]);
  } else {
    copy.count.skip(local, "it is neither a file nor a directory");
  }
}

async function copyDirectory(
  copy: Copy,
  local: string,
  guest: string,
  what: Stats,
  within: readonly string[],
): Promise<void> {
  await copyEntry(copy, guest, what, null);
  for (const name of (await readdir(local)).toSorted()) {
    await copyPath(copy, join(local, name), posix.join(guest, name), within);
  }
}

/** Null for a link that leads nowhere; nothing at all is an error of the caller's. */
async function statOf(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    const isDangling = (await lstat(path)).isSymbolicLink();
    if (!isDangling) throw error;
    return null;
  }
}

/** One file, or with null one directory, over one connection. */
async function copyEntry(
  { connection, reference, count, signal }: Copy,
  guestPath: string,
  what: Stats,
  content: AsyncIterable<Buffer> | null,
): Promise<void> {
  const request = {
    direction: "to",
    guest_path: guestPath,
    is_dir: content === null,
    mode: what.mode & 0o777,
    mtime: Math.floor(what.mtimeMs / 1000),
  };
  await using socket = await CopySocket.open(connection, reference, request, signal);
  for await (const bytes of content ?? []) {
    // The guest's disk may be full: nobody reads the rest.
    if (socket.hasNews) break;
    await socket.send(bytes);
    count.addBytes(bytes.length);
  }
  await socket.send({ type: "end" });
  const answer = await socket.next();
  if (answer.type !== "result") throw new RametAnswerError("a copy ended without its result");
  if (!answer.success) throw new RametCopyError(answer.error ?? "the guest could not take it", guestPath);
  count.add(content === null ? "directories" : "files");
}

function contentOf(path: string, signal: AbortSignal | undefined): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: messageBytes, ...(signal === undefined ? {} : { signal }) });
}
