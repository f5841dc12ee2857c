/**
 * A child process that may outlive us, and everything that can go wrong with it:
 *
 *     spawn ──► (not ready) ──ready──► running ──exit──► exited (reaped, last lines read)
 *                    │                    │
 *                   exit              terminate: SIGTERM, grace, SIGKILL; or kill: SIGKILL
 *                    ▼
 *              ProcessStartError with its last lines
 */
import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { untilAborted } from "./deadline.ts";
import { readChildIdentity, type ProcessIdentity } from "./process-identity.ts";

export interface SuperviseOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly directory: string;
  /** Gets stdout and stderr, appended; made with mode 0600. */
  readonly logPath: string;
  /** What the child finds as descriptors 3, 4, …; ours stay open. */
  readonly descriptors: readonly number[];
  /** What its environment has beside ours. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface ProcessExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** What it wrote last to stdout and stderr, a few kilobytes at most. */
  readonly lastWords: string;
}

/** The program could not be started, or ended before it was ready. */
export class ProcessStartError extends Error {
  override readonly name = "ProcessStartError";
  readonly lastWords: string;

  constructor(message: string, lastWords: string, options?: ErrorOptions) {
    super(lastWords === "" ? message : `${message}: ${lastWords}`, options);
    this.lastWords = lastWords;
  }
}

export interface SupervisedProcess {
  readonly identity: ProcessIdentity;
  /** Settles once, after the process was reaped. Never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** What it wrote last, so far. */
  lastWords(): string;
  /** SIGKILL; resolves when it is reaped. */
  kill(): Promise<ProcessExit>;
  /** SIGTERM, and SIGKILL when it is still there after `graceMs`; resolves when it is reaped. */
  terminate(graceMs: number): Promise<ProcessExit>;
  /** Lets this process end while the child goes on. */
  readonly release: () => void;
}

/**
 * Starts a program in a session of its own, so that neither our terminal's signals nor our death end it.
 * @throws ProcessStartError when the program cannot be started.
 */
export async function superviseProcess(options: SuperviseOptions): Promise<SupervisedProcess> {
  const log = openSync(options.logPath, "a", 0o600);
  try {
    const logStartBytes = fstatSync(log).size;
    const stdio: StdioOptions = ["ignore", log, log, ...options.descriptors];
    const env = { ...process.env, ...options.environment };
    const child = spawn(options.command, options.args, { cwd: options.directory, detached: true, stdio, env });
    const lastWords = (): string => readTail(options.logPath, logStartBytes);
    const exited = watchExit(child, lastWords);
    const identity = await identify(child, options.command);
    return makeSupervisedProcess(child, identity, exited, lastWords);
  } finally {
    closeSync(log);
  }
}

/**
 * The outcome of `ready`, raced against the process' end.
 * @throws ProcessStartError with the last lines when it ended first; the signal's reason when that aborts first.
 */
export async function readyOrExited<Result>(
  process: SupervisedProcess,
  ready: Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const failed = process.exited.then((exit) => {
    throw endedEarly(exit);
  });
  return await untilAborted(Promise.race([ready, failed]), signal);
}

/** The error for a process that ended before it was ready. */
export function endedEarly(exit: ProcessExit, options?: ErrorOptions): ProcessStartError {
  return new ProcessStartError(
    `the process ended before it was ready (${describeExit(exit)})`,
    exit.lastWords,
    options,
  );
}

/** "exit code 1" or "signal SIGKILL". */
export function describeExit(exit: Pick<ProcessExit, "exitCode" | "signal">): string {
  if (exit.signal !== null) return `signal ${exit.signal}`;
  return exit.exitCode === null ? "exit code unknown" : `exit code ${String(exit.exitCode)}`;
}

/**
 * The last lines, at most 4 KiB, of a log that started to be ours at `fromByte`. At once: the path may go through a descriptor that is
 * closed a moment later. Never throws: these words explain another failure, which an unreadable log must not hide.
 */
export function readTail(path: string, fromByte: number): string {
  try {
    const log = openSync(path, "r");
    try {
      const start = Math.max(fromByte, fstatSync(log).size - tailBytes);
      const bytes = Buffer.alloc(tailBytes);
      return bytes.toString("utf8", 0, readSync(log, bytes, 0, tailBytes, start)).trim();
    } finally {
      closeSync(log);
    }
  } catch (failure) {
    return `(its log cannot be read: ${String(failure)})`;
  }
}

const tailBytes = 4096;

function watchExit(child: ChildProcess, lastWords: () => string): Promise<ProcessExit> {
  const { promise, resolve } = Promise.withResolvers<ProcessExit>();
  const settle = (exitCode: number | null, signal: string | null): void => {
    resolve({ exitCode, signal, lastWords: lastWords() });
  };
  child.once("exit", settle);
  child.once("error", () => {
    settle(null, null);
  });
  return promise;
}

/** Without a pid nothing was started; the reason comes as an event. */
async function identify(child: ChildProcess, command: string): Promise<ProcessIdentity> {
  if (child.pid !== undefined) return readChildIdentity(child.pid);
  const { promise, resolve } = Promise.withResolvers<Error>();
  child.once("error", resolve);
  const cause = await promise;
  throw new ProcessStartError(`${command} cannot be started`, cause.message, { cause });
}

function makeSupervisedProcess(
  child: ChildProcess,
  identity: ProcessIdentity,
  exited: Promise<ProcessExit>,
  lastWords: () => string,
): SupervisedProcess {
  return {
    identity,
    exited,
    lastWords,
    kill: () => {
      child.kill("SIGKILL");
      return exited;
    },
    terminate: async (graceMs) => {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      try {
        return await exited;
      } finally {
        clearTimeout(timer);
      }
    },
    release: () => {
      child.unref();
    },
  };
}
