import { formatBytes } from "../bytes.ts";
import { type Paint, paintState } from "../paint.ts";
import { type Column, formatTable } from "../table.ts";
import type { Usage } from "./sample.ts";

const columns: readonly Column[] = [
  { title: "NAME", shrinksTo: 12 },
  { title: "STATE", paint: paintState },
  { title: "CPU", align: "right" },
  { title: "MEMORY", align: "right" },
  { title: "OWN", align: "right" },
  { title: "OF", align: "right" },
  { title: "NET IN", align: "right" },
  { title: "NET OUT", align: "right" },
];

/** The table of `top`; with `rows` no longer than that many lines, the last of which says what is left out. */
export function drawUsage(
  usages: readonly Usage[],
  width: number | undefined,
  rows: number | null,
  paint: Paint,
): string {
  const room = rows === null ? usages.length : Math.max(1, rows - 2);
  const shown = usages.slice(0, usages.length <= room + 1 ? usages.length : room);
  const table = formatTable(columns, shown.map(rowOf), width, paint);
  const rest = usages.length - shown.length;
  return rest === 0 ? table : `${table}… and ${rest} more\n`;
}

function rowOf(usage: Usage): string[] {
  return [
    usage.name,
    usage.state,
    usage.cpu_percent === null ? "-" : `${usage.cpu_percent.toFixed(1)} %`,
    formatBytes(usage.memory_rss_bytes),
    usage.memory_private_bytes === null ? "-" : formatBytes(usage.memory_private_bytes),
    formatBytes(usage.allocated_memory_bytes),
    formatBytes(usage.network_rx_bytes),
    formatBytes(usage.network_tx_bytes),
  ];
}
