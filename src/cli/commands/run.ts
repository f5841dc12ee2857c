import type { Command } from "commander";
import type { Io } from "../io.ts";
import { note } from "../io.ts";
import { connect, integer } from "../options.ts";
import { show } from "../output.ts";
import { addVerb } from "../verb.ts";
import { waitForRunning } from "../wait-for-running.ts";
import { describeOutcome } from "../describe-instance.ts";
import type { InstanceOptions } from "./instance-options.ts";
import { addInstanceOptions, createInstance, instanceBody } from "./instance-options.ts";

const examples = [
  ["ramet run --name base ramet/base -- sleep infinity", "boot a VM and print its id"],
  ["ramet run --name web -P nginx:1.27", "pull the image when it is not here, and forward its ports"],
  ["ramet run --name big --memory 2GB --vcpus 2 --tag team=a ramet/base -- sh -c 'echo hello'", "with more of it"],
  ["TOKEN=… ramet run --name base -e TOKEN ramet/base -- worker", "hand a secret on without showing it"],
] as const;

/** `ramet run`: create, start, wait until it runs, print the id. */
export function addRunCommand(program: Command, io: Io): void {
  addInstanceOptions(addVerb(program, "run", "create an instance, start it, and wait until it runs", examples))
    .option("--timeout <seconds>", "how long to wait for it to run", integer(1, 3600), 300)
    .action(
      async (image: string, words: string[], options: InstanceOptions & { timeout: number }, command: Command) => {
        const client = await connect(command, io);
        const created = await createInstance(io, client, instanceBody(image, words, options, io), options);
        const instance = await waitForRunning(io, client, created, options.timeout);
        note(io, describeOutcome(instance));
        await show(io, command, { value: instance, ids: [instance.id], text: () => `${instance.id}\n` });
      },
    );
}
