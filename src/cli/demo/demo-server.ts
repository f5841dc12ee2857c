import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { assert } from "../../lib/assert.ts";
import { RametCalls } from "../../client/calls.ts";
import { CommandFailure } from "../failures.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";

/** The first start may have to try out the accelerator with a real boot. */
const readyWithinMs = 120_000;
const endsWithinMs = 60_000;
const logTailLines = 30;

/** The demo's own server: a child process over a data directory that nobody else uses. */
export interface DemoServer {
  readonly url: string;
  readonly client: RametCalls;
  /** Asks it to end and waits. @returns how it ended: 0 is its word that it gave everything back. */
  stop(): Promise<number | string>;
  /** Lets it live on when this process ends. */
  leave(): void;
}

/** Starts the server and resolves when it listens. */
export async function startDemoServer(
  io: Io,
  dataDirectory: string,
  options: { readonly keep: boolean },
): Promise<DemoServer> {
  await using log = await open(serverLogPath(dataDirectory), "a", 0o600);
  const server = spawn(process.execPath, serverArguments(dataDirectory, options.keep), {
    // It listens on loopback, where a certificate of this host's name would only be refused.
    env: { ...io.env, RAMET_TLS_CERT: undefined, RAMET_TLS_KEY: undefined },
    // A group of its own: Ctrl-C reaches the demo only, which then ends the server in order.
    detached: true,
    stdio: ["ignore", "pipe", log.fd],
  });
  try {
    await once(server, "spawn");
    const url = await readyUrl(server, AbortSignal.any([io.signal, AbortSignal.timeout(readyWithinMs)]));
    return {
      url,
      client: await clientOf(url, dataDirectory),
      stop: () => stop(server),
      leave: () => {
        server.unref();
        outputOf(server).destroy();
      },
    };
  } catch (error) {
    await stop(server);
    throw error;
  }
}

/** Where the server's log goes; shown when something fails. */
export function serverLogPath(dataDirectory: string): string {
  return join(dataDirectory, "server.log");
}

/** The last lines of the server's log, or nothing when it wrote none. */
export async function serverLogTail(dataDirectory: string): Promise<string[]> {
  const text = await readFile(serverLogPath(dataDirectory), "utf8");
  return text.trimEnd().split("\n").slice(-logTailLines);
}

/**
 * Processes whose command line names the data directory, but not this one: its server and the hypervisors that belong to it.
 * The directory's name is random, so nobody else's process is meant. Source: /proc/PID/cmdline, proc(5).
 */
export async function processesOf(dataDirectory: string): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const named = await Promise.all(pids.map(async (pid) => (await commandLineOf(pid)).includes(dataDirectory)));
  return pids.filter((pid, index) => named[index] === true && pid !== process.pid);
}

function serverArguments(dataDirectory: string, keep: boolean): string[] {
  // Beside this program: the same file in a checkout (.ts) and in a published package (.js).
  const main = fileURLToPath(new URL(`../../main${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url));
  const flags = ["--data-dir", dataDirectory, "--listen", "127.0.0.1:0", "--ready-json"];
  // Its end is then the end of its VMs too, whatever state the demo broke off in.
  if (!keep) flags.push("--end-machines-on-exit");
  return [...process.execArgv, main, "serve", ...flags];
}

/** The server says `{"url":…,"dataDir":…}` on stdout once it listens; its end before that is the failure. */
function readyUrl(server: ChildProcess, signal: AbortSignal): Promise<string> {
  const ready = Promise.withResolvers<string>();
  // Goes on reading, and drops what it reads: the server must never wait for a reader.
  createInterface({ input: outputOf(server) }).on("line", (line) => {
    const url = urlIn(line);
    if (url !== undefined) ready.resolve(url);
  });
  server.once("exit", (code, ending) => {
    ready.reject(notReady(`ended with ${String(code ?? ending)} before it listened`));
  });
  const abort = (): void => {
    ready.reject(
      isTimeout(signal.reason) ? notReady(`did not listen within ${readyWithinMs / 1000} s`) : signal.reason,
    );
  };
  signal.addEventListener("abort", abort, { once: true });
  return ready.promise;
}

function outputOf(server: ChildProcess): Readable {
  assert(server.stdout !== null, "the server was started with a pipe for its output");
  return server.stdout;
}

function urlIn(line: string): string | undefined {
  try {
    const ready = JSON.parse(line) as { url?: unknown; dataDir?: unknown } | null;
    return typeof ready?.url === "string" && typeof ready.dataDir === "string" ? ready.url : undefined;
  } catch {
    return undefined;
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}

function notReady(what: string): CommandFailure {
  return new CommandFailure("server_not_ready", `the demo's server ${what}`, {
    exitCode: exitCodes.failed,
    hint: "see what this machine lacks: ./ramet doctor",
  });
}

async function clientOf(url: string, dataDirectory: string): Promise<RametCalls> {
  const token = await readFile(join(dataDirectory, "token"), "utf8");
  return new RametCalls({ baseUrl: url, token: token.trim() });
}

/** SIGTERM, and SIGKILL when that is not heard. */
async function stop(server: ChildProcess): Promise<number | string> {
  if (server.exitCode === null && server.signalCode === null) {
    const exited = once(server, "exit");
    server.kill("SIGTERM");
    const overdue = setTimeout(() => server.kill("SIGKILL"), endsWithinMs);
    await exited;
    clearTimeout(overdue);
  }
  return server.exitCode ?? server.signalCode ?? "unknown";
}

async function commandLineOf(pid: number): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/cmdline`, "utf8");
  } catch (error) {
    // It ended while we looked.
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")) return "";
    throw error;
  }
}
