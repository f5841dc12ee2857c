import { readFileSync, writeFileSync } from "node:fs";

/** The most that can be asked for. */
const highestShare = -20;

/**
 * Gives this process' session a larger share of the processors than other sessions have, until it is disposed of (sched(7), "The autogroup
 * feature": the kernel divides the processors between sessions first, and a process' own niceness counts only within its session).
 * @param path of the session's setting.
 * @returns null where the kernel has no such setting or does not let this user raise it: everything works, and a busy host is slower.
 */
export function raiseSchedulingShare(path = "/proc/self/autogroup"): Disposable | null {
  try {
    const before = / nice (-?\d+)/.exec(readFileSync(path, "latin1"))?.[1];
    if (before === undefined) return null;
    writeFileSync(path, String(highestShare));
    return {
      [Symbol.dispose]: () => {
        writeFileSync(path, before);
      },
    };
  } catch (failure) {
    if (refusals.has((failure as NodeJS.ErrnoException).code ?? "")) return null;
    throw failure;
  }
}

const refusals = new Set(["ENOENT", "EACCES", "EPERM", "EROFS", "EAGAIN"]);
