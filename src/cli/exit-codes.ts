import { RametApiError, RametConnectionError, RametSettingsError, RametStateError } from "../client/errors.ts";
import { CommandFailure, ExitStatus, UsageError } from "./failures.ts";

/** The table of docs/reference/cli.md and of `ramet help exit-codes`; a test holds them together. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  notFound: 4,
  conflict: 5,
  noAck: 6,
  timeout: 124,
  execFailed: 125,
  interrupted: 130,
  brokenPipe: 141,
} as const;

export const exitCodeMeanings: readonly (readonly [code: number, meaning: string])[] = [
  [exitCodes.ok, "done"],
  [exitCodes.failed, "the server refused, or the operation failed"],
  [exitCodes.usage, "the command line makes no sense"],
  [exitCodes.unreachable, "the server cannot be reached"],
  [exitCodes.notFound, "there is no such instance or snapshot"],
  [exitCodes.conflict, "a conflict: wrong state, name taken, instance busy, mailbox not there, ambiguous id"],
  [exitCodes.noAck, "a child did not acknowledge its mail in time, or said that it failed"],
  [exitCodes.timeout, "the time that was given with --timeout is over"],
  [exitCodes.execFailed, "exec: the command could not be run (any other code of exec is the command's own)"],
  [exitCodes.interrupted, "interrupted, by Ctrl-C or a signal"],
  [exitCodes.brokenPipe, "whoever read the output went away"],
];

/** The exit code that an error ends the command with. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ExitStatus || error instanceof CommandFailure) return error.exitCode;
  if (error instanceof UsageError || error instanceof RametSettingsError) return exitCodes.usage;
  if (error instanceof RametStateError) return error.code === "timeout" ? exitCodes.timeout : exitCodes.failed;
  if (error instanceof RametConnectionError) return exitCodes.unreachable;
  if (error instanceof RametApiError) return exitCodeOfRefusal(error);
  return exitCodes.failed;
}

function exitCodeOfRefusal({ code, status }: RametApiError): number {
  return status === 409 ? exitCodes.conflict : exitCodeOfCode(code);
}

/** The codes that the server answers with 409, as docs/reference/errors.md lists them. */
const conflicts = [
  "ambiguous",
  "invalid_state",
  "name_conflict",
  "instance_busy",
  "mailbox_not_found",
  "mailbox_ambiguous",
  "mailbox_not_armed",
  "image_mismatch",
  "volume_in_use",
  "image_in_use",
  "insufficient_resources",
];

/** The same of an error that is one of several and has no status of its own. */
export function exitCodeOfCode(code: string): number {
  if (code === "not_found") return exitCodes.notFound;
  if (code === "ack_timeout" || code === "ack_failed") return exitCodes.noAck;
  return conflicts.includes(code) ? exitCodes.conflict : exitCodes.failed;
}
