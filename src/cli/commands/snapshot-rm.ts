import type { Command } from "commander";
import type { Io } from "../io.ts";
import { connect } from "../options.ts";
import { removeAll } from "../remove-all.ts";
import { addVerb } from "../verb.ts";

const examples = [["ramet snapshot rm warm", "what was forked of it stays"]] as const;

/** `ramet snapshot rm`: every one that can be removed is removed; the first refusal gives the exit code. */
export function addSnapshotRmCommand(parent: Command, io: Io): void {
  addVerb(parent, "rm <snapshots...>", "remove snapshots", examples).action(
    async (references: string[], _options: unknown, command: Command) => {
      const client = await connect(command, io);
      await removeAll(io, command, references, (reference) => client.deleteSnapshot(reference, io.signal));
    },
  );
}
