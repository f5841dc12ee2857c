import type { Machine, PausedMachine } from "../../hypervisors/driver.ts";
import { withinDeadline } from "../instances/within-deadline.ts";
import type { Stopwatch } from "../../lib/stopwatch.ts";
import type { UndoStack } from "../../lib/undo-stack.ts";
import { restoreImage } from "../checkpoints/restore-image.ts";
import type { Dependencies } from "../instances/dependencies.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import type { LiveMachine } from "../instances/machines.ts";
import { newLiveMachine } from "../instances/run-machine.ts";
import { whileAlive } from "../instances/while-alive.ts";
import { wipeInherited } from "../mailboxes/deliver.ts";
import type { ResumePlan } from "./plan-resume.ts";

/**
 * Restores the image in the instance's own directory, writes the mail while the guest stands still, lets it go, and waits until it has
 * taken its identity and acknowledged what was asked for.
 * @param undo gets what ends the machine again; the caller commits it.
 * @throws OperatingError of the handoff that failed, or `guest_unreachable` when the VMM ended.
 */
export async function resumeImage(
  deps: Dependencies,
  stored: StoredInstance,
  plan: ResumePlan,
  context: { readonly watch: Stopwatch; readonly undo: UndoStack; readonly signal: AbortSignal },
): Promise<LiveMachine> {
  const { watch, undo, signal } = context;
  const paused = await restoreImage(deps, stored, signal);
  let machine: Machine = paused;
  undo.push(() => machine.kill());
  watch.lap("restore");
  return whileAlive(paused, `the resume of ${stored.name}`, signal, async (alive) => {
    await writeMail(paused, plan);
    watch.lap("deliver");
    plan.acks.setSender((address, port) => machine.sentDatagram(address, port));
    const running = await withinDeadline(alive, deps.settings.deadlines.machineMs, "the resume", (limited) =>
      paused.resume(limited),
    );
    machine = running;
    watch.lap("resume");
    const live = newLiveMachine(deps, stored.id, running, { ready: true });
    undo.push(() => {
      live.agent.close();
    });
    for (const handoff of plan.handoffs) {
      await handoff.afterResume(live, alive);
      watch.lap(handoff.phase);
    }
    return live;
  });
}

/** First what the parent left unread is taken out, then everything new is written: no guest sees another's mail. */
async function writeMail(paused: PausedMachine, plan: ResumePlan): Promise<void> {
  await using memory = await paused.openMemory();
  await wipeInherited(memory, plan.mailboxes, null);
  for (const handoff of plan.handoffs) await handoff.prepare(memory);
}
