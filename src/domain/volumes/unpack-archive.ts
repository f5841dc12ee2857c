/**
 * A stranger's tar.gz into a directory. Nothing is ever written through a name that the archive chose without knowing what lies there: every
 * directory and file was made here, and is remembered, so that no link can lead out.
 *
 *     gunzip ─► headers ─► name: relative, no ".."  ─► its directory: one that we made ─► file, directory, link
 *                               └── refused: 400           └── a link or a file: refused
 */
import { chmod, chown, lchown, link, mkdir, open, symlink, unlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Extract, type Header } from "tar-stream";
import { OperatingError } from "../../errors.ts";
import { diskFull } from "./make-filesystem.ts";

/** Each name is remembered. */
const maxEntries = 1_000_000;

type Entry = Extract extends AsyncIterable<infer Source> ? Source : never;

/**
 * Unpacks the archive below `directory`, with modes, times and owners.
 * @param limitBytes how much its files may hold together.
 * @throws OperatingError `invalid_request` for what is no archive, names a place outside, holds devices, or is too large; `not_supported` for
 * an owner that this server, when it is not root, cannot give a file to; `insufficient_resources` when the host's disk is full.
 */
export async function unpackArchive(
  archive: Readable,
  directory: string,
  limitBytes: number,
  signal: AbortSignal,
): Promise<void> {
  const entries = extract();
  const flow = pipeline(archive, createGunzip(), entries, { signal });
  const unpacking = new Unpacking(directory, limitBytes);
  // When one fails the other ends, and may be the first to say so: what the unpacking itself found comes first.
  const outcomes = await Promise.allSettled([flow, unpacking.run(entries)]);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed === undefined) return;
  signal.throwIfAborted();
  throw explain(unpacking.failure ?? failed.reason);
}

class Unpacking {
  /** Why it gave up, if it did. */
  failure: Error | null = null;
  readonly #directory: string;
  readonly #limitBytes: number;
  readonly #kinds = new Map<string, "directory" | "file" | "symlink">();
  /** Set last: writing into a directory changes its time, and a mode may forbid it. */
  readonly #directories: Header[] = [];
  #bytes = 0;

  constructor(directory: string, limitBytes: number) {
    this.#directory = directory;
    this.#limitBytes = limitBytes;
  }

  async run(entries: Extract): Promise<void> {
    for await (const entry of entries) {
      try {
        await this.#take(entry);
      } catch (failure) {
        this.failure = failure instanceof Error ? failure : null;
        throw failure;
      }
    }
    for (const header of this.#directories.toReversed()) await this.#finish(this.#pathOf(header.name), header);
  }

  async #take(entry: Entry): Promise<void> {
    const { header } = entry;
    const name = cleanName(header.name);
    if (name === "") {
      entry.resume();
      return;
    }
    if (this.#kinds.size >= maxEntries) throw refuse(`it has more than ${String(maxEntries)} entries`);
    await this.#makeParents(name);
    const clean = { ...header, name };
    if (header.type === "directory") await this.#takeDirectory(clean);
    else if (header.type === "file" || header.type === "contiguous-file") await this.#takeFile(clean, entry);
    else if (header.type === "symlink") await this.#takeSymlink(clean);
    else if (header.type === "link") await this.#takeLink(clean);
    else throw refuse(`${show(name)} is a ${header.type}: only files, directories and links are taken`);
    if (header.type !== "file" && header.type !== "contiguous-file") entry.resume();
  }

  async #makeParents(name: string): Promise<void> {
    const parts = name.split("/").slice(0, -1);
    for (const [index] of parts.entries()) {
      const parent = parts.slice(0, index + 1).join("/");
      const kind = this.#kinds.get(parent);
      if (kind === "directory") continue;
      if (kind !== undefined) throw refuse(`${show(name)} leads through ${show(parent)}, which is no directory`);
      await mkdir(this.#pathOf(parent), { mode: 0o755 });
      this.#kinds.set(parent, "directory");
    }
  }

  async #takeDirectory(header: Header): Promise<void> {
    const kind = this.#kinds.get(header.name);
    if (kind !== undefined && kind !== "directory") throw replaced(header.name);
    if (kind === undefined) await mkdir(this.#pathOf(header.name), { mode: 0o755 });
    this.#kinds.set(header.name, "directory");
    this.#directories.push(header);
  }

  async #takeFile(header: Header, content: Entry): Promise<void> {
    this.#bytes += header.size;
    if (this.#bytes > this.#limitBytes) throw refuse("its files hold more than size_gb: ask for a larger one");
    await this.#clear(header.name);
    const path = this.#pathOf(header.name);
    {
      await using file = await open(path, "wx", 0o600);
      for await (const chunk of content) await file.write(chunk as Uint8Array);
    }
    this.#kinds.set(header.name, "file");
    await this.#finish(path, header);
  }

  async #takeSymlink(header: Header): Promise<void> {
    await this.#clear(header.name);
    const path = this.#pathOf(header.name);
    await symlink(header.linkname, path);
    this.#kinds.set(header.name, "symlink");
    await give(header, () => lchown(path, header.uid, header.gid));
  }

