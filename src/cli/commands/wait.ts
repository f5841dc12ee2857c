import type { Command } from "commander";
import { Option } from "commander";
import type { InstanceState } from "../../client/shapes.ts";
import { describeOutcome } from "../describe-instance.ts";
import type { Io } from "../io.ts";
import { note } from "../io.ts";
import { connect, integer } from "../options.ts";
import { show } from "../output.ts";
import { withProgress } from "../progress.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ["ramet wait base", "until it runs; ends with 1 when it comes to rest in another state"],
  ["ramet wait base --state Stopped --timeout 3600", "until its workload is over, an hour at most: then 124"],
] as const;

const states = ["Initializing", "Running", "Paused", "Stopped", "Standby", "Unknown"] as const;

/** `ramet wait`: an instance comes into a state. */
export function addWaitCommand(program: Command, io: Io): void {
  addVerb(program, "wait <instance>", "wait until an instance is in a state", examples)
    .addOption(new Option("--state <state>", "the state to wait for").choices(states).default("Running"))
    .option("--timeout <seconds>", "how long to wait", integer(1, 86_400), 300)
    .action(async (reference: string, options: { state: InstanceState; timeout: number }, command: Command) => {
      const client = await connect(command, io);
      const wish = { state: options.state, timeoutMs: options.timeout * 1000 };
      const instance = await withProgress(io, `waiting until ${reference} is ${options.state}`, () =>
        client.waitUntil(reference, wish, io.signal),
      );
      note(io, describeOutcome(instance));
      await show(io, command, { value: instance, ids: [instance.id] });
    });
}
