import type { Command } from "commander";
import { RametApiError } from "../client/errors.ts";
import { exitCodeOf } from "./exit-codes.ts";
import { ExitStatus } from "./failures.ts";
import { hintFor } from "./hints.ts";
import type { Io } from "./io.ts";
import { complain, note } from "./io.ts";
import { show } from "./output.ts";
import { printable } from "./printable.ts";

/**
 * Removes one after the other; a refusal does not stop the rest.
 * @throws ExitStatus of the first refusal, when there was one.
 */
export async function removeAll(
  io: Io,
  command: Command,
  references: readonly string[],
  remove: (reference: string) => Promise<void>,
): Promise<void> {
  const removed: string[] = [];
  const refusals: { readonly reference: string; readonly refusal: RametApiError }[] = [];
  for (const reference of references) {
    try {
      await remove(reference);
      removed.push(reference);
      note(io, `removed ${printable(reference)}`);
    } catch (error) {
      if (!(error instanceof RametApiError)) throw error;
      refusals.push({ reference, refusal: error });
      complain(io, `ramet: ${printable(reference)}: ${printable(error.message)} (${error.code})`);
    }
  }
  await show(io, command, { value: { removed, failed: refusals.map(factsOf) }, ids: removed });
  const first = refusals[0]?.refusal;
  if (first === undefined) return;
  const hint = hintFor(first);
  if (hint !== undefined) complain(io, hint);
  throw new ExitStatus(exitCodeOf(first));
}

function factsOf({ reference, refusal }: { readonly reference: string; readonly refusal: RametApiError }): object {
  return { reference, code: refusal.code, message: refusal.message };
}
