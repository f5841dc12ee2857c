import { readdir, readlink } from "node:fs/promises";
import { withDeadline } from "./deadline.ts";
import { readProcessIdentity, signalProcess, waitForForeignExit, type ProcessIdentity } from "./process-identity.ts";

export interface WorkingProcess {
  readonly identity: ProcessIdentity;
  /** Absolute. */
  readonly workingDirectory: string;
}

/** The processes that work in `directory` or below it, whoever started them; not this one. */
export async function processesIn(directory: string): Promise<WorkingProcess[]> {
  const found: WorkingProcess[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number)) {
    // Gone meanwhile, or another user's.
    const workingDirectory = await readlink(`/proc/${String(pid)}/cwd`).catch(() => "");
    if (workingDirectory !== directory && !workingDirectory.startsWith(`${directory}/`)) continue;
    const identity = readProcessIdentity(pid);
    if (identity !== null && pid !== process.pid) found.push({ identity, workingDirectory });
  }
  return found;
}

/**
 * SIGKILL to each of them, who need not be our children; resolves when they are gone.
 * @throws DeadlineError when one is not gone after 30 s.
 */
export async function endProcesses(processes: readonly ProcessIdentity[]): Promise<void> {
  const never = new AbortController().signal;
  for (const each of processes) signalProcess(each, "SIGKILL");
  await Promise.all(
    processes.map((each) =>
      withDeadline(never, endMs, `the end of process ${String(each.pid)}`, (limited) =>
        waitForForeignExit(each, limited),
      ),
    ),
  );
}

/** The kernel frees a killed VMM's memory before it is gone. */
const endMs = 30_000;
