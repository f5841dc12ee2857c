import { Command, Option } from "commander";
import { addAuditCommand } from "./commands/audit.ts";
import { addCapabilitiesCommand } from "./commands/capabilities.ts";
import { addCompletionCommand } from "./commands/completion.ts";
import { addCpCommand } from "./commands/cp.ts";
import { addCreateCommand } from "./commands/create.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addEventsCommand } from "./commands/events.ts";
import { addExecCommand } from "./commands/exec.ts";
import { addForkCommand } from "./commands/fork.ts";
import { addGetCommand } from "./commands/get.ts";
import { addHealthCommand } from "./commands/health.ts";
import { addHelpCommand } from "./commands/help.ts";
import { addImageCommand } from "./commands/image.ts";
import { addLogsCommand } from "./commands/logs.ts";
import { addMailboxesCommand } from "./commands/mailboxes.ts";
import { addPauseCommand } from "./commands/pause.ts";
import { addPsCommand } from "./commands/ps.ts";
import { addResourcesCommand } from "./commands/resources.ts";
import { addRestoreCommand } from "./commands/restore.ts";
import { addResumeCommand } from "./commands/resume.ts";
import { addRmCommand } from "./commands/rm.ts";
import { addRunCommand } from "./commands/run.ts";
import { addSnapshotCommand } from "./commands/snapshot.ts";
import { addStandbyCommand } from "./commands/standby.ts";
import { addStartCommand } from "./commands/start.ts";
import { addStopCommand } from "./commands/stop.ts";
import { addTopCommand } from "./commands/top.ts";
import { addTokenCommand } from "./commands/token.ts";
import { addTreeCommand } from "./commands/tree.ts";
import { addUpdateCommand } from "./commands/update.ts";
import { addVolumeCommand } from "./commands/volume.ts";
import { addWaitCommand } from "./commands/wait.ts";
import { addWarmCommand } from "./commands/warm.ts";
import { addVersionCommand } from "./commands/version.ts";
import { commonOptions, formatExamples, helpSettings } from "./help-format.ts";
import type { Io } from "./io.ts";
import { addCommonOptions } from "./options.ts";
import { wantsQuiet } from "./output.ts";
import { sayWrongUsage } from "./verb.ts";

const examples = [
  ["ramet run --name base ramet/base -- sleep infinity", "boot a VM"],
  ["ramet standby base", "keep its memory, end its process"],
  ["ramet fork base --name 'w-{index}' --count 10", "ten children that go on where it was"],
  ["ramet help fork", "what a verb takes, with examples"],
] as const;

const elsewhere = `
Started by the launcher, not by this program:
  ramet serve            run the server here
  ramet doctor           say what this machine lacks
  ramet example NAME     run an example of examples/ on a server of its own
  ramet test             set up and run all tests

An INSTANCE is a name, an id, or the unique beginning of an id.`;

/** The whole command line. */
export function buildProgram(io: Io): Command {
  const program = new Command("ramet")
    .description("Forks running Linux VMs and hands each child its own mail.")
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .helpCommand(false)
    .configureHelp(helpSettings)
    .addHelpOption(new Option("-h, --help", "show this help").helpGroup(commonOptions))
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: sayWrongUsage(() => "ramet help"),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
    })
    .hook("preAction", (_program, action) => {
      io.quiet = wantsQuiet(action);
    })
    .addHelpText("after", ({ command }) => `${formatExamples(examples, command)}\n${elsewhere}`);
  addCommonOptions(program);
  for (const [heading, adds] of Object.entries(verbs)) {
    program.commandsGroup(heading);
    for (const add of adds) add(program, io);
  }
  return program;
}

/** By the heading under which they stand in the help. */
const verbs = {
  "Instances:": [
    addRunCommand,
    addCreateCommand,
    addPsCommand,
    addGetCommand,
    addUpdateCommand,
    addStartCommand,
    addStopCommand,
    addWaitCommand,
    addRmCommand,
  ],
  "Memory, forks and snapshots:": [
    addStandbyCommand,
    addRestoreCommand,
    addPauseCommand,
    addResumeCommand,
    addForkCommand,
    addMailboxesCommand,
    addTreeCommand,
    addWarmCommand,
    addSnapshotCommand,
  ],
  "Inside a guest:": [addExecCommand, addCpCommand, addLogsCommand],
  "Images and volumes:": [addImageCommand, addVolumeCommand],
  "The server:": [
    addEventsCommand,
    addAuditCommand,
    addTopCommand,
    addResourcesCommand,
    addTokenCommand,
    addCapabilitiesCommand,
    addHealthCommand,
  ],
  "This program:": [addDemoCommand, addVersionCommand, addCompletionCommand, addHelpCommand],
};
