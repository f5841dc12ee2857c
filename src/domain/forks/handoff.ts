/**
 * Something that is prepared while a restored machine is paused and completed once it runs. One list, one order, one teardown:
 *
 *     preflight (all) ──► restore ──► prepare (all) ──► resume ──► afterResume (in order) ──► close (all)
 *      nothing exists yet              nothing has run              a failure ends the child
 *
 * A child that is held goes through it twice: at its fork up to prepare, and at its release, with a new list of the same handoffs, whole.
 * What the first prepare put into mailboxes is wiped before the second.
 */
import type { GuestMemory } from "../../memory/guest-memory.ts";
import type { OpenedImages } from "../checkpoints/opened-images.ts";
import type { Dependencies } from "../instances/dependencies.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import type { LiveMachine } from "../instances/machines.ts";
import type { AckSocket } from "../mailboxes/acks.ts";
import type { MailboxIndex } from "../mailboxes/frame-index.ts";
import type { NetworkAttachment } from "../networks/network-attachment.ts";

/** One resume, as every handoff of it sees it. */
export interface HandoffContext {
  /** Who the resumed guest will be. */
  readonly stored: StoredInstance;
  readonly acks: AckSocket;
  readonly attachment: NetworkAttachment;
  /** The UUID of this resume. */
  readonly generation: string;
}

export type HandoffFactory = (context: HandoffContext) => ResumeHandoff;

/** What a resume's basis is found with. */
export interface BasisDependencies extends Dependencies {
  readonly openedImages: OpenedImages;
}

/** What a resume is planned with. */
export interface HandoffDependencies extends BasisDependencies {
  /** Made for every resume, behind the system's and the callers' mailboxes. */
  readonly furtherHandoffs: readonly HandoffFactory[];
}

export interface ResumeHandoff {
  /** The phase that its wait is reported as in `timings_ms`. */
  readonly phase: string;
  /** Finds what it will write in the image and checks that it fits. @throws OperatingError; nothing was started yet. */
  preflight(mailboxes: MailboxIndex): void;
  /** Writes into the paused machine's memory. */
  prepare(memory: GuestMemory): Promise<void>;
  /**
   * Completes, now that the guest runs. A failure ends the child.
   * @param overdue resolves when the guest has had the processors for so long that one which still says nothing may be asked.
   */
  afterResume(live: LiveMachine, signal: AbortSignal, overdue: Promise<void>): Promise<void>;
}
