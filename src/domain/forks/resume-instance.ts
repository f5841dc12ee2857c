import { OperatingError } from "../../errors.ts";
import { Stopwatch } from "../../lib/stopwatch.ts";
import { findInstance } from "../instances/find-instance.ts";
import { newResumeTurns } from "./resume-turns.ts";
import type { InstanceView } from "../instances/instance.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import { judge } from "../instances/lifecycle.ts";
import { setGuestClock } from "../instances/set-guest-clock.ts";
import { currentView } from "../instances/view-instance.ts";
import { whileAlive } from "../instances/while-alive.ts";
import { withinDeadline } from "../instances/within-deadline.ts";
import type { MailboxOutcome } from "../mailboxes/mailbox.ts";
import type { ForkDependencies } from "./dependencies.ts";
import type { ResumeContext } from "./prepared-machine.ts";
import { releaseHeld } from "./release-held.ts";

export interface ResumeResult {
  readonly instance: InstanceView;
  /** Of a child that was held with its mail; empty for any other. */
  readonly mailboxes: readonly MailboxOutcome[];
  readonly timingsMs: Record<string, number>;
}

/**
 * Lets a Paused guest go on. A child that was held takes its identity and mail now, and its acks are waited for: one that does not
 * acknowledge is ended, as a fork that does not wait would have ended it. A Running one is left as it is.
 * @param turns of many that are resumed side by side.
 * @throws OperatingError `invalid_state`, `instance_busy`, `guest_unreachable`, `ack_timeout`, `ack_failed`.
 */
export async function resumeInstance(
  deps: ForkDependencies,
  id: string,
  signal: AbortSignal,
  turns = newResumeTurns(),
): Promise<ResumeResult> {
  const { id: instanceId, name } = findInstance(deps, id);
  using _ = deps.lock.acquire(instanceId, "resume");
  const watch = new Stopwatch();
  if (judge("resume", currentView(deps, instanceId).state, name) === "done") {
    return { instance: currentView(deps, instanceId), mailboxes: [], timingsMs: {} };
  }
  const mailboxes = await resumePaused(deps, instanceId, { watch, signal, turns });
  deps.log.info({ instanceId }, "instance.resumed");
  deps.changes.notify(instanceId);
  return { instance: currentView(deps, instanceId), mailboxes, timingsMs: watch.timingsMs() };
}

async function resumePaused(
  deps: ForkDependencies,
  instanceId: string,
  context: ResumeContext,
): Promise<readonly MailboxOutcome[]> {
  const { watch, signal } = context;
  const stored = storedOf(deps, instanceId);
  const live = deps.machines.get(instanceId);
  const paused = live?.machine;
  if (live === undefined || paused?.state !== "paused") {
    throw new OperatingError("invalid_state", `${stored.name} has ended meanwhile: start it`);
  }
  const { held } = stored;
  if (held !== null) return await releaseHeld(deps, { stored, held, live, paused }, context);
  live.machine = await whileAlive(paused, `the resume of ${stored.name}`, signal, (alive) =>
    withinDeadline(alive, deps.settings.deadlines.machineMs, "the resume", (limited) => paused.resume(limited)),
  );
  watch.lap("resume");
  await setGuestClock(deps, live, signal);
  watch.lap("clock");
  return [];
}

function storedOf(deps: ForkDependencies, instanceId: string): StoredInstance {
  const stored = deps.store.get(instanceId);
  if (stored === null) throw new OperatingError("not_found", "the instance was deleted meanwhile");
  return stored;
}
