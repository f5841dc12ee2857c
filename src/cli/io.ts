import type { Readable, Writable } from "node:stream";

/** What a command may touch of the process. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
  /** Whether notes and progress are unwanted; known when the command line is parsed. */
  quiet: boolean;
}

/** Writes a result. Resolves when the reader took it, so that no output is lost and none piles up. */
export function print(io: Io, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    io.stdout.write(text, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** One JSON value on its own line. */
export function printJson(io: Io, value: unknown): Promise<void> {
  return print(io, `${JSON.stringify(value)}\n`);
}

/** Tells the user something that is not a result: on stderr, so that stdout stays parseable. Not with `--quiet`. */
export function note(io: Io, line: string): void {
  if (!io.quiet) complain(io, line);
}

/** Tells the user what went wrong, on stderr. */
export function complain(io: Io, line: string): void {
  io.stderr.write(`${line}\n`);
}
