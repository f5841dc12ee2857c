import type { Command } from "commander";
import { describeInstance } from "../describe-instance.ts";
import type { Io } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ["ramet get base", "everything about one instance"],
  ["ramet inspect base --json", "the same for a program, by its other name"],
] as const;

/** `ramet get`, or `inspect`: one instance in full. */
export function addGetCommand(program: Command, io: Io): void {
  const verb = addVerb(program, "get <instance>", "show one instance", examples).alias("inspect");
  verb.action(async (reference: string, _options: unknown, command: Command) => {
    const client = await connect(command, io);
    const instance = await client.get(reference, io.signal);
    await show(io, command, { value: instance, ids: [instance.id], text: () => describeInstance(instance) });
  });
}
