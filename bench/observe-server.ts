/** What the machine tells of a server and its VMMs while they are measured. */
import { readdir, readFile, readlink, writeFile } from "node:fs/promises";
import type { BenchServer } from "./server.ts";

/** What the VMM of each instance has for itself alone: Private_Clean and Private_Dirty of smaps_rollup, proc_pid_smaps(5). */
export async function privateMegabytes(dataDirectory: string, instanceIds: readonly string[]): Promise<number[]> {
  const directories = new Set(instanceIds.map((id) => `${dataDirectory}/instances/${id}`));
  const sizes: number[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const directory = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    if (!directories.has(directory)) continue;
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
    const kilobytes = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)].map(([, size]) => Number(size));
    sizes.push(kilobytes.reduce((sum, size) => sum + size, 0) / 1024);
  }
  return sizes;
}

/** From here on the peak is a new one: proc_pid_clear_refs(5). */
export async function forgetPeakMemory(pid: number): Promise<void> {
  await writeFile(`/proc/${String(pid)}/clear_refs`, "5");
}

/** What a process has in RAM now, and had at most. */
export async function serverMemory(
  pid: number,
): Promise<{ readonly megabytes: number; readonly peakMegabytes: number }> {
  const status = await readFile(`/proc/${String(pid)}/status`, "utf8");
  const read = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? Number.NaN) / 1024;
  return { megabytes: read("VmRSS"), peakMegabytes: read("VmHWM") };
}

/**
 * How late the server's timers were since this was last asked: it looks every 10 ms, which is in the figures (prom-client's
 * nodejs_eventloop_lag_*, by Node's monitorEventLoopDelay; reading them begins anew).
 */
export async function eventLoopDelay(server: BenchServer): Promise<{ readonly p99Ms: number; readonly maxMs: number }> {
  const text = await server.text("/metrics");
  const read = (name: string): number =>
    Number(new RegExp(`^nodejs_eventloop_lag_${name}_seconds (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN) * 1000;
  return { p99Ms: read("p99"), maxMs: read("max") };
}
