/**
 * The two ways to speak of an exec on one path. The first frame tells which:
 *
 *     has `framed`      Ramet's: errors as {error}, the exit with its signal, text frames steer
 *     has it not        Hypeman's: `{"exitCode":N}` is always a number, a failed start is output and 127, text frames are input but for
 *                       a terminal's {resize}; no command is a shell
 */
import type { ExecRequest } from "../domain/instances/exec-in-instance.ts";
import { OperatingError, type ErrorCode } from "../errors.ts";
import type { ExecExit, ExecSession } from "../guest/agent-client.ts";
import type { Frame } from "./frame-inbox.ts";
import { ExecControl, ExecResize, ExecStart, HypemanExecStart } from "./schemas/exec.ts";
import { makeReader } from "./validation.ts";
import { parseFrame } from "./web-socket.ts";
import { checkWorkloadSize } from "./workload-size.ts";

export interface StartFailure {
  readonly messages: readonly (Buffer | string)[];
  readonly code: ErrorCode;
}

export interface ExecDialect {
  /** Whether each binary message begins with its stream's number. */
  readonly isFramed: boolean;
  /** The last text frame. */
  exitMessage(exit: ExecExit): object;
  /** Does what a text frame says; false when it says nothing and is input. @throws OperatingError `invalid_request`. */
  control(session: ExecSession, frame: Frame): boolean;
  /** What the client is told of a program that did not start, before a close with 1000; null: it is an error like any other. */
  describeStartFailure(failure: unknown): StartFailure | null;
}

const readStart = makeReader(ExecStart, "first frame");
const readHypemanStart = makeReader(HypemanExecStart, "first frame");
const readControl = makeReader(ExecControl, "text frame");
const readResize = makeReader(ExecResize, "text frame");

/** The shell's words for it (POSIX, "Exit Status for Commands"): 128 and the signal's number. */
const signalledExit = 128;
/** What timeout(1) answers. */
const timedOutExit = 124;
/** What a shell answers for a command that it cannot find. */
const notStartedExit = 127;

/** @throws OperatingError `invalid_request`. */
export function readExecStart(start: unknown): { readonly request: ExecRequest; readonly dialect: ExecDialect } {
  const speaksRamet = typeof start === "object" && start !== null && "framed" in start;
  return speaksRamet ? readRametStart(start) : readHypeman(start);
}

function readRametStart(frame: unknown) {
  const start = readStart(frame);
  checkWorkloadSize(start);
  const request: ExecRequest = {
    argv: start.command,
    env: start.env ?? {},
    cwd: start.cwd ?? null,
    tty: start.tty === true ? { cols: start.cols ?? 80, rows: start.rows ?? 24 } : null,
    timeoutMs: start.timeout === undefined ? null : Math.ceil(start.timeout * 1000),
    agentWithinMs: null,
  };
  return { request, dialect: rametDialect(start.framed) };
}

/** Its Go client leaves out what is zero, and sends null for no command. */
function readHypeman(frame: unknown) {
  const start = readHypemanStart(frame);
  const command = start.command ?? [];
  const env = start.env ?? {};
  checkWorkloadSize({ command, env });
  const request: ExecRequest = {
    argv: command.length === 0 ? ["/bin/sh"] : command,
    env,
    cwd: orNull(start.cwd),
    tty: start.tty === true ? { cols: orNull(start.cols) ?? 80, rows: orNull(start.rows) ?? 24 } : null,
    timeoutMs: inMs(start.timeout),
    agentWithinMs: inMs(start.wait_for_agent),
  };
  return { request, dialect: hypemanDialect(start.tty === true) };
}

function orNull<Value extends string | number>(value: Value | undefined): Value | null {
  return value === undefined || value === "" || value === 0 ? null : value;
}

function inMs(seconds: number | undefined): number | null {
  return seconds === undefined || seconds === 0 ? null : seconds * 1000;
}

export function rametDialect(isFramed: boolean): ExecDialect {
  return {
    isFramed,
    exitMessage: ({ exitCode, signal, timedOut }) => ({ exitCode, signal, timedOut }),
    control: (session, frame) => {
      const order = readControl(parseFrame(frame));
      if (order.resize !== undefined) session.resize(order.resize.cols, order.resize.rows);
      if (order.signal !== undefined) session.kill(order.signal);
      if (order.eof === true && session.stdin.writable) session.stdin.end();
      return true;
    },
    describeStartFailure: () => null,
  };
}

function hypemanDialect(isTerminal: boolean): ExecDialect {
  return {
    isFramed: false,
    exitMessage: (exit) => ({ exitCode: shellExit(exit) }),
    control: (session, frame) => {
      const size = isTerminal ? sizeIn(frame) : null;
      if (size !== null) session.resize(size.cols, size.rows);
      return size !== null;
    },
    describeStartFailure: (failure) => {
      if (!(failure instanceof OperatingError)) return null;
      // Its client shows binary messages, in a terminal that may be raw.
      const output = Buffer.from(`Error: ${failure.message}\r\n`);
      return { messages: [output, JSON.stringify({ exitCode: notStartedExit })], code: failure.code };
    },
  };
}

function shellExit({ exitCode, signal, timedOut }: ExecExit): number {
  if (timedOut) return timedOutExit;
  return exitCode ?? signalledExit + (signal ?? 0);
}

/** Null for what is no resize: somebody typed it. */
function sizeIn(frame: Frame): { readonly cols: number; readonly rows: number } | null {
  try {
    return readResize(parseFrame(frame)).resize;
  } catch (failure) {
    if (failure instanceof OperatingError) return null;
    throw failure;
  }
}
