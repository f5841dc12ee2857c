import type { Command } from "commander";
import type { RametCalls } from "../../client/calls.ts";
import type { AuditFilter, AuditRecord } from "../../client/shapes.ts";
import type { Io } from "../io.ts";
import { connect, integer } from "../options.ts";
import { show } from "../output.ts";
import { paintFor } from "../paint.ts";
import { type Column, formatTable } from "../table.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ["ramet audit", "the newest hundred records of who did what"],
  ["ramet audit --instance base --since 2026-01-31T12:00:00Z", "what was done to base, and what was forked of it"],
  ["ramet audit --subject nginx:1.27", "who pulled, tagged or deleted this image"],
  ["ramet audit --limit 5000 --format jsonl", "a record a line, for a program"],
] as const;

interface AuditOptions {
  readonly instance?: string;
  readonly subject?: string;
  readonly since?: string;
  readonly limit: number;
}

const columns: readonly Column[] = [
  { title: "AT" },
  { title: "WHO", shrinksTo: 6 },
  { title: "ACTION", shrinksTo: 7 },
  { title: "WHAT", shrinksTo: 8 },
  { title: "FROM", shrinksTo: 6 },
  { title: "MAIL", shrinksTo: 6 },
  { title: "OUTCOME", shrinksTo: 6 },
];

/** The most records that the server gives at once. */
const largestPage = 1000;

/** `ramet audit`: who forked what from what, with which mailboxes. */
export function addAuditCommand(program: Command, io: Io): void {
  addVerb(program, "audit", "show who did what, the newest first", examples)
    .option(
      "--instance <instance>",
      "only what is about this instance or snapshot: its whole id or its name at the time",
    )
    .option("--subject <name>", "only what is about this image, snapshot, volume or token: its whole id or its name")
    .option("--since <moment>", "only what happened then or later, such as 2026-01-31T12:00:00Z")
    .option("--limit <n>", "how many records", integer(1, 100_000), 100)
    .action(async (options: AuditOptions, command: Command) => {
      const client = await connect(command, io);
      const records = await readRecords(client, options, io.signal);
      await show(io, command, {
        value: records,
        ids: records.map(({ id }) => String(id)),
        text: () => formatTable(columns, records.map(rowOf), io.stdout.columns, paintFor(io, "stdout")),
      });
    });
}

async function readRecords(
  client: RametCalls,
  { instance, subject, since, limit }: AuditOptions,
  signal: AbortSignal,
): Promise<AuditRecord[]> {
  const filter: AuditFilter = {
    ...(instance === undefined ? {} : { instance }),
    ...(subject === undefined ? {} : { subject }),
    ...(since === undefined ? {} : { since }),
  };
  const records: AuditRecord[] = [];
  let cursor: string | null = null;
  do {
    const page: AuditFilter = {
      ...filter,
      limit: Math.min(largestPage, limit - records.length),
      ...(cursor === null ? {} : { cursor }),
    };
    const answer = await client.audit(page, signal);
    records.push(...answer.records);
    cursor = answer.next_cursor;
  } while (cursor !== null && records.length < limit);
  return records;
}

function rowOf(record: AuditRecord): string[] {
  const thing = record.subject === null ? "" : `${record.subject.kind} ${record.subject.name}`;
  const instance = record.instance_name ?? record.instance_id ?? "";
  const source = record.source_name ?? record.snapshot_id ?? "";
  return [
    record.at,
    record.caller?.name ?? "",
    record.action,
    instance === "" ? thing : instance,
    instance === "" || thing === "" ? source : thing,
    record.mailboxes.map(({ name }) => name).join(","),
    record.code === null ? record.outcome : `${record.outcome} (${record.code})`,
  ];
}
