/**
 * A whole server for one test, over a data directory of its own:
 *
 *     startServer        the real program as a process            can be killed and started again
 *     startRametInside   the same composition in this process     the test may stand between domain and hypervisor
 *
 * Whatever a test started is ended when it is over, however it ended: processes are found by their working directory.
 */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createReadStream, existsSync } from "node:fs";
import { mkdtemp, open, readdir, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { text } from "node:stream/consumers";
import { pino } from "pino";
import { buildApp } from "../../src/api/app.ts";
import { RametCalls } from "../../src/client/calls.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import type { Dependencies } from "../../src/domain/instances/dependencies.ts";
import type { HypervisorDriver } from "../../src/hypervisors/driver.ts";
import { QemuDriver } from "../../src/hypervisors/qemu/qemu-driver.ts";
import { findTracker } from "../../src/hypervisors/qemu/write-tracker.ts";
import { UndoStack } from "../../src/lib/undo-stack.ts";
import { composeRamet } from "../../src/compose-ramet.ts";
import { killProcess, processesIn } from "./host.ts";

const checkout = resolve(import.meta.dirname, "../..");
const readyWithinMs = 120_000;
const endsWithinMs = 60_000;

/** A server that a test talks to. */
export interface Ramet {
  readonly client: RametCalls;
  readonly dataDir: string;
  /** All that the server logged so far. */
  log(): Promise<string>;
}

/** A server that is a process of its own. */
export interface ServerProcess extends Ramet {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
  /** SIGKILL: it can neither finish nor undo anything. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves when it is gone, however that came about. */
  readonly ended: Promise<void>;
  /** SIGTERM. Resolves with its exit code when it is gone. */
  stop(): Promise<number | null>;
}

/** A data directory that is removed, with every process that works in it, when the test ends. */
export async function makeDataDir(context: TestContext, within: string = tmpdir()): Promise<string> {
  const dataDir = await realpath(await mkdtemp(join(within, "ramet-vm-")));
  const endAll = (): void => {
    processesIn(dataDir).forEach(killProcess);
  };
  // The runner ends a file that hangs with a signal; its VMs must not outlive it.
  process.once("exit", endAll);
  process.once("SIGTERM", exitOnSignal);
  undoOf(context).push(async () => {
    endAll();
    process.off("exit", endAll);
    process.off("SIGTERM", exitOnSignal);
    // What was just killed still holds its files, and may have one more to write.
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10 });
  });
  undoOf(context).push(async () => {
    if (!hasPassed(context) && existsSync(logPathOf(dataDir)))
      context.diagnostic(await readFile(logPathOf(dataDir), "utf8"));
  });
  return dataDir;
}

const undos = new WeakMap<TestContext, UndoStack>();

/** What a test gives back when it is over, last taken first: its own `after` hooks run in the order of their making, and end at a failure. */
export function undoOf(context: TestContext): UndoStack {
  const present = undos.get(context);
  if (present !== undefined) return present;
  const undo = new UndoStack();
  undos.set(context, undo);
  context.after(() => undo[Symbol.asyncDispose]());
  return undo;
}

/** `passed` is documented (nodejs.org, "Class: TestContext"), but missing in the types. */
function hasPassed(context: TestContext & { readonly passed?: boolean }): boolean {
  return context.passed === true;
}

function logPathOf(dataDir: string): string {
  return join(dataDir, "server.log");
}

function exitOnSignal(): void {
  process.exit(143);
}

/**
 * Starts the program and resolves when it listens. It ends, with its machines, when the test does.
 * @param options.program another one than `ramet` itself, which takes the same arguments; from the checkout.
 */
export async function startServer(
  context: TestContext,
  dataDir?: string,
  options: {
    readonly program?: string;
    readonly flags?: readonly string[];
    /** Beside this process's own. */
    readonly environment?: Readonly<Record<string, string>>;
    /** Who it runs as, without any other group; the data directory must be that user's. */
    readonly user?: { readonly uid: number; readonly gid: number };
  } = {},
): Promise<ServerProcess> {
  const directory = dataDir ?? (await makeDataDir(context));
  const logPath = logPathOf(directory);
  await using log = await open(logPath, "a", 0o600);
  const own = ["--data-dir", directory, "--listen", "127.0.0.1:0", "--ready-json", "--end-machines-on-exit"];
  const flags = [...own, ...(options.flags ?? [])];
  const main = join(checkout, options.program ?? "src/main.ts");
  // Its working directory is the data directory, so that it is found there like its machines are.
  const server = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, "serve", ...flags], {
    cwd: directory,
    env: { ...process.env, ...options.environment },
    ...(options.user ?? {}),
    stdio: ["ignore", "pipe", log.fd],
  });
  const end = async (signal: NodeJS.Signals): Promise<number | null> => endChild(server, signal);
  undoOf(context).push(() => end("SIGTERM"));
  const url = await readyUrl(server, logPath);
  const token = await readToken(directory);
  assert.ok(server.pid !== undefined);
  return {
    client: new RametCalls({ baseUrl: url, token }),
    dataDir: directory,
    pid: server.pid,
    url,
    token,
    log: () => readFile(logPath, "utf8"),
    kill: async () => {
      await end("SIGKILL");
    },
    ended: once(server, "exit").then(() => undefined),
    stop: () => end("SIGTERM"),
  };
}

