import type { Command } from "commander";
import { formatTimings } from "../durations.ts";
import type { Io } from "../io.ts";
import { note } from "../io.ts";
import { parseKeyValues } from "../key-values.ts";
import { collect, connect } from "../options.ts";
import { show } from "../output.ts";
import { printable } from "../printable.ts";
import { withProgress } from "../progress.ts";
import { addVerb } from "../verb.ts";

interface CreateOptions {
  readonly name: string;
  readonly tag?: readonly string[];
}

const examples = [
  [
    "ramet snapshot create base --name warm",
    "memory and disk of a running base, which goes on; of a stopped one its disk",
  ],
] as const;

/** `ramet snapshot create`: a named checkpoint of an instance. */
export function addSnapshotCreateCommand(parent: Command, io: Io): void {
  addVerb(parent, "create <instance>", "take a snapshot of an instance", examples)
    .requiredOption("--name <name>", "name of the snapshot, its own among those of this instance")
    .option("--tag <key=value>", "to find it by; repeatable", collect)
    .action(async (reference: string, options: CreateOptions, command: Command) => {
      const tags = parseKeyValues("--tag", options.tag ?? []);
      const body = { name: options.name, ...(options.tag === undefined ? {} : { tags }) };
      const client = await connect(command, io);
      const taken = await withProgress(io, `taking a snapshot of ${reference}`, () =>
        client.takeSnapshot(reference, body, io.signal),
      );
      note(io, printable(`${taken.name} is a ${taken.kind} snapshot: ${formatTimings(taken.timings_ms)}`));
      if (taken.source_pause_ms !== null)
        note(io, printable(`${reference} stood still: ${formatTimings(taken.source_pause_ms)}`));
      await show(io, command, { value: taken, ids: [taken.id], text: () => `${taken.id}\n` });
    });
}
