import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { runCli } from "../../src/cli/run-cli.ts";

export interface InProcessRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The same command line without a process of its own: for tests that run many, of what a process adds nothing to. */
export async function rametHere(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<InProcessRun> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const written = Promise.all([text(stdout), text(stderr)]);
  const exitCode = await runCli(words, {
    stdin: Readable.from([]),
    stdout,
    stderr,
    env: { RAMET_DATA_DIR: "/nonexistent", ...env },
    signal: new AbortController().signal,
    quiet: false,
  });
  stdout.end();
  stderr.end();
  const [out, err] = await written;
  return { exitCode, stdout: out, stderr: err };
}
