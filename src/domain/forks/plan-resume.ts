import { randomUUID } from "node:crypto";
import { assertRestorable } from "../checkpoints/manifest.ts";
import type { Dependencies } from "../instances/dependencies.ts";
import type { GuestMemory } from "../../memory/guest-memory.ts";
import type { InstanceFiles, InstanceSecrets } from "../instances/instance-files.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import { openAckSocket, type AckSocket } from "../mailboxes/acks.ts";
import type { MailboxIndex } from "../mailboxes/frame-index.ts";
import type { HeldMailbox, MailboxOutcome, MailboxRequest } from "../mailboxes/mailbox.ts";
import type { NetworkAttachment } from "../networks/network-attachment.ts";
import type { HandoffDependencies, ResumeHandoff } from "./handoff.ts";
import { MailboxHandoff } from "./mailbox-handoff.ts";
import { SystemHandoff } from "./system-handoff.ts";

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
  const { manifest, mailboxes } = await deps.openedImages.open(source.imageDirectory, signal);
  assertRestorable(manifest, await deps.driver.describeHost(signal));
  return await planHandoffs(deps, stored, { mailboxes, secrets: source.readSecrets() }, requests);
}

/**
 * The same for a machine that is there already.
 * @param image what its memory is mapped from: all mailboxes as they are before anything is written.
 */
export async function planHandoffs(
  deps: HandoffDependencies,
  stored: StoredInstance,
  { mailboxes, secrets }: { readonly mailboxes: MailboxIndex; readonly secrets: InstanceSecrets },
  requests: readonly MailboxRequest[],
): Promise<ResumePlan> {
  const attachment = await deps.networks.attach(stored);
  const acks = await openAckSocket(attachment.ackBindAddress);
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
  const plan = {
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
    [Symbol.asyncDispose]: closerOf(deps, acks),
  };
  try {
    for (const handoff of handoffs) handoff.preflight(mailboxes);
  } catch (failure) {
    await plan[Symbol.asyncDispose]();
    throw failure;
  }
  return plan;
}

/** Counts once, however often the plan is disposed of. */
function closerOf(deps: Dependencies, acks: AckSocket): () => Promise<void> {
  let closed: Promise<void> | null = null;
  return () => {
    closed ??= acks.close().then(() => {
      deps.metrics.recordIgnoredDatagrams(acks.ignoredCount);
    });
    return closed;
  };
}
