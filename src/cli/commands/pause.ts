import type { Command } from "commander";
import { describeOutcome } from "../describe-instance.ts";
import type { Io } from "../io.ts";
import { note } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { withProgress } from "../progress.ts";
import { addVerb } from "../verb.ts";

const examples = [["ramet pause base", "it stands still, and keeps its memory and its process"]] as const;

/** `ramet pause`: stops a running guest's processors. */
export function addPauseCommand(program: Command, io: Io): void {
  addVerb(program, "pause <instance>", "let a running instance stand still", examples).action(
    async (reference: string, _options: unknown, command: Command) => {
      const client = await connect(command, io);
      const instance = await withProgress(io, `pausing ${reference}`, () => client.pause(reference, io.signal));
      note(io, describeOutcome(instance));
      await show(io, command, { value: instance, ids: [instance.id] });
    },
  );
}
