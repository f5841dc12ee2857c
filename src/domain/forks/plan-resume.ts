import { randomUUID } from "node:crypto";
import { UndoStack } from "../../lib/undo-stack.ts";
import { assertRestorable } from "../checkpoints/manifest.ts";
import type { Dependencies } from "../instances/dependencies.ts";
import type { GuestMemory } from "../../memory/guest-memory.ts";
import type { InstanceFiles, InstanceSecrets } from "../instances/instance-files.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import { openAckSocket, type AckSocket } from "../mailboxes/acks.ts";
import type { MailboxIndex } from "../mailboxes/frame-index.ts";
import type { HeldMailbox, MailboxOutcome, MailboxRequest } from "../mailboxes/mailbox.ts";
import type { NetworkAttachment } from "../networks/network-attachment.ts";
import type { BasisDependencies, HandoffDependencies, ResumeHandoff } from "./handoff.ts";
import { MailboxHandoff } from "./mailbox-handoff.ts";
import { SystemHandoff } from "./system-handoff.ts";

/** What a resume stands on, whatever mail there is: for a machine that waits it is there before anybody asks. To be disposed of by its owner, who is a plan's once there is one. */
export interface ResumeBasis extends AsyncDisposable {
  /** What the machine's memory is mapped from: all mailboxes as they are before anything is written. */
  readonly mailboxes: MailboxIndex;
  readonly secrets: InstanceSecrets;
  readonly attachment: NetworkAttachment;
  readonly acks: AckSocket;
}

/** All that is known and checked before a guest is resumed. Dispose of it when the resume is over, however it went. */
export interface ResumePlan extends AsyncDisposable {
  readonly mailboxes: MailboxIndex;
  readonly acks: AckSocket;
  readonly attachment: NetworkAttachment;
  /** The UUID of this resume. */
  readonly generation: string;
  /** In the order in which they complete: a guest needs its own identity and network before it can acknowledge mail. */
  readonly handoffs: readonly ResumeHandoff[];
  /** Writes anew, before the guest goes on, what has gone stale since it was prepared: the time of day. */
  refresh(memory: GuestMemory): Promise<void>;
  /** What became of the callers' mailboxes, once the guest has been resumed. */
  outcomes(): readonly MailboxOutcome[];
  /** What a guest that is not resumed yet waits to be released with. */
  readonly held: readonly HeldMailbox[];
}

/**
 * Opens the memory image of `source`, checks that it can be restored here and that every mailbox is there, armed and large enough.
 * @param stored who the resumed guest will be.
 * @throws OperatingError `image_mismatch`, `mailbox_…`, `invalid_request`; nothing was written or started.
 */
export async function planResume(
  deps: HandoffDependencies,
  stored: StoredInstance,
  source: InstanceFiles,
  requests: readonly MailboxRequest[],
  signal: AbortSignal,
): Promise<ResumePlan> {
  return await planOn(await openBasis(deps, stored, source, signal), deps, stored, requests);
}

/** The same on a basis of its own, which is closed when it fails. */
export async function planOn(
  basis: ResumeBasis,
  deps: HandoffDependencies,
  stored: StoredInstance,
  requests: readonly MailboxRequest[],
): Promise<ResumePlan> {
  await using undo = new UndoStack();
  undo.push(() => basis[Symbol.asyncDispose]());
  const plan = planHandoffs(basis, deps, stored, requests);
  undo.commit();
  return plan;
}

/** Of the memory image in `source`. @throws OperatingError `image_mismatch` when it cannot be restored here. */
export async function openBasis(
  deps: BasisDependencies,
  stored: StoredInstance,
  source: InstanceFiles,
  signal: AbortSignal,
): Promise<ResumeBasis> {
  const { manifest, mailboxes } = await deps.openedImages.open(source.imageDirectory, signal);
  assertRestorable(manifest, await deps.driver.describeHost(signal));
  return await basisOf(deps, stored, mailboxes, source.readSecrets());
}

/** Of a machine that is there already. */
export async function basisOf(
  deps: Dependencies,
  stored: StoredInstance,
  mailboxes: MailboxIndex,
  secrets: InstanceSecrets,
): Promise<ResumeBasis> {
  const attachment = await deps.networks.attach(stored);
  const acks = await openAckSocket(attachment.ackBindAddress);
  return { mailboxes, secrets, attachment, acks, [Symbol.asyncDispose]: closerOf(deps, acks) };
}

/**
 * Finds every mailbox and checks its fit. The basis is the plan's from then on; when there is none, it stays the caller's.
 * @throws OperatingError `mailbox_…`, `invalid_request`.
 */
export function planHandoffs(
  basis: ResumeBasis,
  deps: HandoffDependencies,
  stored: StoredInstance,
  requests: readonly MailboxRequest[],
): ResumePlan {
  const { mailboxes, secrets, attachment, acks } = basis;
  const generation = randomUUID();
  const system = new SystemHandoff(deps, stored, { acks, attachment, token: secrets.systemToken, generation });
  const callers = new MailboxHandoff(deps, requests, {
    acks,
    attachment,
    defaultToken: secrets.mailboxToken,
    generation,
  });
  const further = deps.furtherHandoffs.map((make) => make({ stored, acks, attachment, generation }));
  const handoffs: readonly ResumeHandoff[] = [system, callers, ...further];
  for (const handoff of handoffs) handoff.preflight(mailboxes);
  return {
    mailboxes,
    acks,
    attachment,
    generation,
    handoffs,
    refresh: (memory: GuestMemory) => system.refresh(memory),
    outcomes: () => callers.outcomes,
    get held() {
      return callers.held;
    },
    [Symbol.asyncDispose]: () => basis[Symbol.asyncDispose](),
  };
}

/** Counts once, however often it is called. */
function closerOf(deps: Dependencies, acks: AckSocket): () => Promise<void> {
  let closed: Promise<void> | null = null;
  return () => {
    closed ??= acks.close().then(() => {
      deps.metrics.recordIgnoredDatagrams(acks.ignoredCount);
    });
    return closed;
  };
}
