import type { Command } from "commander";
import { describeOutcome } from "../describe-instance.ts";
import type { Io } from "../io.ts";
import { note } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { withProgress } from "../progress.ts";
import { addVerb } from "../verb.ts";

const examples = [["ramet standby base", "keep its memory as an image, and end its process: ready to fork"]] as const;

/** `ramet standby`: running instance → memory image. */
export function addStandbyCommand(program: Command, io: Io): void {
  addVerb(
    program,
    "standby <instance>",
    "put a running instance in standby: a memory image, no process",
    examples,
  ).action(async (reference: string, _options: unknown, command: Command) => {
    const client = await connect(command, io);
    const instance = await withProgress(io, `putting ${reference} in standby`, () =>
      client.standby(reference, io.signal),
    );
    note(io, describeOutcome(instance, instance.timings_ms));
    await show(io, command, { value: instance, ids: [instance.id] });
  });
}
