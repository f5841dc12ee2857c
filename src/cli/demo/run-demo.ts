import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { UndoStack } from "../../lib/undo-stack.ts";
import type { RametCalls } from "../../client/calls.ts";
import { RametApiError, RametConnectionError } from "../../client/errors.ts";
import type { ForkedInstance } from "../../client/shapes.ts";
import { exitCodes } from "../exit-codes.ts";
import { CommandFailure } from "../failures.ts";
import type { Io } from "../io.ts";
import { note } from "../io.ts";
import { printable } from "../printable.ts";
import { withProgress } from "../progress.ts";
import { waitForRunning } from "../wait-for-running.ts";
import type { DemoServer } from "./demo-server.ts";
import { processesOf, serverLogTail, startDemoServer } from "./demo-server.ts";
import { parseJobLine, warmLine, workload } from "./workload.ts";

/** What the demo proved: for each child what its own process printed, and where the time went. */
export interface DemoResult {
  readonly children: readonly DemoChild[];
  /** From the call to a running VM. */
  readonly boot_ms: number;
  /** The call, as the caller saw it. */
  readonly standby_ms: number;
}

export interface DemoChild {
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly acked: boolean;
  readonly timings_ms: Readonly<Record<string, number>>;
}

/** What `--keep` leaves behind. */
export interface KeptDemo {
  readonly url: string;
  readonly dataDirectory: string;
}

const parentName = "base";
const bootWithinSeconds = 180;
const warmWithinMs = 120_000;
const printWithinMs = 60_000;
const leftoversEndWithinMs = 10_000;

const jobs = [
  { name: "worker-1", payload: { shard: 1, of: 4, greeting: "hello" } },
  { name: "worker-2", payload: { shard: 2, of: 4, greeting: "grüß dich" } },
  { name: "worker-3", payload: { shard: 3, of: 4, greeting: "こんにちは" } },
  { name: "worker-4", payload: { shard: 4, of: 4, greeting: "привет" } },
] as const;

/**
 * Starts a server of its own, boots and warms a VM, puts it in standby, forks four children with mail, and reads in each child's console
 * what its process found. Without `keep` everything is removed again, and that is checked, also after a failure or an interruption.
 * @throws CommandFailure when a child did not print its own mail, or something was left behind.
 */
export async function runDemo(
  io: Io,
  options: { readonly keep: boolean },
): Promise<{ result: DemoResult; kept: KeptDemo | undefined }> {
  await using undo = new UndoStack();
  const dataDirectory = await mkdtemp(join(tmpdir(), "ramet-demo-"));
  undo.push(() => rm(dataDirectory, { recursive: true, force: true }));
  undo.push(() => endLeftovers(dataDirectory));
  try {
    const server = await withProgress(io, "starting a server", () => startDemoServer(io, dataDirectory, options));
    undo.push(() => server.stop());
    undo.push(() => removeWhatIsReachable(server.client));
    const result = await showForks(io, server.client);
    if (options.keep) {
      server.leave();
      undo.commit();
      return { result, kept: { url: server.url, dataDirectory } };
    }
    await withProgress(io, "cleaning up", () => cleanUp(server, dataDirectory));
    return { result, kept: undefined };
  } catch (error) {
    if (!io.signal.aborted) await showServerLog(io, dataDirectory);
    throw error;
  }
}

async function showForks(io: Io, client: RametCalls): Promise<DemoResult> {
  const started = performance.now();
  const created = await client.create(
    { name: parentName, image: "ramet/base", memory: "256MB", ...workload },
    io.signal,
  );
  await waitForRunning(io, client, created, bootWithinSeconds);
  const bootMs = performance.now() - started;
  await withProgress(io, `warming up ${parentName} (until its mailbox is armed)`, () => waitForWarm(io, client));
  const standbyStarted = performance.now();
  await withProgress(io, `putting ${parentName} in standby`, () => client.standby(parentName, io.signal));
  const standbyMs = performance.now() - standbyStarted;
  const children: DemoChild[] = [];
  for (const job of jobs) children.push(await forkAndRead(io, client, job));
  return { children, boot_ms: roundMs(bootMs), standby_ms: roundMs(standbyMs) };
}

