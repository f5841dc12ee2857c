import type { Command } from "commander";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import type { RametCalls } from "../../client/calls.ts";
import type { CreateVolumeBody, Volume } from "../../client/shapes.ts";
import { formatAge } from "../durations.ts";
import { UsageError } from "../failures.ts";
import type { Io } from "../io.ts";
import { parseKeyValues } from "../key-values.ts";
import { collect, connect, integer } from "../options.ts";
import { show } from "../output.ts";
import { paintFor } from "../paint.ts";
import { printable } from "../printable.ts";
import { withProgress } from "../progress.ts";
import { removeAll } from "../remove-all.ts";
import { type Column, formatTable } from "../table.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ["ramet volume create corpus --size 10", "an empty one of 10 GB"],
  ["ramet volume create corpus --size 10 --from corpus.tar.gz", "with what the archive holds"],
  ["ramet volume ls", "all volumes, and who has them"],
] as const;

const columns: readonly Column[] = [
  { title: "NAME", shrinksTo: 12 },
  { title: "ID", shrinksTo: 8 },
  { title: "SIZE", align: "right" },
  { title: "AGE", align: "right" },
  { title: "ATTACHED TO", shrinksTo: 12 },
];

/** `ramet volume VERB`: disks that outlive the instances that have them. */
export function addVolumeCommand(program: Command, io: Io): void {
  const volume = addVerb(program, "volume", "make, list and remove volumes", examples).helpCommand(false);
  addCreate(volume, io);
  addLs(volume, io);
  addGet(volume, io);
  addRm(volume, io);
}

interface CreateOptions {
  readonly size: number;
  readonly from?: string;
  readonly tag?: readonly string[];
}

function addCreate(parent: Command, io: Io): void {
  addVerb(parent, "create <name>", "make a volume", examples.slice(0, 2))
    .requiredOption("--size <gigabytes>", "its size, in units of 1024³ bytes", integer(1, 1024))
    .option("--from <archive>", "a tar archive, compressed by gzip, that it shall hold; - is standard input")
    .option("--tag <key=value>", "to find it by; repeatable", collect)
    .action(async (name: string, options: CreateOptions, command: Command) => {
      const tags = options.tag === undefined ? {} : { tags: parseKeyValues("--tag", options.tag) };
      const client = await connect(command, io);
      const volume = await withProgress(io, `making the volume ${name}`, () =>
        create(client, { name, size_gb: options.size, ...tags }, options.from, io),
      );
      await show(io, command, { value: volume, ids: [volume.id], text: () => `${volume.id}\n` });
    });
}

async function create(
  client: RametCalls,
  body: CreateVolumeBody,
  archive: string | undefined,
  io: Io,
): Promise<Volume> {
  if (archive === undefined) return await client.createVolume(body, io.signal);
  const source = archive === "-" ? io.stdin : await openArchive(archive);
  return await client.createVolumeFromArchive(body, Readable.toWeb(source) as ReadableStream<Uint8Array>, io.signal);
}

async function openArchive(path: string): Promise<Readable> {
  try {
    return (await open(path)).createReadStream();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
    throw new UsageError(`cannot read ${path} (${code})`, { cause: error });
  }
}

function addLs(parent: Command, io: Io): void {
  addVerb(parent, "ls", "list volumes", [["ramet volume ls --tag team=a", "those with a tag"]])
    .option("--tag <key=value>", "only those with this tag; repeatable", collect)
    .action(async ({ tag }: { readonly tag?: readonly string[] }, command: Command) => {
      const client = await connect(command, io);
      const volumes = await client.volumes({ tags: parseKeyValues("--tag", tag ?? []) }, io.signal);
      const now = Date.now();
      await show(io, command, {
        value: volumes,
        ids: volumes.map(({ id }) => id),
        text: () =>
          formatTable(
            columns,
            volumes.map((volume) => rowOf(volume, now)),
            io.stdout.columns,
            paintFor(io, "stdout"),
          ),
      });
    });
}

function addGet(parent: Command, io: Io): void {
  addVerb(parent, "get <volume>", "show one volume", [["ramet volume get corpus", "everything about one"]]).action(
    async (reference: string, _options: unknown, command: Command) => {
      const client = await connect(command, io);
      const volume = await client.volume(reference, io.signal);
      await show(io, command, { value: volume, ids: [volume.id], text: () => describe(volume) });
    },
  );
}

function addRm(parent: Command, io: Io): void {
  addVerb(parent, "rm <volumes...>", "remove volumes that nobody has", [
    ["ramet volume rm corpus", "with all it holds"],
  ]).action(async (references: string[], _options: unknown, command: Command) => {
    const client = await connect(command, io);
    await removeAll(io, command, references, (reference) => client.deleteVolume(reference, io.signal));
  });
}

function rowOf({ name, id, size_gb, created_at, attachments }: Volume, now: number): string[] {
  const holders = attachments.map(({ instance_id }) => instance_id);
  return [name, id, `${size_gb} GB`, formatAge(created_at, now), holders.join(",")];
}

function describe({ name, id, size_gb, tags, created_at, attachments }: Volume): string {
  const pairs = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  const places = attachments.map(
    ({ instance_id, mount_path, readonly }) => `${instance_id} at ${mount_path}${readonly ? ", to read" : ""}`,
  );
  const lines: [string, string][] = [
    ["name", name],
    ["id", id],
    ["size", `${size_gb} GB`],
    ["tags", pairs.length === 0 ? "none" : pairs.join(" ")],
    ["attached", places.length === 0 ? "no" : places.join("; ")],
    ["created", created_at],
  ];
  return lines.map(([key, value]) => `${`${key}:`.padEnd(10)}${printable(value)}\n`).join("");
}
