/** Booting guests, running commands in them, reading what they say. Every wait is for the event itself, with a deadline. */
import assert from "node:assert/strict";
import { buffer, text } from "node:stream/consumers";
import { RametApiError } from "../../src/client/errors.ts";
import type { ExecExit } from "../../src/client/exec.ts";
import type { CreateInstanceBody, ExecBody, ForkedInstance, ForkMailbox } from "../../src/client/shapes.ts";
import type { Ramet } from "./harness.ts";

const bootWithinMs = 180_000;
const lineWithinMs = 60_000;
const commandWithinMs = 60_000;
/** Boots as well as a large one, and is hashed and searched in a fraction of a second. */
const memory = "128MB";

/** Creates an instance of `ramet/base` whose workload is a shell script, and waits until it runs. */
export async function boot(
  ramet: Ramet,
  name: string,
  script: string,
  more: Partial<CreateInstanceBody> = {},
): Promise<void> {
  const workload = { entrypoint: ["/bin/sh", "-c"], cmd: [script] };
  await ramet.client.create({ name, image: "ramet/base", memory, ...workload, ...more });
  await waitForRunning(ramet, name);
}

export async function waitForRunning({ client }: Ramet, name: string): Promise<void> {
  const { instance, reached } = await client.wait(name, { state: "Running", timeoutMs: bootWithinMs });
  assert.ok(reached, `${name} is ${instance.state}: ${instance.state_error ?? "no error is noted"}`);
}

/** Boots, waits until the workload prints `ready`, and puts the instance in standby. */
export async function bootParent(ramet: Ramet, name: string, script: string): Promise<void> {
  await boot(ramet, name, script);
  await waitForLine(ramet, name, /^ready$/);
  await ramet.client.standby(name);
}

/** The first line of the instance's console that the pattern matches, from its first line on; waits for it to be written. */
export async function waitForLine({ client }: Ramet, name: string, pattern: RegExp): Promise<RegExpExecArray> {
  const deadline = AbortSignal.timeout(lineWithinMs);
  const seen: string[] = [];
  try {
    for await (const line of client.logs(name, { follow: true }, deadline)) {
      const match = pattern.exec(line);
      if (match !== null) return match;
      seen.push(line);
    }
  } catch (failure) {
    if (!deadline.aborted) throw failure;
  }
  throw new Error(`the console of ${name} never showed ${String(pattern)}, only:\n${seen.join("\n")}`);
}

export interface Ran extends ExecExit {
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a command in the guest to its end. */
export async function run(
  { client }: Ramet,
  name: string,
  body: ExecBody,
  stdin: string | Uint8Array = "",
): Promise<Ran> {
  const session = await client.exec(name, body, AbortSignal.timeout(commandWithinMs));
  session.stdin.end(stdin);
  const [stdout, stderr, exit] = await Promise.all([buffer(session.stdout), text(session.stderr), session.exited]);
  return { ...exit, stdout, stderr };
}

/** Runs a shell script in the guest, which must succeed, and answers what it printed, without the last line end. */
export async function shell(ramet: Ramet, name: string, script: string, stdin?: string | Uint8Array): Promise<string> {
  const { stdout, stderr, exitCode } = await run(ramet, name, { command: ["/bin/sh", "-c", script] }, stdin);
  assert.equal(exitCode, 0, `in ${name}: ${script}\n${stderr}`);
  return stdout.toString("utf8").replace(/\n$/, "");
}

/** One Running child with its mail. */
export function fork(
  { client }: Ramet,
  parent: string,
  name: string,
  mailboxes: readonly ForkMailbox[] = [],
): Promise<ForkedInstance> {
  return client.fork(parent, { name, mailboxes });
}

/** The server's refusal of a call, which must come. */
export async function refusalOf(call: Promise<unknown>): Promise<RametApiError> {
  const failure = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.ok(failure instanceof RametApiError, `the call was not refused by the server: ${String(failure)}`);
  return failure;
}
