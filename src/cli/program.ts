import { Command } from "commander";
import { addCreateCommand } from "./commands/create.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addEventsCommand } from "./commands/events.ts";
import { addExecCommand } from "./commands/exec.ts";
import { addForkCommand } from "./commands/fork.ts";
import { addGetCommand } from "./commands/get.ts";
import { addHelpCommand } from "./commands/help.ts";
import { addLogsCommand } from "./commands/logs.ts";
import { addMailboxesCommand } from "./commands/mailboxes.ts";
import { addPauseCommand } from "./commands/pause.ts";
import { addPsCommand } from "./commands/ps.ts";
import { addRestoreCommand } from "./commands/restore.ts";
import { addResumeCommand } from "./commands/resume.ts";
import { addRmCommand } from "./commands/rm.ts";
import { addRunCommand } from "./commands/run.ts";
import { addSnapshotCommand } from "./commands/snapshot.ts";
import { addStandbyCommand } from "./commands/standby.ts";
import { addStartCommand } from "./commands/start.ts";
import { addStopCommand } from "./commands/stop.ts";
import { addTokenCommand } from "./commands/token.ts";
import { addTreeCommand } from "./commands/tree.ts";
import { addWarmCommand } from "./commands/warm.ts";
import { addVersionCommand } from "./commands/version.ts";
import type { Io } from "./io.ts";
import { addCommonOptions } from "./options.ts";

const elsewhere = `
Started by the launcher, not by this program:
  ramet serve            run the server here
  ramet doctor           say what this machine lacks
  ramet test             set up and run all tests

An INSTANCE is a name, an id, or the unique beginning of an id.`;

/** The whole command line. */
export function buildProgram(io: Io): Command {
  const program = new Command("ramet")
    .description("Forks running Linux VMs and hands each child its own mail.")
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => {
        const [sentence = "", ...suggestions] = text.trimEnd().split("\n");
        write(
          `${[`${sentence.replace(/^error: /, "ramet: ")} (usage)`, ...suggestions, "see: ramet help"].join("\n")}\n`,
        );
      },
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
    })
    .addHelpText("after", elsewhere);
  addCommonOptions(program);
  for (const add of verbs) add(program, io);
  return program;
}

const verbs = [
  addRunCommand,
  addCreateCommand,
  addPsCommand,
  addGetCommand,
  addStartCommand,
  addStopCommand,
  addStandbyCommand,
  addRestoreCommand,
  addPauseCommand,
  addResumeCommand,
  addForkCommand,
  addSnapshotCommand,
  addMailboxesCommand,
  addTreeCommand,
  addWarmCommand,
  addExecCommand,
  addLogsCommand,
  addEventsCommand,
  addRmCommand,
  addTokenCommand,
  addDemoCommand,
  addVersionCommand,
  addHelpCommand,
];
