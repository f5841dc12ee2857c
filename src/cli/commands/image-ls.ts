import type { Command } from "commander";
import type { Image } from "../../client/shapes.ts";
import { formatBytes } from "../bytes.ts";
import { formatAge } from "../durations.ts";
import type { Io } from "../io.ts";
import { parseKeyValues } from "../key-values.ts";
import { collect, connect } from "../options.ts";
import { show } from "../output.ts";
import { paintFor } from "../paint.ts";
import type { Column } from "../table.ts";
import { formatTable } from "../table.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ["ramet image ls", "all images"],
  ["ramet image ls -q", "only names, one a line"],
] as const;

const columns: readonly Column[] = [
  { title: "NAME", shrinksTo: 16 },
  { title: "DIGEST", shrinksTo: 12 },
  { title: "STATUS" },
  { title: "PLATFORM" },
  { title: "SIZE", align: "right" },
  { title: "AGE", align: "right" },
];

/** `ramet image ls`: the images, as a table that fits the terminal. */
export function addImageLsCommand(parent: Command, io: Io): void {
  addVerb(parent, "ls", "list images", examples)
    .option("--tag <key=value>", "only those with this tag; repeatable", collect)
    .action(async ({ tag }: { readonly tag?: readonly string[] }, command: Command) => {
      const client = await connect(command, io);
      const images = await client.images({ tags: parseKeyValues("--tag", tag ?? []) }, io.signal);
      await show(io, command, {
        value: images,
        ids: images.map(({ name }) => name),
        text: () => formatTable(columns, images.map(rowOf), io.stdout.columns, paintFor(io, "stdout")),
      });
    });
}

function rowOf(image: Image): string[] {
  return [
    image.name,
    image.digest.replace("sha256:", "").slice(0, 12),
    statusOf(image),
    image.platform,
    image.size_bytes === null ? "" : formatBytes(image.size_bytes),
    formatAge(image.created_at, Date.now()),
  ];
}

function statusOf({ status, progress }: Image): string {
  if (status !== "pulling" || progress === null || progress.total_bytes === 0) return status;
  return `${status} ${String(Math.floor((100 * progress.received_bytes) / progress.total_bytes))} %`;
}
