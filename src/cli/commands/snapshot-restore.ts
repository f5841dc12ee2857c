import type { Command } from "commander";
import { describeOutcome } from "../describe-instance.ts";
import type { Io } from "../io.ts";
import { note } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { withProgress } from "../progress.ts";
import { addVerb } from "../verb.ts";

const examples = [["ramet snapshot restore base warm", "what base is now is lost when this succeeds"]] as const;

/** `ramet snapshot restore`: an instance becomes what it was. */
export function addSnapshotRestoreCommand(parent: Command, io: Io): void {
  addVerb(parent, "restore <instance> <snapshot>", "bring an instance back to one of its snapshots", examples).action(
    async (reference: string, snapshot: string, _options: unknown, command: Command) => {
      const client = await connect(command, io);
      const instance = await withProgress(io, `restoring ${reference} from ${snapshot}`, () =>
        client.restoreSnapshot(reference, snapshot, io.signal),
      );
      note(io, describeOutcome(instance, instance.timings_ms));
      await show(io, command, { value: instance, ids: [instance.id] });
    },
  );
}