/** The server says `{"url":…}` on stdout once it listens; its end before that is the failure. */
async function readyUrl(server: ChildProcess, logPath: string): Promise<string> {
  assert.ok(server.stdout);
  const lines = createInterface({ input: server.stdout });
  const deadline = AbortSignal.timeout(readyWithinMs);
  for await (const line of lines) {
    deadline.throwIfAborted();
    const { url } = JSON.parse(line) as { url?: string };
    if (url === undefined) continue;
    // Nobody reads on, and a full pipe would stop the server.
    server.stdout.resume();
    return url;
  }
  throw new Error(`the server ended before it listened:\n${await text(createReadStream(logPath))}`);
}

async function readToken(dataDir: string): Promise<string> {
  return (await readFile(join(dataDir, "token"), "utf8")).trim();
}

async function endChild(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, "exit", { signal: AbortSignal.timeout(endsWithinMs) });
  child.kill(signal);
  await exited;
  return child.exitCode;
}

/** A server whose domain a test can look at. */
export interface RametInside extends Ramet {
  readonly domain: Dependencies;
  /** Of the log, so far. */
  readonly lines: readonly string[];
}

/** The same server inside this process, with a driver that `decorate` makes of the real one. */
export async function startRametInside(
  context: TestContext,
  decorate: (driver: HypervisorDriver) => HypervisorDriver,
  options: { readonly maxDiskLayers?: number; readonly dataDir?: string } = {},
): Promise<RametInside> {
  const { dataDir = await makeDataDir(context), maxDiskLayers } = options;
  const lines: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
  const config = loadConfig(["--data-dir", dataDir, "--end-machines-on-exit"], process.env);
  const driver = new QemuDriver({
    qemuPath: config.qemuPath,
    accelerator: config.accelerator,
    kernelPath: config.kernelPath,
    acceleratorMemoryPath: join(dataDir, "accelerator.json"),
    trackerPath: findTracker(config.buildDir),
  });
  const undo = undoOf(context);
  undo.push(() => {
    if (!hasPassed(context)) context.diagnostic(lines.join(""));
  });
  const composition = await composeRamet(config, {
    driver: decorate(driver),
    log,
    ...(maxDiskLayers === undefined ? {} : { maxDiskLayers }),
  });
  undo.push(() => composition.close());
  const { bodyLimitBytes } = config;
  const token = "token-of-a-test";
  const { deps: domain, apiTokens, metrics } = composition;
  const app = await buildApp({ domain, apiTokens, metrics, log, token, version: "0.0.0-test", bodyLimitBytes });
  undo.push(() => app.close());
  const baseUrl = await app.listen({ host: "127.0.0.1", port: 0 });
  const client = new RametCalls({ baseUrl, token });
  return { client, dataDir, log: () => Promise.resolve(lines.join("")), lines, domain };
}

/** What exists of instances: their names, directories and VMMs. Two of these compare with `deepEqual`. */
export interface Inventory {
  readonly names: readonly string[];
  readonly directories: readonly string[];
  readonly processes: readonly number[];
}

export async function takeInventory({ client, dataDir }: Ramet): Promise<Inventory> {
  const instances = join(dataDir, "instances");
  return {
    names: (await client.list()).map(({ name }) => name).toSorted(),
    directories: (await readdir(instances)).toSorted(),
    processes: processesIn(instances).toSorted((a, b) => a - b),
  };
}

export const emptyInventory: Inventory = { names: [], directories: [], processes: [] };

/** An instance's own directory. */
export async function directoryOf({ client, dataDir }: Ramet, reference: string): Promise<string> {
  return join(dataDir, "instances", (await client.get(reference)).id);
}
