import { readdir, readlink } from "node:fs/promises";
import { readProcessIdentity, signalProcess, waitForForeignExit, type ProcessIdentity } from "./process-identity.ts";

/** The processes that work in `directory` or below it, whoever started them. */
export async function processesIn(directory: string): Promise<ProcessIdentity[]> {
  const found: ProcessIdentity[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number)) {
    // Gone meanwhile, or another user's.
    const workingDirectory = await readlink(`/proc/${String(pid)}/cwd`).catch(() => "");
    if (workingDirectory !== directory && !workingDirectory.startsWith(`${directory}/`)) continue;
    const identity = readProcessIdentity(pid);
    if (identity !== null && pid !== process.pid) found.push(identity);
  }
  return found;
}

/** SIGKILL to each of them; resolves when they are gone. */
export async function endProcessesIn(directory: string): Promise<void> {
  const processes = await processesIn(directory);
  for (const each of processes) signalProcess(each, "SIGKILL");
  const signal = AbortSignal.timeout(endMs);
  await Promise.all(processes.map((each) => waitForForeignExit(each, signal)));
}

const endMs = 30_000;
