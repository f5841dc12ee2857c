import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { assert } from "./assert.ts";

/** A pid alone is no identity: it is reused. Start time is field 22 of /proc/PID/stat (proc(5)); boot id is the kernel's. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTimeTicks: number;
  readonly bootId: string;
}

/** The kernel's id of this boot of the host (random(4), /proc/sys/kernel/random/boot_id). */
export function readBootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

/** The identity of the process that has this pid now; null when there is none, or only a zombie. */
export function readProcessIdentity(pid: number): ProcessIdentity | null {
  const stat = readStat(pid);
  if (stat === null || stat.state === "Z" || stat.state === "X") return null;
  return { pid, startTimeTicks: stat.startTimeTicks, bootId: readBootId() };
}

/** The identity of a child of ours that was not reaped yet: it may have ended already, but its pid is still its own. */
export function readChildIdentity(pid: number): ProcessIdentity {
  const stat = readStat(pid);
  assert(stat !== null, "a child that was not reaped has an entry in /proc");
  return { pid, startTimeTicks: stat.startTimeTicks, bootId: readBootId() };
}

/** Whether exactly this process still runs. A zombie does not. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = readProcessIdentity(identity.pid);
  return now !== null && now.startTimeTicks === identity.startTimeTicks && now.bootId === identity.bootId;
}

/** Sends a signal to exactly this process; false when it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw failure;
  }
}

/**
 * Resolves when this process, which is not our child, is gone. The kernel tells only a parent of an exit; a pidfd would
 * tell anyone, but Node cannot open one. So this looks at /proc, and callers use it only when they know by an event, such
 * as a closed socket, that the end is near.
 */
export async function waitForForeignExit(identity: ProcessIdentity, signal: AbortSignal): Promise<void> {
  for (let pauseMs = 2; isAlive(identity); pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    await delay(pauseMs, undefined, { signal });
  }
}

const longestPauseMs = 250;

interface ProcessStat {
  readonly state: string;
  readonly startTimeTicks: number;
}

function readStat(pid: number): ProcessStat | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${String(pid)}/stat`, "latin1");
  } catch (failure) {
    const code = (failure as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ESRCH") return null;
    throw failure;
  }
  // Field 2 is the program's name in parentheses and may hold anything, so the fields are counted from the last ")".
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "X", startTimeTicks: Number(fields[19]) };
}
