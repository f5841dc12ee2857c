import type { Command } from "commander";
import type { RametCalls } from "../../client/calls.ts";
import { describeOutcome } from "../describe-instance.ts";
import type { Io } from "../io.ts";
import { note } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { withProgress } from "../progress.ts";
import { describeMailbox, endByOutcomes, notePartialOutcomes } from "../report-mail.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ["ramet resume base", "let a paused instance go on"],
  ["ramet resume $(ramet ps -q --state Paused)", "release all that are held, in one call"],
] as const;

/** `ramet resume`: paused instances go on; a child that was held takes its mail now. */
export function addResumeCommand(program: Command, io: Io): void {
  addVerb(program, "resume <instances...>", "let paused instances go on", examples).action(
    async (references: string[], _options: unknown, command: Command) => {
      const client = await connect(command, io);
      const [reference = ""] = references;
      if (references.length === 1) await resumeOne(io, command, client, reference);
      else await resumeMany(io, command, client, references);
    },
  );
}

async function resumeOne(io: Io, command: Command, client: RametCalls, reference: string): Promise<void> {
  const instance = await withProgress(io, `resuming ${reference}`, () => client.resume(reference, io.signal));
  note(io, describeOutcome(instance, instance.timings_ms));
  for (const mailbox of instance.mailboxes) note(io, describeMailbox(mailbox));
  await show(io, command, { value: instance, ids: [instance.id] });
  endByOutcomes([{ mailboxes: instance.mailboxes, error: null }]);
}

async function resumeMany(io: Io, command: Command, client: RametCalls, references: readonly string[]): Promise<void> {
  const answer = await withProgress(io, `resuming ${references.length} instances`, () =>
    client.resumeMany(references, io.signal),
  );
  const { instances } = answer;
  note(io, `${instances.filter(({ error }) => error === null).length} of ${instances.length} instances run`);
  notePartialOutcomes(
    io,
    instances.map(({ id, mailboxes, error }) => ({ name: id, mailboxes, error })),
  );
  const ids = instances.flatMap(({ instance }) => (instance === null ? [] : [instance.id]));
  await show(io, command, { value: answer, items: instances, ids });
  endByOutcomes(instances);
}
