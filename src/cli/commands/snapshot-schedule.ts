import type { Command } from "commander";
import type { SnapshotSchedule, SnapshotScheduleBody } from "../../client/shapes.ts";
import { UsageError } from "../failures.ts";
import type { Io } from "../io.ts";
import { note } from "../io.ts";
import { parseKeyValues } from "../key-values.ts";
import { collect, connect, integer } from "../options.ts";
import { show } from "../output.ts";
import { printable } from "../printable.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ["ramet snapshot schedule set base --interval 24h --max-count 7", "one every day; the newest seven stay"],
  ["ramet snapshot schedule show base", "when the next one is due, and how the last one went"],
  ["ramet snapshot schedule clear base", "no more; those that were taken stay"],
] as const;

/** `ramet snapshot schedule VERB`: snapshots of an instance by the calendar. */
export function addSnapshotScheduleCommand(parent: Command, io: Io): void {
  const description = "have snapshots of an instance taken by the calendar";
  const schedule = addVerb(parent, "schedule", description, examples).helpCommand(false);
  addShow(schedule, io);
  addSet(schedule, io);
  addClear(schedule, io);
}

function addShow(parent: Command, io: Io): void {
  addVerb(parent, "show <instance>", "show an instance's schedule, and how its last run went", [
    ["ramet snapshot schedule show base", "base may be gone: then its whole id"],
  ]).action(async (reference: string, _options: unknown, command: Command) => {
    const client = await connect(command, io);
    const schedule = await client.snapshotSchedule(reference, io.signal);
    await show(io, command, { value: schedule, ids: [schedule.instance_id], text: () => describe(schedule) });
  });
}

interface SetOptions {
  readonly interval: string;
  readonly maxCount?: number;
  readonly maxAge?: string;
  readonly namePrefix?: string;
  readonly tag?: readonly string[];
}

function addSet(parent: Command, io: Io): void {
  addVerb(parent, "set <instance>", "set an instance's schedule, in place of the one that it had", [
    ["ramet snapshot schedule set base --interval 24h --max-count 7", "one every day; the newest seven stay"],
    ["ramet snapshot schedule set base --interval 15m --max-age 6h --name-prefix quarter", "what is older goes"],
  ])
    .requiredOption("--interval <duration>", "how long from one to the next, such as 15m or 24h; at least 1m")
    .option("--max-count <n>", "how many of them stay, the newest", integer(1, 100_000))
    .option("--max-age <duration>", "how old they may become, such as 168h")
    .option("--name-prefix <prefix>", "what their names begin with, before the time (scheduled)")
    .option("--tag <key=value>", "to find them by; repeatable", collect)
    .action(async (reference: string, options: SetOptions, command: Command) => {
      const body = bodyOf(options);
      const client = await connect(command, io);
      const schedule = await client.setSnapshotSchedule(reference, body, io.signal);
      note(io, printable(`${reference}: the next snapshot is due at ${schedule.next_run_at}`));
      await show(io, command, { value: schedule, ids: [schedule.instance_id] });
    });
}

function addClear(parent: Command, io: Io): void {
  addVerb(parent, "clear <instance>", "end an instance's schedule; the snapshots that it took stay", [
    ["ramet snapshot schedule clear base", "base may be gone: then its whole id"],
  ]).action(async (reference: string, _options: unknown, command: Command) => {
    const client = await connect(command, io);
    await client.deleteSnapshotSchedule(reference, io.signal);
    note(io, printable(`${reference} has no snapshot schedule any more; the snapshots that it took stay`));
    await show(io, command, { value: { cleared: reference }, ids: [] });
  });
}

function bodyOf({ interval, maxCount, maxAge, namePrefix, tag }: SetOptions): SnapshotScheduleBody {
  if (maxCount === undefined && maxAge === undefined)
    throw new UsageError("say which snapshots stay, or they pile up without end: give --max-count, --max-age or both");
  return {
    interval,
    retention: {
      ...(maxCount === undefined ? {} : { max_count: maxCount }),
      ...(maxAge === undefined ? {} : { max_age: maxAge }),
    },
    ...(namePrefix === undefined ? {} : { name_prefix: namePrefix }),
    ...(tag === undefined ? {} : { metadata: parseKeyValues("--tag", tag) }),
  };
}

function describe(schedule: SnapshotSchedule): string {
  const { max_count, max_age } = schedule.retention;
  const kept = [
    ...(max_count === undefined ? [] : [`the newest ${max_count}`]),
    ...(max_age === undefined ? [] : [`those younger than ${max_age}`]),
  ];
  const tags = Object.entries(schedule.metadata).map(([key, value]) => `${key}=${value}`);
  const lines: [string, string][] = [
    ["instance", schedule.instance_id],
    ["interval", schedule.interval],
    ["keeps", kept.join(", of these ")],
    ["names", `${schedule.name_prefix ?? "scheduled"}-…`],
    ["tags", tags.length === 0 ? "none" : tags.join(" ")],
    ["next run", schedule.next_run_at],
    ["last run", schedule.last_run_at ?? "none"],
    ["last snapshot", schedule.last_snapshot_id ?? "none"],
    ["last error", schedule.last_error ?? "none"],
  ];
  return lines.map(([key, value]) => `${`${key}:`.padEnd(15)}${printable(value)}\n`).join("");
}
