import { readFile } from "node:fs/promises";

/** What a process has used and holds. */
export interface ProcessUsage {
  /** In user and kernel mode, its children that were not waited for left out. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly virtualBytes: number;
  /** Memory that no other process shares; null where this process may not look (proc(5): it takes ptrace rights). */
  readonly privateBytes: number | null;
}

/** /proc/PID/stat counts in USER_HZ (proc(5)), which the kernel fixes at 100 on every architecture that Node runs on (include/asm-generic/param.h). */
const ticksPerSecond = 100;
/** Of x86-64; /proc/PID/statm counts in pages. */
const pageBytes = 4096;

/** Null when there is no such process any more. */
export async function readProcessUsage(pid: number): Promise<ProcessUsage | null> {
  const [stat, statm, rollup] = await Promise.all(["stat", "statm", "smaps_rollup"].map((file) => readOf(pid, file)));
  if (typeof stat !== "string" || typeof statm !== "string") return null;
  // Field 2 is the program's name in parentheses and may hold anything: 14 and 15 are counted from the last ")".
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [virtualPages, residentPages] = statm.split(" ").map(Number);
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    residentBytes: (residentPages ?? 0) * pageBytes,
    virtualBytes: (virtualPages ?? 0) * pageBytes,
    privateBytes: typeof rollup === "string" ? privateBytesIn(rollup) : null,
  };
}

/** Its text; null when the process is gone, or may not be looked at. */
async function readOf(pid: number, file: string): Promise<string | null> {
  try {
    return await readFile(`/proc/${String(pid)}/${file}`, "latin1");
  } catch (failure) {
    const { code } = failure as NodeJS.ErrnoException;
    if (code !== undefined && ["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(code)) return null;
    throw failure;
  }
}

function privateBytesIn(rollup: string): number {
  const lines = rollup.matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB$/gm);
  return [...lines].reduce((sum, [, kilobytes]) => sum + Number(kilobytes) * 1024, 0);
}
