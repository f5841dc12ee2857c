import type { Command } from "commander";
import type { Snapshot } from "../../client/shapes.ts";
import { formatBytes } from "../bytes.ts";
import { formatAge } from "../durations.ts";
import type { Io } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { type Paint, paintFor } from "../paint.ts";
import type { Column } from "../table.ts";
import { formatTable } from "../table.ts";
import { addVerb } from "../verb.ts";

interface LsOptions {
  readonly instance?: string;
}

const examples = [
  ["ramet snapshot ls", "all snapshots"],
  ["ramet snapshot ls --instance base", "those of base, also when it is gone"],
  ["ramet snapshot rm $(ramet snapshot ls -q --instance base)", "remove them"],
] as const;

const columns: readonly Column[] = [
  { title: "NAME", shrinksTo: 12 },
  { title: "ID", shrinksTo: 8 },
  { title: "KIND" },
  { title: "SOURCE", shrinksTo: 8 },
  { title: "MEMORY", align: "right" },
  { title: "SIZE", align: "right" },
  { title: "AGE", align: "right" },
];

/** `ramet snapshot ls`: the snapshots, as a table that fits the terminal. */
export function addSnapshotLsCommand(parent: Command, io: Io): void {
  addVerb(parent, "ls", "list snapshots", examples)
    .option("--instance <instance>", "only those of this instance: its name or whole id")
    .action(async ({ instance }: LsOptions, command: Command) => {
      const client = await connect(command, io);
      const snapshots = (await client.snapshots({}, io.signal)).filter((each) => isOf(each, instance));
      await show(io, command, {
        value: snapshots,
        ids: snapshots.map(({ id }) => id),
        text: () => formatSnapshots(snapshots, Date.now(), io.stdout.columns, paintFor(io, "stdout")),
      });
    });
}

/** By the name that the snapshot kept, because the instance may be gone and can then not be asked for. */
function isOf(snapshot: Snapshot, instance: string | undefined): boolean {
  return instance === undefined || [snapshot.source_instance_id, snapshot.source_instance_name].includes(instance);
}

function formatSnapshots(snapshots: readonly Snapshot[], now: number, width: number | undefined, paint: Paint): string {
  const rows = snapshots.map((snapshot) => [
    snapshot.name,
    snapshot.id,
    snapshot.kind,
    snapshot.source_instance_name,
    snapshot.memory,
    formatBytes(snapshot.size_bytes),
    formatAge(snapshot.created_at, now),
  ]);
  return formatTable(columns, rows, width, paint);
}
