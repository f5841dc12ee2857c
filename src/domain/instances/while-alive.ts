import { OperatingError } from "../../errors.ts";
import { LinkedAbort } from "../../lib/linked-abort.ts";
import type { Machine, MachineExit } from "../../hypervisors/driver.ts";

/**
 * Runs `work` for as long as the machine lives: when the VMM ends first, the work's signal is aborted and the call fails with that,
 * instead of waiting for answers that cannot come. Waits until the work has ended: it must heed its signal.
 * @param subject what was going on, for the message: "standby of base".
 * @throws OperatingError `guest_unreachable` when the VMM ended.
 */
export async function whileAlive<Result>(
  machine: Machine,
  subject: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  using either = new LinkedAbort(signal);
  let isOver = false;
  void machine.exited.then((exit) => {
    if (!isOver) either.abort(endedDuring(subject, exit));
  });
  try {
    return await tellingEnd(machine, subject, signal, () => work(either.signal));
  } finally {
    isOver = true;
  }
}

/** The same for work that does not wait for the machine: it has no signal to heed, and fails by itself when the VMM has ended. */
export async function tellingEnd<Result>(
  machine: Machine,
  subject: string,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (failure) {
    // What the work made of the end (a closed socket, a missing process) says less than the end itself.
    const exit = await Promise.race([machine.exited, Promise.resolve(null)]);
    if (exit !== null && !signal.aborted) throw endedDuring(subject, exit);
    throw failure;
  }
}

function endedDuring(subject: string, exit: MachineExit): OperatingError {
  return new OperatingError(
    "guest_unreachable",
    `the virtual machine monitor ended during ${subject} (${describeExit(exit)})`,
    {
      cause: new Error(exit.lastWords === "" ? "it said nothing" : exit.lastWords),
    },
  );
}

/** "signal SIGKILL" or "exit code 1". */
export function describeExit(exit: MachineExit): string {
  if (exit.signal !== null) return `signal ${exit.signal}`;
  return exit.exitCode === null ? "exit code unknown" : `exit code ${String(exit.exitCode)}`;
}
