import { readFileSync } from "node:fs";
import { assert } from "./assert.ts";

/** What this host has left without swapping, in bytes: MemAvailable of proc_meminfo(5). */
export function readAvailableMemoryBytes(): number {
  const match = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"));
  assert(match?.[1] !== undefined, "Linux 3.14 and newer says MemAvailable");
  return Number(match[1]) * 1024;
}
