/**
 * The event stream, taken up again when its connection breaks:
 *
 *     connect ──► open ──► events ──broken, ended, overflow──► wait ──► connect with Last-Event-ID ──► open …
 *        └── refused, at first ──► thrown                               └── unreachable, the sixth time in a row ──► thrown
 */
import { setTimeout as delay } from "node:timers/promises";
import { connectionError, errorOfAnswer, RametAnswerError, RametConnectionError } from "./errors.ts";
import type { Connection } from "./http.ts";
import { openStream, translateFailure } from "./http.ts";
import type { EventOptions, QueryOf, RametEvent } from "./shapes.ts";
import { readServerSentEvents } from "./sse.ts";

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

interface Progress {
  /** The id of the last event, or of the place where the stream began. */
  lastId: string | undefined;
  /** Connections in a row that brought nothing. */
  failures: number;
}

/** @throws RametApiError, RametAnswerError, RametConnectionError, or the signal's reason when it aborts. */
export async function* followEvents(
  connection: Connection,
  options: EventOptions,
  retry: Retry = defaultRetry,
): AsyncGenerator<RametEvent, void, void> {
  const progress: Progress = { lastId: options.after, failures: 0 };
  let wasOpen = false;
  for (;;) {
    const connectedAtMs = performance.now();
    try {
      const body = await open(connection, options, progress.lastId);
      wasOpen = true;
      options.onOpen?.();
      yield* readStream(connection, options, body, progress);
    } catch (error) {
      if (performance.now() - connectedAtMs > retry.lastedMs) progress.failures = 0;
      const mayComeBack = wasOpen && error instanceof RametConnectionError && progress.failures < retry.attempts;
      if (!mayComeBack) throw error;
    }
    await delay(retry.firstDelayMs * 2 ** progress.failures, undefined, { signal: options.signal }).catch(() => {
      options.signal?.throwIfAborted();
    });
    progress.failures += 1;
  }
}

function open(
  connection: Connection,
  { types, instance, signal }: EventOptions,
  lastId: string | undefined,
): Promise<ReadableStream<Uint8Array>> {
  // A type that the server does not know is its to refuse.
  const query = { type: types, instance } as QueryOf<"followEvents">;
  const header = lastId === undefined ? {} : { "last-event-id": lastId };
  return openStream(connection, "/events", { params: { query, header }, signal: signal ?? null });
}

/** @throws RametConnectionError when the stream breaks or ends: only the reader's own leaving ends it for good. */
async function* readStream(
  connection: Connection,
  { signal }: EventOptions,
  body: ReadableStream<Uint8Array>,
  progress: Progress,
): AsyncGenerator<RametEvent, void, void> {
  const events = readServerSentEvents(body, (id) => {
    progress.lastId = id;
  });
  try {
    for (;;) {
      const next = await translateFailure(connection, signal, () => events.next());
      // Too slow: the server dropped this connection, and the next one begins with the gap.
      if (next.done === true || next.value.event === "overflow") throw connectionError(connection.baseUrl, undefined);
      if (next.value.event === "error") throw errorOfAnswer(200, next.value.data, undefined);
      progress.failures = 0;
      yield eventOf(connection, next.value.data);
    }
  } finally {
    // Also when the reader breaks off: the server learns by the closed connection that nobody reads.
    await events.return();
  }
}

/** The server is trusted to send events as its reference says, beyond being JSON. */
function eventOf(connection: Connection, data: string): RametEvent {
  try {
    return JSON.parse(data) as RametEvent;
  } catch {
    throw new RametAnswerError(`an event is not JSON: is ${connection.baseUrl} a Ramet server?`);
  }
}
