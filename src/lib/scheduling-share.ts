/**
 * How the kernel divides the processors, where it groups processes by session (sched(7), "The autogroup feature"): between the sessions first, by
 * the shares that are set here, and within a session by the niceness of its processes.
 *
 *     server -20     a guest that is awaited -10     everybody else 0     a guest whose siblings are awaited 10     one that waits for its turn 19
 */
import { readFileSync, writeFileSync } from "node:fs";
import { capability, hasCapability } from "./capabilities.ts";

/** The largest that can be asked for: what the server does, every guest of it waits for. */
export const serverShare = -20;

/** Of a guest whose word somebody waits for. Ten times a usual share: guests that work for themselves go on, and do not hold it up. */
export const awaitedShare = -10;

/** Of a session that nobody has set; each VMM has one of its own. */
export const usualShare = 0;

/** Of a guest that has said its word, while others of its call have not: a tenth of the usual one. */
export const doneShare = 10;

/** Of a guest whose turn has not come: what nobody else wants. */
export const waitingShare = 19;

/**
 * Gives the session of a process this share, until it is disposed of.
 * @param session the process' file of proc(5).
 * @returns null where the kernel has no such setting or does not let this user raise it: everything works, and a busy host is slower.
 */
export function raiseSchedulingShare(share: number, session = "/proc/self/autogroup"): Disposable | null {
  const before = readShare(session);
  if (before === null || !writeShare(session, String(share))) return null;
  return {
    [Symbol.dispose]: () => {
      writeShare(session, before);
    },
  };
}

/** The same without a way back, for a session whose share was raised before. */
export function setSchedulingShare(share: number, session: string): void {
  writeShare(session, String(share));
}

/**
 * Whether shares can be set as often as it takes. Without CAP_SYS_ADMIN the kernel takes ten changes in a second, from everybody together, and
 * refuses the others: what was lowered might stay so (Linux, kernel/sched/autogroup.c, proc_sched_autogroup_set_nice).
 */
export function maySetSharesOften(): boolean {
  return hasCapability(capability.sysAdmin);
}

/** The session of a VMM. */
export function sessionOf({ pid }: { readonly pid: number }): string {
  return `/proc/${String(pid)}/autogroup`;
}

function readShare(session: string): string | null {
  return unlessRefused(() => / nice (-?\d+)/.exec(readFileSync(session, "latin1"))?.[1] ?? null);
}

function writeShare(session: string, share: string): boolean {
  return (
    unlessRefused(() => {
      writeFileSync(session, share);
      return true;
    }) ?? false
  );
}

/** Null where it is not there, not allowed, or the process has ended. */
function unlessRefused<Result>(act: () => Result): Result | null {
  try {
    return act();
  } catch (failure) {
    if (refusals.has((failure as NodeJS.ErrnoException).code ?? "")) return null;
    throw failure;
  }
}

const refusals = new Set(["ENOENT", "ESRCH", "EACCES", "EPERM", "EROFS", "EAGAIN"]);
