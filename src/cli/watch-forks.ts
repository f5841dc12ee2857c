import type { RametCalls } from "../client/calls.ts";
import { isRametError } from "../client/errors.ts";
import type { ForkChild } from "../client/shapes.ts";
import { ForkTally } from "./fork-tally.ts";
import type { Io } from "./io.ts";
import { withProgress } from "./progress.ts";

const types = ["fork.phase", "fork.failed", "mailbox.acked"];
/** A fork is not held up for longer by its own progress line. */
const openWithinMs = 1000;

/** Runs the call for many; on a terminal the progress line counts what the server's events tell of these children meanwhile. */
export async function withForkProgress<T>(
  io: Io,
  client: RametCalls,
  what: string,
  children: readonly ForkChild[],
  call: () => Promise<T>,
): Promise<T> {
  if (io.quiet || io.stderr.isTTY !== true) return await withProgress(io, what, call);
  const tally = new ForkTally(children);
  const over = new AbortController();
  const opened = Promise.withResolvers<undefined>();
  const watching = watch(client, tally, AbortSignal.any([io.signal, over.signal]), () => {
    opened.resolve(undefined);
  });
  const tooSlow = setTimeout(opened.resolve, openWithinMs, undefined);
  try {
    // What happened before the stream is open is not told.
    await Promise.race([opened.promise, watching]);
    return await withProgress(io, what, call, () => tally.describe());
  } finally {
    clearTimeout(tooSlow);
    over.abort();
    await watching;
  }
}

/** Ends with the signal, or when there are no events to be had: whether the fork itself goes well, its own answer tells. */
async function watch(client: RametCalls, tally: ForkTally, signal: AbortSignal, onOpen: () => void): Promise<void> {
  try {
    for await (const event of client.events({ types, onOpen, signal })) tally.take(event);
  } catch (error) {
    if (!signal.aborted && !isRametError(error)) throw error;
  }
}
