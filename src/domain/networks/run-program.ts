import { execFile } from "node:child_process";

/** A program of the host ended with a failure; its own words are the message's. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
}

// The kernel answers in milliseconds; a host that is about to swap may take longer.
const limitMs = 30_000;

/**
 * Runs a program with `input` on its stdin and answers its stdout.
 * @throws ProgramError when it is missing, fails, or takes longer than 30 s.
 */
export async function runProgram(name: string, args: readonly string[], input: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = {
    timeout: limitMs,
    killSignal: "SIGKILL",
    env: { ...process.env, PATH: searchPath, LC_ALL: "C" },
  } as const;
  const child = execFile(name, args, options, (failure, stdout, stderr) => {
    if (failure === null) resolve(stdout);
    else
      reject(
        new ProgramError(`${name}: ${stderr.trim() === "" ? failure.message : stderr.trim()}`, { cause: failure }),
      );
  });
  // A program that ends before it has read everything tells why by its exit.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(input);
  return promise;
}

/** Administrators' programs are in directories that a user's PATH may lack. */
const searchPath = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;

/** Whether the program can be started. */
export async function hasProgram(name: string, versionFlag: string): Promise<boolean> {
  try {
    await runProgram(name, [versionFlag], "");
    return true;
  } catch (failure) {
    if (failure instanceof ProgramError) return false;
    throw failure;
  }
}
