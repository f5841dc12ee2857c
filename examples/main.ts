/**
 * `./ramet example NAME`: runs an example with a server of its own, which ends with all that was started on it.
 * Whoever has a server that was started with `--image-source-dir build/examples` may run examples/NAME/main.ts itself.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdirSync } from "node:fs";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { imagesDirectory, readOptions } from "./steps.ts";

const readyWithinMs = 120_000;
const endsWithinMs = 60_000;

const shownLogLines = 20;
const examples = globSync("*/main.ts", { cwd: import.meta.dirname }).map((file) => basename(dirname(file)));
const usage = `usage: ramet example ${examples.sort().join("|")} [--size N] [--children 8] [--cold 0] [--json]\n`;

const [example = "", ...words] = process.argv.slice(2);
if (example === "--help" || example === "-h") process.stdout.write(usage);
else if (isRight()) process.exitCode = await runExample();
else process.exitCode = 2;

/** What is wrong is said before anything is started. */
function isRight(): boolean {
  try {
    if (!examples.includes(example))
      throw new Error(example === "" ? "name an example" : `there is no example ${example}`);
    readOptions(words, 1000);
    return true;
  } catch (error) {
    process.stderr.write(`ramet: ${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return false;
  }
}

/** @returns its exit code. */
async function runExample(): Promise<number> {
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      interrupted.abort();
    });
  await using undo = new AsyncDisposableStack();
  const dataDirectory = await mkdtemp(join(tmpdir(), "ramet-example-"));
  undo.defer(() => rm(dataDirectory, { recursive: true, force: true }));
  const logPath = join(dataDirectory, "server.log");
  const server = await spawnServer(dataDirectory, logPath);
  undo.defer(() => stop(server));
  const url = await urlOf(server, AbortSignal.any([interrupted.signal, AbortSignal.timeout(readyWithinMs)]));
  const program = spawn(
    process.execPath,
    [...process.execArgv, join(import.meta.dirname, example, "main.ts"), ...words],
    {
      // The token is the data directory's, where `new RametClient()` finds it.
      env: { ...process.env, RAMET_URL: url, RAMET_DATA_DIR: dataDirectory, RAMET_TOKEN: "", RAMET_TOKEN_FILE: "" },
      stdio: "inherit",
    },
  );
  interrupted.signal.addEventListener("abort", () => program.kill());
  const [code] = (await once(program, "exit")) as [number | null];
  if (code !== 0 && !interrupted.signal.aborted) await showEnd(logPath);
  return code ?? 1;
}

async function showEnd(logPath: string): Promise<void> {
  const lines = (await readFile(logPath, "utf8")).trimEnd().split("\n");
  process.stderr.write(`The server's last words:\n${lines.slice(-shownLogLines).join("\n")}\n`);
}

async function spawnServer(dataDirectory: string, logPath: string): Promise<ChildProcess> {
  // It must be there when the server starts.
  mkdirSync(imagesDirectory, { recursive: true });
  await using log = await open(logPath, "a", 0o600);
  const flags = ["--data-dir", dataDirectory, "--image-source-dir", imagesDirectory, "--listen", "127.0.0.1:0"];
  const server = spawn(
    join(import.meta.dirname, "../ramet"),
    ["serve", ...flags, "--ready-json", "--end-machines-on-exit"],
    {
      // On loopback, where a certificate of this host's name would be refused.
      env: { ...process.env, RAMET_TLS_CERT: undefined, RAMET_TLS_KEY: undefined },
      // A group of its own: Ctrl-C reaches this program, which ends the server in order.
      detached: true,
      stdio: ["ignore", "pipe", log.fd],
    },
  );
  await once(server, "spawn");
  return server;
}

/** The server says `{"url":…}` on stdout when it listens. */
async function urlOf(server: ChildProcess, signal: AbortSignal): Promise<string> {
  if (server.stdout === null) throw new Error("the server was started with a pipe for its output");
  const ended = once(server, "exit", { signal }).then(([code]) => {
    throw new Error(`the server ended with ${String(code)} before it listened: see ./ramet doctor`);
  });
  const [line] = (await Promise.race([once(createInterface(server.stdout), "line", { signal }), ended])) as [string];
  return (JSON.parse(line) as { url: string }).url;
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, "exit");
  server.kill("SIGTERM");
  const overdue = setTimeout(() => server.kill("SIGKILL"), endsWithinMs);
  await exited;
  clearTimeout(overdue);
}