async function waitForWarm(io: Io, client: RametCalls): Promise<void> {
  await findLine(io, client, parentName, warmWithinMs, (line) => (line.startsWith(warmLine) ? line : undefined));
}

async function forkAndRead(io: Io, client: RametCalls, job: (typeof jobs)[number]): Promise<DemoChild> {
  const mailboxes = [{ name: "job", payload: job.payload, wait_for_ack: true }];
  const child = await withProgress(io, `forking ${job.name}`, () =>
    client.fork(parentName, { name: job.name, target_state: "Running", mailboxes }, io.signal),
  );
  const said = await withProgress(io, `reading what ${job.name} printed`, () =>
    findLine(io, client, job.name, printWithinMs, parseJobLine),
  );
  if (said.host !== job.name || !isDeepStrictEqual(said.payload, job.payload)) {
    throw failure(
      "wrong_mail",
      `${job.name} says that it is ${said.host} with the job ${JSON.stringify(said.payload)}`,
    );
  }
  return { name: job.name, payload: said.payload, acked: ackOf(child), timings_ms: child.timings_ms };
}

function ackOf(child: ForkedInstance): boolean {
  return child.mailboxes.every(({ acked }) => acked === true);
}

/** The first log line in which `find` finds something; waits for it to be written. */
async function findLine<T>(
  io: Io,
  client: RametCalls,
  reference: string,
  withinMs: number,
  find: (line: string) => T | undefined,
): Promise<T> {
  const deadline = AbortSignal.timeout(withinMs);
  try {
    for await (const line of client.logs(reference, { follow: true }, AbortSignal.any([io.signal, deadline]))) {
      const found = find(line);
      if (found !== undefined) return found;
    }
  } catch (error) {
    if (deadline.aborted)
      throw failure("timeout", `${reference} did not print what was expected within ${withinMs / 1000} s`);
    throw error;
  }
  throw failure("log_ended", `the log of ${reference} ended before it printed what was expected`);
}

/** The orderly way down; each step says when it left something. The undo stack behind it finds nothing more to do. */
async function cleanUp(server: DemoServer, dataDirectory: string): Promise<void> {
  await removeInstances(server.client);
  const ending = await server.stop();
  if (ending !== 0) throw failure("unclean_exit", `the demo's server ended with ${ending}`);
  const left = await processesOf(dataDirectory);
  if (left.length > 0) throw failure("leftovers", `processes were left behind: ${left.join(", ")}`);
}

/** Children first, as a user would; the order does not matter to the server. */
async function removeInstances(client: RametCalls): Promise<void> {
  for (const name of [...jobs.map((job) => job.name), parentName]) {
    try {
      await client.delete(name, AbortSignal.timeout(60_000));
    } catch (error) {
      if (!(error instanceof RametApiError && error.code === "not_found")) throw error;
    }
  }
}

/** The way down after a failure: what the server does not remove is ended with it. */
async function removeWhatIsReachable(client: RametCalls): Promise<void> {
  try {
    await removeInstances(client);
  } catch (error) {
    // The failure that brought us here is the one to report; processes are ended one by one afterwards.
    if (!(error instanceof RametApiError || error instanceof RametConnectionError)) throw error;
  }
}

/** Last resort: nothing of the demo may outlive it, even when its server was killed. */
async function endLeftovers(dataDirectory: string): Promise<void> {
  for (const pid of await processesOf(dataDirectory)) endProcess(pid);
  const deadline = performance.now() + leftoversEndWithinMs;
  // They are not our children, so the kernel tells nobody when they are gone: /proc has to be looked at again.
  while ((await processesOf(dataDirectory)).length > 0 && performance.now() < deadline) await delay(50);
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

async function showServerLog(io: Io, dataDirectory: string): Promise<void> {
  const lines = await serverLogTail(dataDirectory);
  note(io, "the last lines of the server's log:");
  for (const line of lines) note(io, `  ${printable(line)}`);
}

function failure(code: string, message: string): CommandFailure {
  return new CommandFailure(code, message, {
    exitCode: exitCodes.failed,
    hint: "see what this machine lacks: ./ramet doctor",
  });
}

function roundMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}
