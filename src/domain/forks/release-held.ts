/**
 * Lets a held child go. It was held for any time, and perhaps by a server that is gone: what of its mail is of the moment (the clock, the
 * entropy, where acks go) is made anew, and the callers' mail is read back from the only place where it is.
 *
 *     its memory ── readDelivery ──► the mailboxes as they were asked for  ┐ nothing is changed:
 *     its base image ──── planOn ──────► where everything goes             ┘ a failure leaves the child Paused
 *     wiped, written ──► resumed ──► identity, acks                          a failure ends and removes it
 */
import { OperatingError } from "../../errors.ts";
import type { PausedMachine } from "../../hypervisors/driver.ts";
import { UndoStack } from "../../lib/undo-stack.ts";
import { removeInstance } from "../instances/delete-instance.ts";
import { filesOf } from "../instances/dependencies.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import type { LiveMachine } from "../instances/machines.ts";
import { tellingEnd, whileAlive } from "../instances/while-alive.ts";
import { indexMailboxes, type IndexedFrame, type MailboxIndex, type PageReader } from "../mailboxes/frame-index.ts";
import type { HeldMailbox, MailboxOutcome, MailboxRequest } from "../mailboxes/mailbox.ts";
import { readDelivery } from "../mailboxes/read-delivery.ts";
import { withoutAckKeys } from "../mailboxes/validate.ts";
import type { ForkDependencies } from "./dependencies.ts";
import { followAgent } from "./follow-agent.ts";
import { basisOf, planOn, type ResumePlan } from "./plan-resume.ts";
import { discardMachine, releaseMachine, writeMail, type ResumeContext } from "./prepared-machine.ts";

/** A held child whose machine stands still. */
export interface HeldChild {
  readonly stored: StoredInstance;
  readonly held: readonly HeldMailbox[];
  readonly live: LiveMachine;
  readonly paused: PausedMachine;
}

/**
 * @throws OperatingError `invalid_state` when its memory does not hold its mail as it was delivered: it is Paused as before. Of the handoff
 * that failed, or `guest_unreachable` when the VMM ended: no child is left then.
 */
export async function releaseHeld(
  deps: ForkDependencies,
  child: HeldChild,
  { watch, signal, ...turn }: ResumeContext,
): Promise<readonly MailboxOutcome[]> {
  const { stored, live, paused } = child;
  const subject = `the resume of ${stored.name}`;
  const { plan, standing } = await whileAlive(paused, subject, signal, (limited) => planRelease(deps, child, limited));
  await using _ = plan;
  watch.lap("preflight");
  await using undo = new UndoStack();
  const prepared = { stored, plan, live, preparedAtMs: performance.now() };
  undo.push(() => removeInstance(deps, stored.id));
  undo.push(() => discardMachine(deps, prepared));
  await tellingEnd(paused, subject, signal, () => writeMail(paused, plan, standing));
  watch.lap("deliver");
  // It is Running when it is known to be itself.
  live.ready = false;
  await releaseMachine(deps, prepared, { watch, signal, ...turn });
  live.ready = true;
  deps.store.update(stored.id, { held: null });
  undo.commit();
  void followAgent(deps, live);
  return plan.outcomes();
}

/** Reads, and changes nothing. */
async function planRelease(
  deps: ForkDependencies,
  { stored, held, paused }: HeldChild,
  signal: AbortSignal,
): Promise<{ readonly plan: ResumePlan; readonly standing: MailboxIndex }> {
  const files = filesOf(deps, stored.id);
  const { mailboxes: armed } = await deps.openedImages.open(files.baseDirectory, signal);
  const secrets = files.readSecrets();
  await using memory = await paused.openMemory();
  const offsets = armed.frames.map(({ offset }) => offset);
  const standing = await indexMailboxes(memory, offsets);
  assertStandAsArmed(stored, armed, standing);
  const requests: MailboxRequest[] = [];
  for (const mailbox of held) requests.push(await readRequest(stored, mailbox, memory, standing));
  const basis = await basisOf(deps, stored, armed, secrets);
  return { standing, plan: await planOn(basis, deps, stored, requests) };
}

/** A child that has not run has every frame where its image has it, and what was delivered since is whole. */
function assertStandAsArmed(stored: StoredInstance, armed: MailboxIndex, standing: MailboxIndex): void {
  const now = new Map(standing.frames.map((frame) => [frame.offset, frame]));
  for (const frame of armed.frames)
    if (!standsAs(frame, now.get(frame.offset))) throw notAsDelivered(stored, frame.name);
}

function standsAs(armed: IndexedFrame, now: IndexedFrame | undefined): boolean {
  return (
    now?.name === armed.name &&
    now.token.equals(armed.token) &&
    now.armedAt === armed.armedAt &&
    now.partIndex === armed.partIndex &&
    (now.isIntact || !armed.isIntact)
  );
}

async function readRequest(
  stored: StoredInstance,
  { name, parts, waitForAck, ackTimeoutMs, onAckTimeout }: HeldMailbox,
  memory: PageReader,
  standing: MailboxIndex,
): Promise<MailboxRequest> {
  const delivery = await readDelivery(memory, standing, name, parts);
  const text = delivery?.payload.toString("utf8") ?? null;
  const payloadText = text !== null && waitForAck ? withoutAckKeys(text) : text;
  if (delivery === null || payloadText === null) throw notAsDelivered(stored, name);
  return { name, token: delivery.token.toString("utf8"), payloadText, waitForAck, ackTimeoutMs, onAckTimeout };
}

function notAsDelivered({ name }: StoredInstance, mailbox: string): OperatingError {
  const message = `the memory of ${name} does not hold mailbox "${mailbox}" as it was delivered, so it stays Paused: delete it and fork again`;
  return new OperatingError("invalid_state", message, { details: { mailbox } });
}
