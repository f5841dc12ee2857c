import type { Io } from "./io.ts";
import { runCli } from "./run-cli.ts";

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  // Once: a second Ctrl-C ends the process at once, whatever it waits for.
  process.once(signal, () => {
    interruption.abort(new Error(`interrupted by ${signal}`));
  });
}

// Each write reports its failure to its writer (io.ts); without a listener the same failure would end the process with a stack trace.
const reportedToTheWriter = (): void => undefined;
process.stdout.on("error", reportedToTheWriter);
process.stderr.on("error", reportedToTheWriter);

const io: Io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: interruption.signal,
  quiet: false,
};
process.exitCode = await runCli(process.argv.slice(2), io);
