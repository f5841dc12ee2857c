import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { UndoStack } from "../../lib/undo-stack.ts";
import type { RametCalls } from "../../client/calls.ts";
import { isRametError } from "../../client/errors.ts";
import type { ExecExit, ExecSession } from "../../client/exec.ts";
import type { ExecBody } from "../../client/shapes.ts";
import { exitCodes } from "../exit-codes.ts";
import { CommandFailure, ExitStatus, UsageError } from "../failures.ts";
import { hintFor } from "../hints.ts";
import type { Io } from "../io.ts";
import { note, printJson } from "../io.ts";
import { collect, connect, integer, wantsJson } from "../options.ts";
import { addVerb } from "../verb.ts";
import { parseEnvironment } from "./instance-options.ts";

interface ExecOptions {
  readonly interactive?: boolean;
  readonly tty?: boolean;
  readonly env?: readonly string[];
  readonly workdir?: string;
  readonly timeout?: number;
}

const examples = [
  ["ramet exec base -- uname -a", "run a command in the guest; its exit code becomes ours"],
  ["ramet exec base -it -- sh", "a shell"],
  ["tar c . | ramet exec base -i -w /srv -- tar x", "bytes in and out are exact"],
  ["ramet exec base --timeout 5 -- make test", "end it after five seconds: exit code 124"],
] as const;

/** `ramet exec`: a command in a running instance. */
export function addExecCommand(program: Command, io: Io): void {
  addVerb(program, "exec <instance> <command...>", "run a command in a running instance", examples)
    .option("-i, --interactive", "pass standard input on")
    .option("-t, --tty", "give the command a terminal; standard input is passed on")
    .option("-e, --env <key=value>", "environment; KEY alone takes this shell's value; repeatable", collect)
    .option("-w, --workdir <dir>", "directory to run in")
    .option("--timeout <seconds>", "end the command when they are over", integer(1, 86_400))
    .action(async (reference: string, words: string[], options: ExecOptions, command: Command) => {
      const body = execBody(words, options, io);
      const client = await connect(command, io);
      const attach = wantsJson(command) ? attachAsJson : options.tty === true ? attachTerminal : attachStreams;
      const exit = await explained(() => run(io, client, reference, body, options.interactive === true, attach));
      if (exit.timedOut) note(io, `ramet: the command was ended after ${options.timeout ?? 0} s (timeout)`);
      throw new ExitStatus(exitCodeOfCommand(exit));
    });
}

/** Moves bytes until the command ended, and gives its end. */
type Attach = (io: Io, session: ExecSession, interactive: boolean) => Promise<ExecExit>;

async function run(
  io: Io,
  client: RametCalls,
  reference: string,
  body: ExecBody,
  interactive: boolean,
  attach: Attach,
): Promise<ExecExit> {
  await using undo = new UndoStack();
  const ours = new AbortController();
  const session = await client.exec(reference, body, AbortSignal.any([io.signal, ours.signal]));
  // Whatever goes wrong on our side also ends the command.
  undo.push(() => {
    ours.abort();
  });
  return await attach(io, session, interactive);
}

async function attachStreams(io: Io, session: ExecSession, interactive: boolean): Promise<ExecExit> {
  await using undo = new UndoStack();
  passInput(io, session, interactive, undo);
  const [exit] = await Promise.all([
    session.exited,
    pipeline(session.stdout, io.stdout, { end: false }),
    pipeline(session.stderr, io.stderr, { end: false }),
  ]);
  return exit;
}

async function attachTerminal(io: Io, session: ExecSession): Promise<ExecExit> {
  await using undo = new UndoStack();
  const resize = (): void => {
    session.resize(terminalSize(io));
  };
  io.stdout.on("resize", resize);
  undo.push(() => io.stdout.off("resize", resize));
  // From here on Ctrl-C is a key for the guest.
  io.stdin.setRawMode?.(true);
  undo.push(() => io.stdin.setRawMode?.(false));
  return await attachStreams(io, session, true);
}

async function attachAsJson(io: Io, session: ExecSession, interactive: boolean): Promise<ExecExit> {
  await using undo = new UndoStack();
  passInput(io, session, interactive, undo);
  const [exit, stdout, stderr] = await Promise.all([session.exited, buffer(session.stdout), buffer(session.stderr)]);
  await printJson(io, {
    exit_code: exit.exitCode,
    signal: exit.signal,
    timed_out: exit.timedOut,
    ...asText("stdout", stdout),
    ...asText("stderr", stderr),
  });
  return exit;
}

/** Without -i the command reads an empty input. */
function passInput(io: Io, session: ExecSession, interactive: boolean, undo: UndoStack): void {
  if (!interactive) {
    session.stdin.end();
    return;
  }
  const ended = new AbortController();
  const passed = pipeline(io.stdin, session.stdin, { signal: ended.signal }).catch((error: unknown) => {
    // The command may end before its input does.
    if (!ended.signal.aborted) throw error;
  });
  undo.push(async () => {
    ended.abort();
    await passed;
  });
}

/** Bytes that are no UTF-8 cannot stand in JSON: they are given in base64, under another key. */
function asText(key: string, bytes: Buffer): Record<string, string> {
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? { [key]: text } : { [`${key}_base64`]: bytes.toString("base64") };
}

function execBody(words: readonly string[], options: ExecOptions, io: Io): ExecBody {
  if (options.tty === true && io.stdin.isTTY !== true) throw new UsageError("-t needs a terminal on standard input");
  return {
    command: words,
    ...(options.env === undefined ? {} : { env: parseEnvironment(options.env, io) }),
    ...(options.workdir === undefined ? {} : { cwd: options.workdir }),
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
    ...(options.tty === true ? { tty: true, ...terminalSize(io) } : {}),
  };
}

function terminalSize(io: Io): { cols: number; rows: number } {
  return { cols: io.stdout.columns ?? 80, rows: io.stdout.rows ?? 24 };
}

/** As a shell tells it: 128 + n for a command that signal n ended. */
function exitCodeOfCommand({ exitCode, signal, timedOut }: ExecExit): number {
  if (timedOut) return exitCodes.timeout;
  if (exitCode !== null) return exitCode;
  return signal === null ? exitCodes.execFailed : 128 + signal;
}

/** All codes but 125 belong to the command, so every failure of ours becomes that one. */
async function explained(attempt: () => Promise<ExecExit>): Promise<ExecExit> {
  try {
    return await attempt();
  } catch (error) {
    if (isRametError(error)) {
      const hint = hintFor(error);
      const options = { exitCode: exitCodes.execFailed, ...(hint === undefined ? {} : { hint }) };
      throw new CommandFailure(error.code, error.message, options);
    }
    throw error;
  }
}
