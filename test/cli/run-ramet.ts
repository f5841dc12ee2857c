import { spawn } from "node:child_process";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

export interface RametRun {
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface RametOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Buffer;
  /** Called once with the process when it wrote something on stdout. */
  readonly onOutput?: (process: { kill(signal: NodeJS.Signals): boolean }) => void;
}

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const endsWithinMs = 30_000;

/** Runs the command line as its own process with an environment that knows no server, and gives all that it wrote. */
export async function ramet(words: readonly string[], options: RametOptions = {}): Promise<RametRun> {
  const child = spawn(process.execPath, [main, ...words], {
    env: {
      PATH: process.env["PATH"],
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
      RAMET_DATA_DIR: "/nonexistent",
      ...options.env,
    },
    stdio: ["pipe", "pipe", "pipe"],
    signal: AbortSignal.timeout(endsWithinMs),
  });
  // The command may end before it read its input.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.stdin ?? "");
  child.stdout.once("data", () => options.onOutput?.(child));
  const [stdout, stderr] = await Promise.all([buffer(child.stdout), buffer(child.stderr), once(child, "close")]);
  return { exitCode: child.exitCode, stdout, stderr: stderr.toString("utf8") };
}