  async #takeLink(header: Header): Promise<void> {
    const target = cleanName(header.linkname);
    if (this.#kinds.get(target) !== "file")
      throw refuse(`${show(header.name)} is a link to ${show(target)}, which is no file of the archive before it`);
    if (target === header.name) return;
    await this.#clear(header.name);
    await link(this.#pathOf(target), this.#pathOf(header.name));
    this.#kinds.set(header.name, "file");
  }

  /** A name that comes again stands for its last entry (tar(5)). */
  async #clear(name: string): Promise<void> {
    const kind = this.#kinds.get(name);
    if (kind === "directory") throw replaced(name);
    if (kind !== undefined) await unlink(this.#pathOf(name));
    this.#kinds.delete(name);
  }

  async #finish(path: string, header: Header): Promise<void> {
    const { uid, gid, mode, mtime } = header;
    // The owner first: a change of owner takes set-id bits away (chown(2)).
    await give(header, () => chown(path, uid, gid));
    await chmod(path, mode & 0o7777);
    await utimes(path, mtime, mtime);
  }

  #pathOf(name: string): string {
    return join(this.#directory, name);
  }
}

/** chown(2), EPERM: only root gives files away; anyone may keep their own. */
async function give({ name, uid, gid }: Header, change: () => Promise<void>): Promise<void> {
  try {
    await change();
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EPERM")) throw cause;
    const [ownUser, ownGroup] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
    throw new OperatingError(
      "not_supported",
      `${show(name)} belongs to ${String(uid)}:${String(gid)}, and this server is not root and cannot give files away: pack with --owner=${String(ownUser)} --group=${String(ownGroup)}, or run the server as root`,
      { cause },
    );
  }
}

/** `./a//b/` → `a/b`; the root itself is "". @throws OperatingError for a name that leads elsewhere. */
function cleanName(name: string): string {
  if (name.startsWith("/")) throw refuse(`${show(name)} is an absolute path: pack with relative names`);
  if (name.includes("\0")) throw refuse("a name has a NUL byte");
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw refuse(`${show(name)} leads out of the archive`);
  return parts.join("/");
}

function replaced(name: string): OperatingError {
  return refuse(`${show(name)} is a directory and something else`);
}

function refuse(why: string): OperatingError {
  return new OperatingError("invalid_request", `the archive is refused: ${why}`);
}

/** A name as JSON writes it, so that no control character reaches a terminal, and short. */
function show(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);
}

/** zlib's codes (zlib.net/manual.html), tar-stream's own words, and names that no filesystem takes. */
function explain(failure: unknown): unknown {
  if (!(failure instanceof Error) || failure instanceof OperatingError) return failure;
  const code = "code" in failure ? String(failure.code) : "";
  if (code === "ENOSPC" || code === "EDQUOT") return diskFull(failure);
  if (code === "ENAMETOOLONG") return refuse("a name in it is too long");
  if (code === "Z_BUF_ERROR" || failure.message.includes("Unexpected end of data")) return refuse("it ends too early");
  if (code.startsWith("Z_")) return refuse("it is not compressed by gzip, or damaged");
  if (/Invalid tar header|Invalid header|Header exceeds max size/.test(failure.message))
    return refuse("what gzip gives is no tar archive");
  return failure;
}
