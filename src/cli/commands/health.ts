import type { Command } from "commander";
import type { Io } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ["ramet health -q && echo up", "for a script: the exit code says whether the server answers"],
] as const;

/** `ramet health`: needs no token. */
export function addHealthCommand(program: Command, io: Io): void {
  addVerb(program, "health", "say whether the server answers", examples).action(
    async (_options: unknown, command: Command) => {
      const client = await connect(command, io);
      const health = await client.health(io.signal);
      await show(io, command, { value: health, ids: [], text: () => `${health.status}\n` });
    },
  );
}
