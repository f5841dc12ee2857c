import type { Command } from "commander";
import { type Example, formatExamples } from "./help-format.ts";
import { addCommonOptions } from "./options.ts";

/** A verb with the options that all verbs share and examples under its help. */
export function addVerb(program: Command, usage: string, description: string, examples: readonly Example[]): Command {
  const verb = program.command(usage).description(description);
  return addCommonOptions(verb)
    .configureOutput({ outputError: sayWrongUsage(() => `ramet help ${wordsOf(verb).join(" ")}`) })
    .addHelpText("after", ({ command }) => formatExamples(examples, command));
}

/** How the parser's complaints look: as all errors do, with where to read on. */
export function sayWrongUsage(helpCommand: () => string): (text: string, write: (text: string) => void) => void {
  return (text, write) => {
    const [sentence = "", ...suggestions] = text.trimEnd().split("\n");
    const said = [`${sentence.replace(/^error: /, "ramet: ")} (usage)`, ...suggestions, `see: ${helpCommand()}`];
    write(`${said.join("\n")}\n`);
  };
}

/** The words that lead to a verb, without the program's own. */
function wordsOf(verb: Command): string[] {
  return verb.parent === null ? [] : [...wordsOf(verb.parent), verb.name()];
}
