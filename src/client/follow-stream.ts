/**
 * A stream of server-sent events, taken up again when its connection breaks:
 *
 *     connect ──► open ──► events ──broken──► wait ──► connect with Last-Event-ID ──► open …
 *        │          └── over ──► the end                └── unreachable, the sixth time in a row ──► thrown
 *        └── refused ──► thrown
 */
import { setTimeout as delay } from "node:timers/promises";
import { connectionError, errorOfAnswer, RametConnectionError } from "./errors.ts";
import type { Connection } from "./http.ts";
import { translateFailure } from "./http.ts";
import { readServerSentEvents, type ServerSentEvent } from "./sse.ts";

export interface Retry {
  /** How often in a row a stream that brought nothing is tried again. */
  readonly attempts: number;
  /** Before the first attempt; doubled for each further one. */
  readonly firstDelayMs: number;
  /** A stream that was open for so long was a good one, even if nothing happened meanwhile. */
  readonly lastedMs: number;
}

/** About 15 seconds in all: enough for a server that is started anew. */
export const defaultRetry: Retry = { attempts: 5, firstDelayMs: 500, lastedMs: 30_000 };

/** What is particular to a stream. */
export interface Followed<Item> {
  /** Where the first connection begins. */
  readonly after: string | undefined;
  /** Connects behind an event. */
  readonly open: (lastId: string | undefined) => Promise<ReadableStream<Uint8Array>>;
  /** What is given out for an event; `broken` for one after which the connection brings nothing more. @throws RametAnswerError */
  readonly read: (event: ServerSentEvent) => { readonly item: Item } | "broken";
  /** What a stream that ended by itself means: it is `over`, it `may be over` (which the next connection's refusal tells), or it is `broken`. */
  readonly ended: "over" | "may be over" | "broken";
  /** Whether a refusal tells that a stream, which was open before, is over. */
  readonly isOver?: (failure: unknown) => boolean;
}

interface Progress {
  /** The id of the last event, or of the place where the stream began. */
  lastId: string | undefined;
  /** Connections in a row that brought nothing. */
  failures: number;
}

/** @throws RametApiError, RametAnswerError, RametConnectionError, or the signal's reason when it aborts. */
export async function* followStream<Item>(
  connection: Connection,
  followed: Followed<Item>,
  signal: AbortSignal | undefined,
  retry: Retry,
): AsyncGenerator<Item, void, void> {
  const progress: Progress = { lastId: followed.after, failures: 0 };
  let wasOpen = false;
  for (;;) {
    const connectedAtMs = performance.now();
    let comesBackAtOnce = false;
    try {
      const body = await followed.open(progress.lastId);
      wasOpen = true;
      yield* readStream(connection, followed, body, progress, signal);
      if (followed.ended === "over") return;
      comesBackAtOnce = followed.ended === "may be over" && progress.failures === 0;
      throw connectionError(connection.baseUrl, undefined);
    } catch (error) {
      if (wasOpen && followed.isOver?.(error) === true) return;
      if (performance.now() - connectedAtMs > retry.lastedMs) progress.failures = 0;
      const mayComeBack = wasOpen && error instanceof RametConnectionError && progress.failures < retry.attempts;
      if (!mayComeBack) throw error;
    }
    const delayMs = comesBackAtOnce ? 0 : retry.firstDelayMs * 2 ** progress.failures;
    await delay(delayMs, undefined, signal === undefined ? {} : { signal }).catch(() => {
      signal?.throwIfAborted();
    });
    progress.failures += 1;
  }
}

/** @throws RametConnectionError when the stream breaks. */
async function* readStream<Item>(
  connection: Connection,
  { read }: Followed<Item>,
  body: ReadableStream<Uint8Array>,
  progress: Progress,
  signal: AbortSignal | undefined,
): AsyncGenerator<Item, void, void> {
  const events = readServerSentEvents(body, (id) => {
    progress.lastId = id;
  });
  try {
    for (;;) {
      const next = await translateFailure(connection, signal, () => events.next());
      if (next.done === true) return;
      // The server may fail while it streams, when the status was sent long ago: an event then brings the error's body.
      if (next.value.event === "error") throw errorOfAnswer(200, next.value.data, undefined);
      const given = read(next.value);
      if (given === "broken") throw connectionError(connection.baseUrl, undefined);
      progress.failures = 0;
      yield given.item;
    }
  } finally {
    // Also when the reader breaks off: the server learns by the closed connection that nobody reads. One that broke meanwhile is closed.
    await events.return().catch(() => undefined);
  }
}
