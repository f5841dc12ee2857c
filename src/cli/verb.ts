import type { Command } from "commander";
import { type Example, formatExamples } from "./help-format.ts";
import { addCommonOptions } from "./options.ts";

/** A verb with the options that all verbs share and examples under its help. */
export function addVerb(program: Command, usage: string, description: string, examples: readonly Example[]): Command {
  return addCommonOptions(program.command(usage).description(description)).addHelpText("after", ({ command }) =>
    formatExamples(examples, command),
  );
}
