import type { Command } from "commander";
import { describeOutcome } from "../describe-instance.ts";
import type { Io } from "../io.ts";
import { note } from "../io.ts";
import { connect, integer } from "../options.ts";
import { show } from "../output.ts";
import { withProgress } from "../progress.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ["ramet stop base", "ask the workload to end, then power off"],
  ["ramet stop base --grace 0", "power off at once"],
] as const;

/** `ramet stop`: graceful, then forced. */
export function addStopCommand(program: Command, io: Io): void {
  addVerb(program, "stop <instance>", "stop a running instance", examples)
    .option("--grace <seconds>", "how long the workload may take to end (default: the server's, 10)", integer(0, 120))
    .action(async (reference: string, options: { readonly grace?: number }, command: Command) => {
      const client = await connect(command, io);
      const grace = options.grace === undefined ? {} : { graceMs: options.grace * 1000 };
      const instance = await withProgress(io, `stopping ${reference}`, () => client.stop(reference, grace, io.signal));
      note(io, describeOutcome(instance));
      await show(io, command, { value: instance, ids: [instance.id] });
    });
}
