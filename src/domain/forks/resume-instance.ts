import { OperatingError } from "../../errors.ts";
import { Stopwatch } from "../../lib/stopwatch.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { removeInstance } from "../instances/delete-instance.ts";
import { findInstance } from "../instances/find-instance.ts";
import type { InstanceView } from "../instances/instance.ts";
import { judge } from "../instances/lifecycle.ts";
import { currentView } from "../instances/view-instance.ts";
import { whileAlive } from "../instances/while-alive.ts";
import { withinDeadline } from "../instances/within-deadline.ts";
import type { MailboxOutcome } from "../mailboxes/mailbox.ts";
import type { ForkDependencies } from "./dependencies.ts";
import { followAgent } from "./follow-agent.ts";
import { discardMachine, releaseMachine, type PreparedMachine } from "./prepared-machine.ts";

export interface ResumeResult {
  readonly instance: InstanceView;
  /** Of a child that was held with its mail; empty for any other. */
  readonly mailboxes: readonly MailboxOutcome[];
  readonly timingsMs: Record<string, number>;
}

/**
 * Lets a Paused guest go on. A child that was held takes its identity and mail now, and its acks are waited for: one that does not
 * acknowledge is ended, as a fork that does not wait would have ended it. A Running one is left as it is.
 * @throws OperatingError `invalid_state`, `instance_busy`, `guest_unreachable`, `ack_timeout`, `ack_failed`.
 */
export async function resumeInstance(deps: ForkDependencies, id: string, signal: AbortSignal): Promise<ResumeResult> {
  const { id: instanceId, name } = findInstance(deps, id);
  using _ = deps.lock.acquire(instanceId, "resume");
  const watch = new Stopwatch();
  if (judge("resume", currentView(deps, instanceId).state, name) === "done") {
    return { instance: currentView(deps, instanceId), mailboxes: [], timingsMs: {} };
  }
  const held = deps.held.take(instanceId);
  const mailboxes =
    held === null ? await resumePaused(deps, instanceId, name, signal) : await releaseHeld(deps, held, watch, signal);
  deps.log.info({ instanceId }, "instance.resumed");
  deps.changes.notify(instanceId);
  if (held === null) watch.lap("resume");
  return { instance: currentView(deps, instanceId), mailboxes, timingsMs: watch.timingsMs() };
}

async function releaseHeld(
  deps: ForkDependencies,
  held: PreparedMachine,
  watch: Stopwatch,
  signal: AbortSignal,
): Promise<readonly MailboxOutcome[]> {
  await using undo = new UndoStack();
  undo.push(() => removeInstance(deps, held.stored.id));
  undo.push(() => discardMachine(deps, held));
  await releaseMachine(deps, held, { watch, signal });
  undo.commit();
  await held.plan[Symbol.asyncDispose]();
  void followAgent(deps, held.live);
  return held.plan.outcomes();
}

async function resumePaused(
  deps: ForkDependencies,
  instanceId: string,
  name: string,
  signal: AbortSignal,
): Promise<[]> {
  const live = deps.machines.get(instanceId);
  const machine = live?.machine;
  if (live === undefined || machine?.state !== "paused") {
    throw new OperatingError("invalid_state", `${name} has ended meanwhile: start it`);
  }
  live.machine = await whileAlive(machine, `the resume of ${name}`, signal, (alive) =>
    withinDeadline(alive, deps.settings.deadlines.machineMs, "the resume", (limited) => machine.resume(limited)),
  );
  return [];
}
