import type { Command } from "commander";
import type { StartOverrides } from "../../client/shapes.ts";
import { describeOutcome } from "../describe-instance.ts";
import type { Io } from "../io.ts";
import { note } from "../io.ts";
import { collect, connect, integer } from "../options.ts";
import { show } from "../output.ts";
import { addVerb } from "../verb.ts";
import { waitForRunning } from "../wait-for-running.ts";
import { parseEntrypoint, parseEnvironment } from "./instance-options.ts";

interface StartOptions {
  readonly env?: readonly string[];
  readonly entrypoint?: string;
  readonly timeout: number;
}

const examples = [
  ["ramet start base", "boot a stopped instance and wait until it runs"],
  ["ramet start base -e DEBUG=1 -- worker --verbose", "with another command line"],
] as const;

/** `ramet start`: boot a stopped instance. */
export function addStartCommand(program: Command, io: Io): void {
  addVerb(program, "start <instance> [command...]", "start a stopped instance, and wait until it runs", examples)
    .option(
      "-e, --env <key=value>",
      "environment of the workload; KEY alone takes this shell's value; repeatable",
      collect,
    )
    .option("--entrypoint <program>", "program to run; several words as a JSON array")
    .option("--timeout <seconds>", "how long to wait for it to run", integer(1, 3600), 300)
    .action(async (reference: string, words: string[], options: StartOptions, command: Command) => {
      const client = await connect(command, io);
      const started = await client.start(reference, overrides(words, options, io), io.signal);
      const instance = await waitForRunning(io, client, started, options.timeout);
      note(io, describeOutcome(instance));
      await show(io, command, { value: instance, ids: [instance.id] });
    });
}

function overrides(words: readonly string[], options: StartOptions, io: Io): StartOverrides {
  return {
    ...(options.env === undefined ? {} : { env: parseEnvironment(options.env, io) }),
    ...(options.entrypoint === undefined ? {} : { entrypoint: parseEntrypoint(options.entrypoint) }),
    ...(words.length === 0 ? {} : { cmd: words }),
  };
}
