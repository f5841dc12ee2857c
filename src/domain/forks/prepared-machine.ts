/**
 * A resume in two phases, so that an abort between them has no visible effect:
 *
 *     prepareMachine ──► PreparedMachine: restored, its mail written, nothing has run ──► releaseMachine ──► running, handed over
 *                             └── discard: ended and reaped
 */
import type { Machine, PausedMachine } from "../../hypervisors/driver.ts";
import type { Stopwatch } from "../../lib/stopwatch.ts";
import { newResumeTurns, type ResumeTurns } from "./resume-turns.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { restoreImage } from "../checkpoints/restore-image.ts";
import type { Dependencies } from "../instances/dependencies.ts";
import type { InstanceFiles } from "../instances/instance-files.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import type { LiveMachine } from "../instances/machines.ts";
import { newLiveMachine } from "../instances/run-machine.ts";
import { tellingEnd, whileAlive } from "../instances/while-alive.ts";
import { withinDeadline } from "../instances/within-deadline.ts";
import { wipeInherited } from "../mailboxes/deliver.ts";
import type { MailboxIndex } from "../mailboxes/frame-index.ts";
import type { ResumePlan } from "./plan-resume.ts";
import type { WarmSlot } from "./warm-slot.ts";

/** Owns its machine and its plan until it is released or discarded. */
export interface PreparedMachine {
  readonly stored: StoredInstance;
  readonly plan: ResumePlan;
  /** When its mail was written, on the monotonic clock. */
  readonly preparedAtMs: number;
  /** Its machine is paused until `releaseMachine`. Registered only if it is a held child's. */
  readonly live: LiveMachine;
}

/** How a resume is watched and ended. */
export interface ResumeContext {
  readonly watch: Stopwatch;
  readonly signal: AbortSignal;
  /** What must hold in the turn in which the guest is let go; when it throws, the guest is not. */
  readonly beforeResume?: () => void;
  /** Called in the same turn, when the VMM has been told: for what takes as long as the VMM does. When it throws, the resume fails. */
  readonly onResuming?: () => void;
  /** Called when the guest goes on: what needs not be done before. */
  readonly onResumed?: () => void;
  /** Whose turn it is to be resumed, of many; left out: at once. */
  readonly turns?: ResumeTurns;
}

export interface PrepareOptions {
  /** The instance's own directory, which holds the image. */
  readonly files: InstanceFiles;
  /** A machine of that image that is restored already; null: it is restored now. */
  readonly slot: WarmSlot | null;
}

/**
 * Restores the image in `files`, the instance's own, and writes the mail while the guest stands still.
 * @throws OperatingError `guest_unreachable` when the VMM ended; nothing of the machine is left then. The plan stays the caller's.
 */
export async function prepareMachine(
  deps: Dependencies,
  stored: StoredInstance,
  plan: ResumePlan,
  { files, slot, watch, signal }: ResumeContext & PrepareOptions,
): Promise<PreparedMachine> {
  await using undo = new UndoStack();
  const paused = slot?.machine ?? (await restoreImage(deps, stored, files, signal));
  undo.push(() => paused.kill());
  watch.lap("restore");
  await tellingEnd(paused, `the resume of ${stored.name}`, signal, () => writeMail(paused, plan));
  watch.lap("deliver");
  undo.commit();
  return {
    stored,
    plan,
    preparedAtMs: performance.now(),
    live: newLiveMachine(deps, stored.id, paused, { ready: true }),
  };
}

/**
 * First what was left unread is taken out, then everything new is written: no guest sees another's mail.
 * @param standing the memory's mailboxes as they are now, where they are not as in the image.
 */
export async function writeMail(
  paused: PausedMachine,
  plan: ResumePlan,
  standing: MailboxIndex = plan.mailboxes,
): Promise<void> {
  await using memory = await paused.openMemory();
  await wipeInherited(memory, standing, null);
  for (const handoff of plan.handoffs) await handoff.prepare(memory);
}

/** Of many children the last may stand still for seconds until it is its turn: the time that it is told must not be that of its restore. */
async function refreshMail(paused: PausedMachine, plan: ResumePlan): Promise<void> {
  await using memory = await paused.openMemory();
  await plan.refresh(memory);
}

const staleAfterMs = 250;

/**
 * Lets the guest go, and waits until it has taken its identity and acknowledged what was asked for.
 * @throws OperatingError of the handoff that failed, or `guest_unreachable` when the VMM ended; the caller discards the machine.
 */
export async function releaseMachine(
  deps: Dependencies,
  { stored, plan, live, preparedAtMs }: PreparedMachine,
  { watch, signal, turns = newResumeTurns(), beforeResume, onResuming, onResumed }: ResumeContext,
): Promise<void> {
  const paused = live.machine;
  if (paused.state !== "paused") return;
  await whileAlive(paused, `the resume of ${stored.name}`, signal, async (alive) => {
    await turns.resumes.take(async () => {
      alive.throwIfAborted();
      if (performance.now() - preparedAtMs > staleAfterMs) await refreshMail(paused, plan);
      watch.lap("wait");
      plan.acks.setSender((address, port) => plan.attachment.isSender(live.machine, address, port));
      beforeResume?.();
      const resuming = withinDeadline(alive, deps.settings.deadlines.machineMs, "the resume", (limited) =>
        paused.resume(limited),
      );
      [live.machine] = await Promise.all([resuming, calling(onResuming)]);
      live.resumedAtMs = performance.now();
      watch.lap("resume");
      onResumed?.();
    });
    using awaited = turns.awaited.enter(live.machine.process);
    for (const handoff of plan.handoffs) {
      await handoff.afterResume(live, alive, awaited.overdue);
      watch.lap(handoff.phase);
    }
  });
}

/** Calls it at once; what it throws is the promise's. */
function calling(callback: (() => void) | undefined): Promise<void> {
  return Promise.try(() => callback?.());
}

/** Ends and reaps the machine, whichever phase it is in. Safe to call again. */
export async function discardMachine(deps: Dependencies, { plan, live }: PreparedMachine): Promise<void> {
  deps.machines.release(live);
  const machine: Machine = live.machine;
  await machine.kill();
  await plan[Symbol.asyncDispose]();
}
