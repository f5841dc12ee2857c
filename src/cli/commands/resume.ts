import type { Command } from "commander";
import type { RametClient } from "../../client/client.ts";
import { describeOutcome } from "../describe-instance.ts";
import type { Io } from "../io.ts";
import { note, printJson } from "../io.ts";
import { connect, wantsJson } from "../options.ts";
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
      if (references.length === 1) await resumeOne(io, client, reference, wantsJson(command));
      else await resumeMany(io, client, references, wantsJson(command));
    },
  );
}

async function resumeOne(io: Io, client: RametClient, reference: string, json: boolean): Promise<void> {
  const instance = await withProgress(io, `resuming ${reference}`, () => client.resume(reference, io.signal));
  note(io, describeOutcome(instance, instance.timings_ms));
  for (const mailbox of instance.mailboxes) note(io, describeMailbox(mailbox));
  if (json) await printJson(io, instance);
  endByOutcomes([{ mailboxes: instance.mailboxes, error: null }]);
}

async function resumeMany(io: Io, client: RametClient, references: readonly string[], json: boolean): Promise<void> {
  const answer = await withProgress(io, `resuming ${references.length} instances`, () =>
    client.resumeMany(references, io.signal),
  );
  const { instances } = answer;
  note(io, `${instances.filter(({ error }) => error === null).length} of ${instances.length} instances run`);
  notePartialOutcomes(
    io,
    instances.map(({ id, mailboxes, error }) => ({ name: id, mailboxes, error })),
  );
  if (json) await printJson(io, answer);
  endByOutcomes(instances);
}
