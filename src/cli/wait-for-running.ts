import type { RametCalls } from "../client/calls.ts";
import { RametStateError } from "../client/errors.ts";
import type { Instance } from "../client/shapes.ts";
import { exitCodes } from "./exit-codes.ts";
import { CommandFailure } from "./failures.ts";
import type { Io } from "./io.ts";
import { withProgress } from "./progress.ts";

/**
 * Resolves when the instance runs, or has already run to its end with exit code 0.
 * @throws CommandFailure when it came to rest otherwise, or `timeoutSeconds` are over.
 */
export async function waitForRunning(
  io: Io,
  client: RametCalls,
  instance: Instance,
  timeoutSeconds: number,
): Promise<Instance> {
  if (instance.state === "Running") return instance;
  const wish = { state: "Running", timeoutMs: timeoutSeconds * 1000 } as const;
  try {
    return await withProgress(io, `starting ${instance.name}`, () =>
      orEndedWell(client.waitUntil(instance.id, wish, io.signal)),
    );
  } catch (error) {
    throw error instanceof RametStateError ? explained(error) : error;
  }
}

/** A short workload may be over before anybody looks. */
async function orEndedWell(wait: Promise<Instance>): Promise<Instance> {
  try {
    return await wait;
  } catch (error) {
    const ended = error instanceof RametStateError ? error.instance : undefined;
    if (ended?.state === "Stopped" && ended.exit?.exit_code === 0) return ended;
    throw error;
  }
}

function explained({ code, message, instance: { name } }: RametStateError): CommandFailure {
  return code === "timeout"
    ? new CommandFailure("timeout", message, {
        exitCode: exitCodes.timeout,
        hint: `it goes on starting; see its console: ramet logs ${name}`,
      })
    : new CommandFailure("not_running", message, {
        exitCode: exitCodes.failed,
        hint: `see its console: ramet logs ${name}`,
      });
}
