import type { Command } from "commander";
import type { Io } from "../io.ts";
import { note } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { paintFor } from "../paint.ts";
import type { Column } from "../table.ts";
import { formatTable } from "../table.ts";
import { addVerb } from "../verb.ts";

const examples = [["ramet mailboxes base", "which mailboxes a fork of base can fill"]] as const;

const columns: readonly Column[] = [
  { title: "MAILBOX", shrinksTo: 12 },
  { title: "ARMED" },
  { title: "PARTS", align: "right" },
  { title: "CAPACITY (BYTES)", align: "right" },
];

/** `ramet mailboxes`: what the memory image of an instance in standby holds. */
export function addMailboxesCommand(program: Command, io: Io): void {
  addVerb(program, "mailboxes <instance>", "list the mailboxes of an instance in standby", examples).action(
    async (reference: string, _options: unknown, command: Command) => {
      const client = await connect(command, io);
      const mailboxes = await client.mailboxes(reference, io.signal);
      const rows = mailboxes.map(({ name, armed, parts, capacity_bytes }) => [
        name,
        armed ? "yes" : "no",
        String(parts),
        String(capacity_bytes),
      ]);
      await show(io, command, {
        value: mailboxes,
        ids: mailboxes.map(({ name }) => name),
        text: () => formatTable(columns, rows, io.stdout.columns, paintFor(io, "stdout")),
      });
      if (rows.length === 0) note(io, "none: arm one in the guest with `mailbox arm NAME` before standby");
    },
  );
}
