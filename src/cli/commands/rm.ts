import type { Command } from "commander";
import { RametApiError } from "../../client/errors.ts";
import { exitCodeOf } from "../exit-codes.ts";
import { ExitStatus } from "../failures.ts";
import { hintFor } from "../hints.ts";
import type { Io } from "../io.ts";
import { note, printJson } from "../io.ts";
import { connect, wantsJson } from "../options.ts";
import { printable } from "../printable.ts";
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
      const removed: string[] = [];
      const refusals: { readonly reference: string; readonly refusal: RametApiError }[] = [];
      for (const reference of references) {
        try {
          await client.delete(reference, io.signal);
          removed.push(reference);
          note(io, `removed ${printable(reference)}`);
        } catch (error) {
          if (!(error instanceof RametApiError)) throw error;
          refusals.push({ reference, refusal: error });
          note(io, `ramet: ${printable(reference)}: ${printable(error.message)} (${error.code})`);
        }
      }
      if (wantsJson(command)) await printJson(io, { removed, failed: refusals.map(factsOf) });
      const first = refusals[0]?.refusal;
      if (first === undefined) return;
      const hint = hintFor(first);
      if (hint !== undefined) note(io, hint);
      throw new ExitStatus(exitCodeOf(first));
    },
  );
}

function factsOf({ reference, refusal }: { readonly reference: string; readonly refusal: RametApiError }): object {
  return { reference, code: refusal.code, message: refusal.message };
}
