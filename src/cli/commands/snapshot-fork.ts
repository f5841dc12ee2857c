import type { Command } from "commander";
import { addForkOptions, type ForkOptions } from "../fork-options.ts";
import type { Io } from "../io.ts";
import { runFork } from "../run-fork.ts";
import { addVerb } from "../verb.ts";

const examples = [
  [`ramet snapshot fork warm --name worker-1 --mailbox 'job={"shard":1}'`, "a child with its own mail"],
  [`ramet snapshot fork warm --name 'w-{index}' --count 10`, "ten of them"],
] as const;

/** `ramet snapshot fork`: children of a snapshot. */
export function addSnapshotForkCommand(parent: Command, io: Io): void {
  addForkOptions(
    addVerb(parent, "fork <snapshot>", "make children of a snapshot, each with its own mail", examples),
  ).action(async (reference: string, options: ForkOptions, command: Command) => {
    await runFork(io, command, { kind: "snapshot", reference }, options);
  });
}
