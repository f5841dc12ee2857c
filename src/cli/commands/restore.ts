import type { Command } from "commander";
import { describeOutcome } from "../describe-instance.ts";
import type { Io } from "../io.ts";
import { note } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { withProgress } from "../progress.ts";
import { addVerb } from "../verb.ts";

const examples = [["ramet restore base", "let it go on where standby stopped it"]] as const;

/** `ramet restore`: memory image → the same instance, running. */
export function addRestoreCommand(program: Command, io: Io): void {
  addVerb(program, "restore <instance>", "let an instance in standby run on", examples).action(
    async (reference: string, _options: unknown, command: Command) => {
      const client = await connect(command, io);
      const instance = await withProgress(io, `restoring ${reference}`, () => client.restore(reference, io.signal));
      note(io, describeOutcome(instance, instance.timings_ms));
      await show(io, command, { value: instance, ids: [instance.id] });
    },
  );
}
