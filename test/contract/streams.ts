/** What Hypeman's clients do beside the HTTP calls: its Go client's exec, and reading a stream of log lines. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { lstatSync, readdirSync, readFileSync, readlinkSync, watch } from "node:fs";
import { join, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { WebSocket } from "ws";

export interface HypemanExec {
  readonly socket: WebSocket;
  /** Resolves when the server closed the connection. */
  readonly ended: Promise<{ readonly output: string; readonly texts: readonly string[]; readonly closeCode: number }>;
}

/** Opens an exec as the Go client does: one text frame of JSON, then binary frames both ways. */
export async function openHypemanExec(
  { url, token }: { readonly url: string; readonly token: string },
  id: string,
  start: object,
): Promise<HypemanExec> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/instances/${id}/exec`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const binary: Buffer[] = [];
  const texts: string[] = [];
  socket.on("message", (data: Buffer, isBinary) => {
    if (isBinary) binary.push(data);
    else texts.push(data.toString("utf8"));
  });
  const ended = once(socket, "close").then(([closeCode]) => ({
    output: Buffer.concat(binary).toString("utf8"),
    texts,
    closeCode: closeCode as number,
  }));
  await once(socket, "open");
  socket.send(JSON.stringify(start));
  return { socket, ended };
}

/** The lines of a log stream until one is the last that is wanted. */
export async function readUntil(lines: AsyncIterable<string>, isLast: (line: string) => boolean): Promise<string[]> {
  const read: string[] = [];
  for await (const line of lines) {
    read.push(line);
    if (isLast(line)) break;
  }
  return read;
}

/** What a directory holds, as far as a copy must keep it: kinds, modes, contents and links, by path. Links are not followed. */
export function describeTree(root: string): Record<string, string> {
  return Object.fromEntries(entriesOf(root).map((path) => [relative(root, path), describeEntry(path)]));
}

/** The official client is done when its last file is flushed: those before it may still be on their way to the disk. */
export async function treeBecomes(
  root: string,
  expected: Readonly<Record<string, string>>,
  aborted: AbortSignal,
): Promise<void> {
  const watcher = watch(root, { recursive: true });
  const signal = AbortSignal.any([aborted, AbortSignal.timeout(10_000)]);
  try {
    while (!isDeepStrictEqual(describeTree(root), expected)) await once(watcher, "change", { signal });
  } catch {
    assert.deepEqual(describeTree(root), expected);
  } finally {
    watcher.close();
  }
}

function entriesOf(directory: string): string[] {
  const entries = readdirSync(directory, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? [path, ...entriesOf(path)] : [path];
  });
}

function describeEntry(path: string): string {
  const status = lstatSync(path);
  if (status.isSymbolicLink()) return `link to ${readlinkSync(path)}`;
  const mode = (status.mode & 0o777).toString(8);
  return status.isDirectory() ? `directory ${mode}` : `file ${mode} ${readFileSync(path).toString("base64")}`;
}
