import type { RametClient } from "../client/client.ts";
import type { Instance } from "../client/types.ts";
import { exitCodes } from "./exit-codes.ts";
import { CommandFailure } from "./failures.ts";
import type { Io } from "./io.ts";
import { withProgress } from "./progress.ts";

/** The server answers a wait after this long at the latest, well before any proxy loses patience. */
const longestWaitMs = 60_000;

/**
 * Resolves when the instance runs, or has already run to its end with exit code 0.
 * @throws CommandFailure when it came to rest otherwise, or `timeoutSeconds` are over.
 */
export async function waitForRunning(
  io: Io,
  client: RametClient,
  instance: Instance,
  timeoutSeconds: number,
): Promise<Instance> {
  if (instance.state === "Running") return instance;
  return await withProgress(io, `starting ${instance.name}`, () =>
    pollUntilRunning(io, client, instance, timeoutSeconds * 1000),
  );
}

async function pollUntilRunning(io: Io, client: RametClient, instance: Instance, timeoutMs: number): Promise<Instance> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const remainingMs = Math.ceil(Math.min(longestWaitMs, Math.max(1, deadline - performance.now())));
    const answer = await client.wait(instance.id, { state: "Running", timeoutMs: remainingMs }, io.signal);
    if (answer.reached || endedWell(answer.instance)) return answer.instance;
    if (isAtRest(answer.instance)) throw notRunning(answer.instance);
    if (performance.now() >= deadline) throw tooSlow(answer.instance, timeoutMs);
  }
}

/** A short workload may be over before anybody looks. */
function endedWell(instance: Instance): boolean {
  return instance.state === "Stopped" && instance.exit?.exit_code === 0;
}

function isAtRest(instance: Instance): boolean {
  return ["Stopped", "Standby", "Unknown"].includes(instance.state);
}

function notRunning({ name, state, state_error, exit }: Instance): CommandFailure {
  const reason = state_error ?? exit?.reason;
  const ended = exit?.exit_code === null || exit === null ? "" : `, its workload ended with code ${exit.exit_code}`;
  return new CommandFailure("not_running", `${name} is ${state}${ended}${reason === undefined ? "" : `: ${reason}`}`, {
    exitCode: exitCodes.failed,
    hint: `see its console: ramet logs ${name}`,
  });
}

function tooSlow({ name, state }: Instance, timeoutMs: number): CommandFailure {
  return new CommandFailure("timeout", `${name} is still ${state} after ${timeoutMs / 1000} s`, {
    exitCode: exitCodes.timeout,
    hint: `it goes on starting; see its console: ramet logs ${name}`,
  });
}
