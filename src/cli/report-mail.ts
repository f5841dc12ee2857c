import type { MailboxOutcome, PartialError } from "../client/shapes.ts";
import { formatMs } from "./durations.ts";
import { exitCodeOfCode, exitCodes } from "./exit-codes.ts";
import { ExitStatus } from "./failures.ts";
import { hintForCode } from "./hints.ts";
import type { Io } from "./io.ts";
import { complain, note } from "./io.ts";
import { printable } from "./printable.ts";

/** What became of one of several. */
export interface PartialOutcome {
  readonly name: string;
  readonly mailboxes: readonly MailboxOutcome[];
  readonly error: PartialError | null;
}

/** Says which of several failed, or stayed silent. What went well is not worth a line each. */
export function notePartialOutcomes(io: Io, outcomes: readonly PartialOutcome[]): void {
  for (const { name, mailboxes, error } of outcomes) {
    if (error !== null) complain(io, `ramet: ${printable(name)}: ${printable(error.message)} (${error.code})`);
    for (const mailbox of mailboxes.filter(isUnacknowledged))
      note(io, `${printable(name)}: ${describeMailbox(mailbox)}`);
  }
  const first = outcomes.find(({ error }) => error !== null)?.error;
  const hint = first === undefined || first === null ? undefined : hintForCode(first.code);
  if (hint !== undefined) complain(io, hint);
}

/** @throws ExitStatus of the first that failed, or else of the first that did not acknowledge its mail, if there is one. */
export function endByOutcomes(outcomes: readonly Omit<PartialOutcome, "name">[]): void {
  for (const { error } of outcomes) if (error !== null) throw new ExitStatus(exitCodeOfCode(error.code));
  if (outcomes.some(({ mailboxes }) => mailboxes.some(isUnacknowledged))) throw new ExitStatus(exitCodes.noAck);
}

export function describeMailbox({ name, delivered, acked, ack_ms }: MailboxOutcome): string {
  const ack =
    acked === null
      ? ""
      : acked
        ? `, acknowledged${ack_ms === null ? "" : ` after ${formatMs(ack_ms)}`}`
        : ", NOT acknowledged";
  return `mailbox ${name}: ${delivered ? "delivered" : "not delivered"}${ack}`;
}

function isUnacknowledged({ acked }: MailboxOutcome): boolean {
  return acked === false;
}
