import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { chmod, lstat, mkdir, open, rename, rm, symlink, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CopyCount, type CopyTally } from "./copy-count.ts";
import { CopySocket, type CopyWord } from "./copy-socket.ts";
import { RametAnswerError, RametCopyError } from "./errors.ts";
import type { Connection } from "./http.ts";

export interface CopyFromRequest {
  /** A file or a directory in the guest. */
  readonly from: string;
  /** Where it shall be here, with its own last name. */
  readonly to: string;
  /** Whether what symbolic links lead to is copied in their place; otherwise they stay links. */
  readonly followLinks?: boolean;
  /** Asked for the numbers while it goes on. */
  readonly onProgress?: (tally: CopyTally) => void;
}

type Header = CopyWord & { readonly type: "header" };

/**
 * Copies a file, or a directory with all that is in it, out of a running guest: contents, permission bits, links and times of change. A
 * file that is not whole never shows under its name. The guest names the entries, and it may be hostile: nothing is ever written outside
 * of `to`, nor through a link that the guest has sent.
 * @throws RametCopyError with the path that failed; what was copied before stays.
 */
export async function copyFrom(
  connection: Connection,
  reference: string,
  { from, to, followLinks, onProgress }: CopyFromRequest,
  signal: AbortSignal | undefined,
): Promise<CopyTally> {
  const count = new CopyCount(onProgress);
  const request = { direction: "from", guest_path: from, follow_links: followLinks ?? false };
  const directories: Finished[] = [];
  await using socket = await CopySocket.open(connection, reference, request, signal);
  for (;;) {
    const message = await socket.next();
    // The end of the last entry, or of none.
    if (message.type === "end" && message.final) break;
    if (message.type === "end") continue;
    if (message.type !== "header") throw unexpected(message.type);
    if (await takeEntry(socket, to, message, count, directories)) break;
  }
  // Innermost first, and when all is in them: one may be made readable only, and each entry changes its directory's time.
  for (const directory of directories.toReversed()) await finish(directory);
  return count;
}

interface Finished {
  readonly path: string;
  readonly header: Header;
}

/** @returns whether it was the last. */
async function takeEntry(
  socket: CopySocket,
  root: string,
  header: Header,
  count: CopyCount,
  directories: Finished[],
): Promise<boolean> {
  const path = await localPath(root, header.path);
  if (header.is_dir) {
    await makeDirectory(path);
    directories.push({ path, header });
    count.add("directories");
    return false;
  }
  if (header.link_target !== undefined) {
    await replaceBy(path, (temporary) => symlink(header.link_target ?? "", temporary));
    count.add("links");
    return false;
  }
  const isLast = await replaceBy(path, (temporary) => takeFile(socket, temporary, header, count));
  count.add("files");
  return isLast;
}

/**
 * Where an entry belongs. Its path begins with the last name of what was asked for, which is `root` here.
 * @throws RametCopyError for a path that leads elsewhere, or whose directory is a link.
 */
async function localPath(root: string, guestPath: string): Promise<string> {
  const [, ...names] = guestPath.split("/");
  const isHarmless = names.every((name) => !["", ".", ".."].includes(name) && !name.includes("\0"));
  if (!isHarmless || guestPath.startsWith("/"))
    throw new RametCopyError("the guest names a path that leads elsewhere", guestPath);
  let directory = root;
  for (const name of names.slice(0, -1)) {
    directory = join(directory, name);
    if (!(await lstat(directory)).isDirectory()) throw new RametCopyError("its directory is none here", guestPath);
  }
  return join(root, ...names);
}

/** A directory that is there already is filled; a link to one is not followed, unless it is the destination itself. */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    if (!isThere || !(await lstat(path)).isDirectory()) throw error;
  }
}

/** Makes something beside the path and gives it its name when it is whole. A link under that name is replaced, not followed. */
async function replaceBy<T>(path: string, make: (temporary: string) => Promise<T>): Promise<T> {
  const temporary = join(dirname(path), `.${basename(path).slice(0, 200)}.${crypto.randomUUID().slice(0, 8)}`);
  try {
    const made = await make(temporary);
    await rename(temporary, path);
    return made;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** @returns whether the copy ends with this file. */
async function takeFile(socket: CopySocket, path: string, header: Header, count: CopyCount): Promise<boolean> {
  await using file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  for (;;) {
    const message = await socket.next();
    if (message.type === "data") {
      await writeAll(file, message.bytes);
      count.addBytes(message.bytes.length);
    } else if (message.type === "end") {
      await file.chmod(modeOf(header));
      await file.utimes(header.mtime, header.mtime);
      return message.final;
    } else {
      throw unexpected(message.type);
    }
  }
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let offset = 0; offset < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, offset);
    offset += bytesWritten;
  }
}

async function finish({ path, header }: Finished): Promise<void> {
  await chmod(path, modeOf(header));
  await utimes(path, header.mtime, header.mtime);
}

/** No set-user-id: the guest's root is not the user of this machine. */
function modeOf({ mode }: Header): number {
  return mode & 0o777;
}

function unexpected(type: string): RametAnswerError {
  return new RametAnswerError(`the server sent a message of type ${type} out of turn`);
}
