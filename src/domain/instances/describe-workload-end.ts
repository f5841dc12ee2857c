import { constants } from "node:os";

/** How a workload ended, in words: `exited with code 1`, `killed by signal 9 (SIGKILL)`. */
export function describeWorkloadEnd(exitCode: number | null, signal: number | null): string {
  if (signal === null) return exitCode === null ? "ended" : `exited with code ${String(exitCode)}`;
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  return `killed by signal ${String(signal)}${name === undefined ? "" : ` (${name})`}`;
}
