import type { Command } from "commander";
import type { Io } from "../io.ts";
import { connect } from "../options.ts";
import { removeAll } from "../remove-all.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ["ramet rm worker-1 worker-2", "remove instances, running or not, with all they keep"],
  ["ramet rm $(ramet ps -q --state Stopped)", "remove what is stopped"],
] as const;

/** `ramet rm`: every one that can be removed is removed; the first refusal gives the exit code. */
export function addRmCommand(program: Command, io: Io): void {
  addVerb(program, "rm <instances...>", "remove instances", examples).action(
    async (references: string[], _options: unknown, command: Command) => {
      const client = await connect(command, io);
      await removeAll(io, command, references, (reference) => client.delete(reference, io.signal));
    },
  );
}
