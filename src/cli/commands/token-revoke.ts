import type { Command } from "commander";
import type { Io } from "../io.ts";
import { note } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { printable } from "../printable.ts";
import { addVerb } from "../verb.ts";

const examples = [["ramet token revoke ci", "by its name, its id, or the unique beginning of that"]] as const;

/** `ramet token revoke`: the first refusal ends it; what was revoked before stays so. */
export function addTokenRevokeCommand(parent: Command, io: Io): void {
  addVerb(parent, "revoke <tokens...>", "end tokens, and what is open under them", examples).action(
    async (references: string[], _options: unknown, command: Command) => {
      const client = await connect(command, io);
      for (const reference of references) {
        await client.revokeToken(reference, io.signal);
        note(io, `revoked ${printable(reference)}`);
      }
      await show(io, command, { value: { revoked: references }, ids: [] });
    },
  );
}
