import type { Command } from "commander";
import { Option } from "commander";
import { addForkOptions, type ForkOptions } from "../fork-options.ts";
import type { Io } from "../io.ts";
import { runFork } from "../run-fork.ts";
import { addVerb } from "../verb.ts";

interface InstanceForkOptions extends ForkOptions {
  readonly fromRunning?: boolean;
  readonly snapshot?: boolean;
}

const examples = [
  ["ramet fork base --name worker-1", "a child that goes on where base was put in standby"],
  [`ramet fork base --name worker-2 --mailbox 'job={"shard":1}' --wait-ack`, "with mail, and its word that it took it"],
  ["ramet fork base --name worker-3 --mailbox cfg=@cfg.json", "mail from a file: secrets do not belong in arguments"],
  ["secret-tool | ramet fork base --name worker-4 --mailbox key=@-", "mail from standard input"],
  [
    `ramet fork base --name 'w-{index}' --count 10 --mailbox 'job={"shard":{index}}'`,
    "ten children, each its own mail",
  ],
  ["ramet fork base --from-running --name copy", "base runs, and goes on at once"],
] as const;

/** `ramet fork`: children of an instance, or of a snapshot. */
export function addForkCommand(program: Command, io: Io): void {
  addForkOptions(addVerb(program, "fork <source>", "make children of an instance, each with its own mail", examples))
    .option("--from-running", "also when it runs: it stands still for the checkpoint only")
    .addOption(
      new Option("--snapshot", "the source is a snapshot; same as: ramet snapshot fork").conflicts("fromRunning"),
    )
    .action(async (reference: string, options: InstanceForkOptions, command: Command) => {
      const { snapshot = false, fromRunning = false } = options;
      const source = snapshot
        ? ({ kind: "snapshot", reference } as const)
        : ({ kind: "instance", reference, fromRunning } as const);
      await runFork(io, command, source, options);
    });
}
