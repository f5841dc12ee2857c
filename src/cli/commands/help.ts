import type { Command } from "commander";
import { exitCodeMeanings } from "../exit-codes.ts";
import { UsageError } from "../failures.ts";
import type { Io } from "../io.ts";
import { print } from "../io.ts";

/** `ramet help [topic]`: a verb's help, or the exit codes. */
export function addHelpCommand(program: Command, io: Io): void {
  program
    .command("help [topic]")
    .description("help on a verb, or on: exit-codes")
    .action(async (topic: string | undefined) => {
      if (topic === "exit-codes") await print(io, formatExitCodes());
      else commandOf(program, topic).outputHelp();
    });
}

function commandOf(program: Command, topic: string | undefined): Command {
  if (topic === undefined) return program;
  const command = program.commands.find((each) => each.name() === topic);
  if (command === undefined) throw new UsageError(`there is no help on ${topic}`);
  return command;
}

function formatExitCodes(): string {
  return exitCodeMeanings.map(([code, meaning]) => `${String(code).padStart(4)}  ${meaning}\n`).join("");
}
