import type { Command } from "commander";
import { addCommonOptions } from "./options.ts";

/** A verb with the options that all verbs share and examples under its help. Each example is a command line and what it does. */
export function addVerb(
  program: Command,
  usage: string,
  description: string,
  examples: readonly (readonly [commandLine: string, effect: string])[],
): Command {
  const width = Math.max(...examples.map(([commandLine]) => commandLine.length));
  const lines = examples.map(([commandLine, effect]) => `  ${commandLine.padEnd(width)}  ${effect}`);
  return addCommonOptions(program.command(usage).description(description)).addHelpText(
    "after",
    `\nExamples:\n${lines.join("\n")}`,
  );
}
