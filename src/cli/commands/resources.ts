import type { Command } from "commander";
import type { Resources } from "../../client/shapes.ts";
import { formatBytes } from "../bytes.ts";
import type { Io } from "../io.ts";
import { connect } from "../options.ts";
import { show } from "../output.ts";
import { type Paint, paintFor } from "../paint.ts";
import { type Column, formatTable } from "../table.ts";
import { addVerb } from "../verb.ts";

const examples = [
  ["ramet resources", "what this host has, and what instances take of it"],
  ["ramet resources --json", "with what each instance takes"],
] as const;

const columns: readonly Column[] = [
  { title: "RESOURCE" },
  { title: "CAPACITY", align: "right" },
  { title: "ALLOCATED", align: "right" },
  { title: "AVAILABLE", align: "right" },
];

/** `ramet resources`: processors, memory, disk and network of the host. */
export function addResourcesCommand(program: Command, io: Io): void {
  addVerb(program, "resources", "show what the host has, and what is taken", examples).action(
    async (_options: unknown, command: Command) => {
      const client = await connect(command, io);
      const resources = await client.resources(io.signal);
      await show(io, command, {
        value: resources,
        ids: [],
        text: () => formatResources(resources, io.stdout.columns, paintFor(io, "stdout")),
      });
    },
  );
}

function formatResources(resources: Resources, width: number | undefined, paint: Paint): string {
  const { cpu, memory, disk, network, disk_breakdown } = resources;
  const rows = [
    rowOf("processors", cpu, String),
    rowOf("memory", memory, formatBytes),
    rowOf("disk", disk, formatBytes),
    ...partsOf(disk_breakdown),
    rowOf("network, a second", network, formatBytes),
  ];
  return formatTable(columns, rows, width, paint);
}

/** What the disk's allocated bytes are taken by. */
function partsOf(breakdown: Resources["disk_breakdown"]): string[][] {
  const parts = Object.entries(breakdown).filter(([, bytes]) => typeof bytes === "number" && bytes > 0);
  return parts.map(([part, bytes]) => [
    `  ${part.replace(/_bytes$/, "").replaceAll("_", " ")}`,
    "",
    formatBytes(bytes),
  ]);
}

function rowOf(
  name: string,
  { capacity, allocated, available }: Resources["cpu"],
  format: (amount: number) => string,
): string[] {
  return [name, format(capacity), format(allocated), format(available)];
}
