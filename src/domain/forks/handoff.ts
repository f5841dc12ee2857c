/**
 * Something that is prepared while a restored machine is paused and completed once it runs. One list, one order, one teardown:
 *
 *     preflight (all) ──► restore ──► prepare (all) ──► resume ──► afterResume (in order) ──► close (all)
 *      nothing exists yet              nothing has run              a failure ends the child
 */
import type { GuestMemory } from "../../memory/guest-memory.ts";
import type { LiveMachine } from "../instances/machines.ts";
import type { MailboxIndex } from "../mailboxes/frame-index.ts";

export interface ResumeHandoff {
  /** The phase that its wait is reported as in `timings_ms`. */
  readonly phase: string;
  /** Finds what it will write in the image and checks that it fits. @throws OperatingError; nothing was started yet. */
  preflight(mailboxes: MailboxIndex): void;
  /** Writes into the paused machine's memory. */
  prepare(memory: GuestMemory): Promise<void>;
  /** Completes, now that the guest runs. A failure ends the child. */
  afterResume(live: LiveMachine, signal: AbortSignal): Promise<void>;
}
