import { mapLimited } from "../../lib/map-limited.ts";
import type { RametCalls } from "../../client/calls.ts";
import { RametApiError } from "../../client/errors.ts";
import type { InstanceState, InstanceStats } from "../../client/shapes.ts";

/** One instance at one moment. */
export interface Reading {
  readonly state: InstanceState;
  readonly stats: InstanceStats;
  readonly atMs: number;
}

/** What `top` shows of one instance. */
export interface Usage {
  readonly id: string;
  readonly name: string;
  readonly state: InstanceState;
  /** Of one processor, between two readings: 100 is one processor's whole time. Null for a VMM that is new since the first. */
  readonly cpu_percent: number | null;
  readonly memory_rss_bytes: number;
  readonly memory_private_bytes: number | null;
  readonly allocated_memory_bytes: number;
  readonly network_rx_bytes: number;
  readonly network_tx_bytes: number;
}

/** So many questions at once: a server with hundreds of instances goes on with its own work. */
const questionsAtOnce = 8;
/** The states in which there is a VMM that may use something. */
const withMachine: readonly InstanceState[] = ["Initializing", "Running", "Paused", "Unknown"];

/** Asks for all instances that have a machine, or with `all` for every one; keyed by id. */
export async function readAll(client: RametCalls, all: boolean, signal: AbortSignal): Promise<Map<string, Reading>> {
  const instances = (await client.list({}, signal)).filter(({ state }) => all || withMachine.includes(state));
  const readings = await mapLimited(instances, questionsAtOnce, async ({ id, state }) => {
    const stats = await statsIfThere(client, id, signal);
    return stats === null ? null : { state, stats, atMs: performance.now() };
  });
  return new Map(readings.flatMap((reading) => (reading === null ? [] : [[reading.stats.instance_id, reading]])));
}

/** An instance may be deleted between the list and this question. */
async function statsIfThere(client: RametCalls, id: string, signal: AbortSignal): Promise<InstanceStats | null> {
  try {
    return await client.stats(id, signal);
  } catch (error) {
    if (error instanceof RametApiError && error.code === "not_found") return null;
    throw error;
  }
}

/** The busiest first; equally busy ones by name. */
export function usageBetween(before: ReadonlyMap<string, Reading>, now: ReadonlyMap<string, Reading>): Usage[] {
  return [...now.values()]
    .map((reading) => usageOf(before.get(reading.stats.instance_id), reading))
    .toSorted((a, b) => (b.cpu_percent ?? 0) - (a.cpu_percent ?? 0) || (a.name < b.name ? -1 : 1));
}

function usageOf(before: Reading | undefined, { state, stats, atMs }: Reading): Usage {
  return {
    id: stats.instance_id,
    name: stats.instance_name,
    state,
    cpu_percent: before === undefined ? null : cpuPercent(before, stats.cpu_seconds, atMs),
    memory_rss_bytes: stats.memory_rss_bytes,
    memory_private_bytes: stats.memory_private_bytes,
    allocated_memory_bytes: stats.allocated_memory_bytes,
    network_rx_bytes: stats.network_rx_bytes,
    network_tx_bytes: stats.network_tx_bytes,
  };
}

/** A VMM that was started anew counts from zero. */
function cpuPercent(before: Reading, cpuSeconds: number, atMs: number): number | null {
  const used = cpuSeconds - before.stats.cpu_seconds;
  const elapsedSeconds = (atMs - before.atMs) / 1000;
  return used < 0 || elapsedSeconds <= 0 ? null : Math.round((used / elapsedSeconds) * 1000) / 10;
}
