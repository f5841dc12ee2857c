import { formatMs } from "../durations.ts";
import { formatTable } from "../table.ts";
import type { DemoResult, KeptDemo } from "./run-demo.ts";

/** The demo's proof as two tables: who printed what, and where each child's time went. */
export function describeDemo(result: DemoResult, width?: number): string {
  const phases = [...new Set(result.children.flatMap(({ timings_ms }) => Object.keys(timings_ms)))];
  const mail = formatTable(
    [{ title: "CHILD" }, { title: "WHAT ITS PROCESS PRINTED AS ITS JOB", shrinksTo: 30 }, { title: "ACK" }],
    result.children.map(({ name, payload, acked }) => [name, JSON.stringify(payload), acked ? "yes" : "no"]),
    width,
  );
  const times = formatTable(
    [{ title: "CHILD" }, ...phases.map((phase) => ({ title: phase.replaceAll("_", " "), align: "right" as const }))],
    result.children.map(({ name, timings_ms }) => [name, ...phases.map((phase) => formatPhase(timings_ms[phase]))]),
  );
  return `\n${mail}\n${times}\nboot ${formatMs(result.boot_ms)} · standby ${formatMs(result.standby_ms)}\n`;
}

/** How to talk to what `--keep` left, and how to end it. */
export function describeKept({ url, dataDirectory }: KeptDemo): string {
  return [
    `The server and its VMs go on at ${url}. Talk to them:`,
    `  export RAMET_DATA_DIR=${dataDirectory}`,
    "  ./ramet ps",
    "  ./ramet exec worker-1 -- hostname",
    `  ./ramet fork base --name worker-5 --mailbox 'job={"shard":5}' --wait-ack`,
    "End and remove everything:",
    "  ./ramet rm worker-1 worker-2 worker-3 worker-4 base",
    `  kill "$(sed -E 's/.*"pid": *([0-9]+).*/\\1/' ${dataDirectory}/server.json)"`,
    `  rm -r ${dataDirectory}`,
    "",
  ].join("\n");
}

function formatPhase(ms: number | undefined): string {
  return ms === undefined ? "" : formatMs(ms);
}
