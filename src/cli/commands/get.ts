import type { Command } from "commander";
import { describeInstance } from "../describe-instance.ts";
import type { Io } from "../io.ts";
import { print, printJson } from "../io.ts";
import { connect, wantsJson } from "../options.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ["ramet get base", "everything about one instance"],
  ["ramet get base --json", "the same for a program"],
] as const;

/** `ramet get`: one instance in full. */
export function addGetCommand(program: Command, io: Io): void {
  addVerb(program, "get <instance>", "show one instance", examples).action(
    async (reference: string, _options: unknown, command: Command) => {
      const client = await connect(command, io);
      const instance = await client.get(reference, io.signal);
      await (wantsJson(command) ? printJson(io, instance) : print(io, describeInstance(instance)));
    },
  );
}
