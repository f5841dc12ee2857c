import { LinkedAbort } from "./linked-abort.ts";

/** A wait took longer than it may. `what` names the thing waited for, as in "the guest's agent". */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
  readonly what: string;
  readonly limitMs: number;

  constructor(what: string, limitMs: number) {
    super(`${what} took longer than ${String(limitMs)} ms`);
    this.what = what;
    this.limitMs = limitMs;
  }
}

/**
 * Runs `work` with a signal that aborts when the caller's does, or after `limitMs` with a DeadlineError as the reason.
 * `work` must heed its signal: this function waits until it has ended, so that nothing goes on behind the caller's back.
 * When the deadline was the cause, the DeadlineError is thrown whatever `work` made of the abort.
 */
export async function withDeadline<Result>(
  signal: AbortSignal,
  limitMs: number,
  what: string,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  using either = new LinkedAbort(signal);
  const timer = setTimeout(() => {
    either.abort(new DeadlineError(what, limitMs));
  }, limitMs);
  try {
    return await work(either.signal);
  } catch (failure) {
    // The caller's own abort wins: it came with a reason of its own.
    if (either.signal.aborted && !signal.aborted) throw either.signal.reason;
    throw failure;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The promise's outcome, or the signal's reason when it aborts first. For work that cannot be cancelled: it goes on, and a
 * later failure of it is not reported. The listener is removed either way.
 */
export async function untilAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => {
    reject(abortReason(signal));
  };
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** The reason of an aborted signal as an Error, which `reject` and `destroy` want. */
export function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("aborted", { cause: signal.reason });
}
