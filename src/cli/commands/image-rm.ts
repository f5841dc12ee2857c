import type { Command } from "commander";
import type { Io } from "../io.ts";
import { connect } from "../options.ts";
import { removeAll } from "../remove-all.ts";
import { addVerb } from "../verb.ts";

const examples = [["ramet image rm nginx:1.27", "refused while something was made of it"]] as const;

/** `ramet image rm`: every one that can be removed is removed; the first refusal gives the exit code. */
export function addImageRmCommand(parent: Command, io: Io): void {
  addVerb(parent, "rm <images...>", "remove images, and end their pulls", examples).action(
    async (names: string[], _options: unknown, command: Command) => {
      const client = await connect(command, io);
      await removeAll(io, command, names, (name) => client.deleteImage(name, io.signal));
    },
  );
}
