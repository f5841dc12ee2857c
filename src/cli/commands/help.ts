import type { Command } from "commander";
import { exitCodeMeanings } from "../exit-codes.ts";
import { UsageError } from "../failures.ts";
import type { Io } from "../io.ts";
import { print } from "../io.ts";

/** `ramet help [topic…]`: a verb's help, or the exit codes. */
export function addHelpCommand(program: Command, io: Io): void {
  program
    .command("help [topic...]")
    .description("help on a verb, or on: exit-codes")
    .action(async (topics: readonly string[]) => {
      if (topics[0] === "exit-codes") await print(io, formatExitCodes());
      else topics.reduce(subcommandOf, program).outputHelp();
    });
}

function subcommandOf(parent: Command, topic: string): Command {
  const command = parent.commands.find((each) => each.name() === topic);
  if (command === undefined) throw new UsageError(`there is no help on ${topic}`);
  return command;
}

function formatExitCodes(): string {
  return exitCodeMeanings.map(([code, meaning]) => `${String(code).padStart(4)}  ${meaning}\n`).join("");
}
