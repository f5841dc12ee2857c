import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { OperatingError } from "../../errors.ts";
import { abortReason } from "../../lib/deadline.ts";

/** A program of the host ended with a failure, or could not be started. */
export class ToolError extends Error {
  override readonly name = "ToolError";
  /** What it wrote to stderr, the end of it. */
  readonly words: string;
  /** The program's name, when this host has no such program. */
  readonly missing: string | null;

  constructor(tool: string, words: string, isMissing: boolean) {
    super(`${tool} failed: ${words}`);
    this.words = withoutOwnPaths(words);
    this.missing = isMissing ? tool : null;
  }
}

/** The server's own files are not a caller's business. */
function withoutOwnPaths(words: string): string {
  return words.replace(/\/\S*\/images\/(?:making|blobs|roots)(?:\/[^\s:"]*)?/g, "its files");
}

const wordsBytes = 8192;
/** A manifest has at most 4 MiB (distribution-spec). */
const outputBytes = 8 << 20;

/**
 * Runs a program to its end and gives its stdout. It works in `directory` and keeps its temporary files there, so that whatever it
 * leaves behind, or goes on with when this process dies, is found.
 * @throws ToolError; the signal's reason when that aborts, after the program was killed and is gone.
 */
export async function runTool(
  directory: string,
  command: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<Buffer> {
  signal.throwIfAborted();
  // Directories that an archive does not name are made with the mode that is usual, not with this server's.
  const wrapped = ["-c", 'umask 022; exec "$@"', "sh", command, ...args];
  const child = spawn("/bin/sh", wrapped, {
    cwd: directory,
    env: { ...process.env, LC_ALL: "C", TMPDIR: directory, PATH: searchPath() },
    stdio: ["ignore", "pipe", "pipe"],
    // A session of its own: unpacking an image has no part in this server's share of the processors.
    detached: true,
  });
  const kill = (): void => {
    child.kill("SIGKILL");
  };
  signal.addEventListener("abort", kill, { once: true });
  const output: Buffer[] = [];
  let length = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > outputBytes) kill();
    else output.push(chunk);
  });
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    words = (words + chunk).slice(-wordsBytes);
  });
  try {
    // Both pipes have ended by then, too.
    const [exitCode, endSignal] = (await once(child, "close")) as [number | null, string | null];
    if (signal.aborted) throw abortReason(signal);
    if (exitCode === 0 && length <= outputBytes) return Buffer.concat(output);
    // What the shell answers when it finds no such program (POSIX, "exit status for commands").
    const isMissing = exitCode === 127;
    throw new ToolError(command, words.trim() || `it ended with ${endSignal ?? String(exitCode)}`, isMissing);
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

/** What to say of a program that is missing. */
export function missingTool(tool: string): OperatingError {
  return new OperatingError("not_supported", `this host has no ${tool}: run ./ramet setup as root, or install it`);
}

/** Whether this host has a program of this name, where `runTool` looks for it. */
export function hasTool(name: string): boolean {
  return searchPath()
    .split(":")
    .some((directory) => directory !== "" && isExecutable(join(directory, name)));
}

/** Administrators' programs are in directories that a user's PATH may lack. */
function searchPath(): string {
  return `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
