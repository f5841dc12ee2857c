import { OperatingError } from "../../errors.ts";
import { DeadlineError, withDeadline } from "../../lib/deadline.ts";

/**
 * `withDeadline` for what a machine or its guest owes us: a deadline that passes is the world's fault, and the caller is told which wait it was.
 * @throws OperatingError `guest_unreachable` when the time is over.
 */
export async function withinDeadline<Result>(
  signal: AbortSignal,
  limitMs: number,
  what: string,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  try {
    return await withDeadline(signal, limitMs, what, work);
  } catch (failure) {
    if (!(failure instanceof DeadlineError)) throw failure;
    throw new OperatingError("guest_unreachable", failure.message, { cause: failure });
  }
}
