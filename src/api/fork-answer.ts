import type { ForkManyResult } from "../domain/forks/fork-many.ts";
import type { ForkResult } from "../domain/forks/fork-instance.ts";
import type { MailboxOutcome } from "../domain/mailboxes/mailbox.ts";
import { instanceBody } from "./instance-body.ts";
import type { ForkAnswer, ForkManyAnswer } from "./schemas/fork.ts";

/** One child as a fork answers it. */
export function forkAnswer(result: ForkResult): ForkAnswer {
  return {
    ...instanceBody(result.instance),
    mailboxes: mailboxOutcomes(result.mailboxes),
    timings_ms: { ...result.timingsMs },
    start: result.start,
    source_pause_ms: pauseBody(result.sourcePauseMs),
  };
}

/** Many children as one fork answers them. */
export function forkManyAnswer(result: ForkManyResult): ForkManyAnswer {
  return {
    children: result.children.map(({ name, instance, mailboxes, timingsMs, start, error }) => ({
      name,
      instance: instance === null ? null : instanceBody(instance),
      mailboxes: mailboxOutcomes(mailboxes),
      timings_ms: { ...timingsMs },
      start,
      error: error === null ? null : { code: error.code, message: error.message },
    })),
    timings_ms: { ...result.timingsMs },
    source_pause_ms: pauseBody(result.sourcePauseMs),
  };
}

export function mailboxOutcomes(outcomes: readonly MailboxOutcome[]): ForkAnswer["mailboxes"] {
  return outcomes.map(({ name, delivered, acked, ackMs }) => ({ name, delivered, acked, ack_ms: ackMs }));
}

export function pauseBody(sourcePauseMs: Readonly<Record<string, number>> | null): Record<string, number> | null {
  return sourcePauseMs === null ? null : { ...sourcePauseMs };
}
