import type { Command } from "commander";
import type { Instance } from "../../client/shapes.ts";
import { formatAge } from "../durations.ts";
import type { Io } from "../io.ts";
import { parseKeyValues } from "../key-values.ts";
import { collect, connect } from "../options.ts";
import { show } from "../output.ts";
import { type Paint, paintFor, paintState, plain } from "../paint.ts";
import type { Column } from "../table.ts";
import { formatTable } from "../table.ts";
import { addVerb } from "../verb.ts";

interface PsOptions {
  readonly state?: string;
  readonly tag?: readonly string[];
}

const examples = [
  ["ramet ps", "all instances, whatever their state"],
  ["ramet ps --state Standby --tag team=a", "only some"],
  ["ramet rm $(ramet ps -q --tag job=nightly)", "remove all with a tag"],
] as const;

const columns: readonly Column[] = [
  { title: "NAME", shrinksTo: 12 },
  { title: "ID", shrinksTo: 8 },
  { title: "STATE", paint: paintState },
  { title: "IMAGE", shrinksTo: 8 },
  { title: "MEMORY", align: "right" },
  { title: "VCPUS", align: "right" },
  { title: "AGE", align: "right" },
  { title: "PARENT", shrinksTo: 6 },
];

/** `ramet ps`: the instances, as a table that fits the terminal. */
export function addPsCommand(program: Command, io: Io): void {
  addVerb(program, "ps", "list instances", examples)
    .option("--state <state>", "only those in this state")
    .option("--tag <key=value>", "only those with this tag; repeatable", collect)
    .action(async (options: PsOptions, command: Command) => {
      const client = await connect(command, io);
      const filter = {
        ...(options.state === undefined ? {} : { state: options.state }),
        tags: parseKeyValues("--tag", options.tag ?? []),
      };
      const instances = await client.list(filter, io.signal);
      await show(io, command, {
        value: instances,
        ids: instances.map(({ id }) => id),
        text: () => formatInstances(instances, Date.now(), io.stdout.columns, paintFor(io, "stdout")),
      });
    });
}

/** The table of `ps`. A parent is shown by name when it is in the list. */
export function formatInstances(
  instances: readonly Instance[],
  now: number,
  width?: number,
  paint: Paint = plain,
): string {
  const names = new Map(instances.map(({ id, name }) => [id, name]));
  const rows = instances.map((instance) => [
    instance.name,
    instance.id,
    instance.state,
    instance.image,
    instance.memory,
    String(instance.vcpus),
    formatAge(instance.created_at, now),
    instance.parent_id === null ? "" : (names.get(instance.parent_id) ?? instance.parent_id),
  ]);
  return formatTable(columns, rows, width, paint);
}
