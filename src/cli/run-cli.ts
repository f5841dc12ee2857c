import { CommanderError } from "commander";
import { isRametError, RametApiError, type RametError } from "../client/errors.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import { CommandFailure, ExitStatus, UsageError } from "./failures.ts";
import { hintFor } from "./hints.ts";
import type { Io } from "./io.ts";
import { complain, printJson } from "./io.ts";
import { formatInWords } from "./output.ts";
import { paintFor } from "./paint.ts";
import { printable } from "./printable.ts";
import { buildProgram } from "./program.ts";

/**
 * Runs one command line and gives the exit code. Results go to stdout, everything else to stderr. With `--json` a failure is one JSON
 * value on stdout too, so that a program needs to read one stream only.
 */
export async function runCli(words: readonly string[], io: Io): Promise<number> {
  try {
    await buildProgram(io).parseAsync(words, { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    return await report(error, words, io);
  }
}

async function report(error: unknown, words: readonly string[], io: Io): Promise<number> {
  if (io.signal.aborted) return exitCodes.interrupted;
  if (isBrokenPipe(error)) return exitCodes.brokenPipe;
  if (error instanceof ExitStatus) return error.exitCode;
  // Commander has said it, on the stream where it belongs.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  const exitCode = exitCodeOf(error);
  if (!isExpected(error)) {
    complain(io, error instanceof Error ? (error.stack ?? error.message) : String(error));
    return exitCode;
  }
  const hint = hintFor(error);
  const paint = paintFor(io, "stderr");
  complain(io, `${paint("red", "ramet:")} ${printable(error.message)} (${codeOf(error)})`);
  if (hint !== undefined) complain(io, hint);
  if (formatInWords(words) !== "table") await printJson(io, { error: { ...factsOf(error), exit_code: exitCode } });
  return exitCode;
}

type ExpectedError = RametError | UsageError | CommandFailure;

function isExpected(error: unknown): error is ExpectedError {
  return isRametError(error) || error instanceof UsageError || error instanceof CommandFailure;
}

function codeOf(error: ExpectedError): string {
  return error instanceof UsageError ? "usage" : error.code;
}

function factsOf(error: ExpectedError): Record<string, unknown> {
  const details = error instanceof RametApiError ? error.details : undefined;
  return { code: codeOf(error), message: error.message, ...(details === undefined ? {} : { details }) };
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}
