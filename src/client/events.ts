import { RametAnswerError } from "./errors.ts";
import { defaultRetry, followStream, type Retry } from "./follow-stream.ts";
import type { Connection } from "./http.ts";
import { openStream } from "./http.ts";
import type { EventOptions, QueryOf, RametEvent } from "./shapes.ts";

/**
 * The event stream. Only the reader's own leaving ends it.
 * @throws RametApiError, RametAnswerError, RametConnectionError, or the signal's reason when it aborts.
 */
export function followEvents(
  connection: Connection,
  options: EventOptions,
  retry: Retry = defaultRetry,
): AsyncGenerator<RametEvent, void, void> {
  const followed = {
    after: options.after,
    open: async (lastId: string | undefined) => {
      const body = await open(connection, options, lastId);
      options.onOpen?.();
      return body;
    },
    // Too slow: the server dropped this connection, and the next one begins with the gap.
    read: ({ event, data }: { readonly event: string; readonly data: string }) =>
      event === "overflow" ? ("broken" as const) : { item: eventOf(connection, data) },
    ended: "broken" as const,
  };
  return followStream(connection, followed, options.signal, retry);
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

/** The server is trusted to send events as its reference says, beyond being JSON. */
function eventOf(connection: Connection, data: string): RametEvent {
  try {
    return JSON.parse(data) as RametEvent;
  } catch {
    throw new RametAnswerError(`an event is not JSON: is ${connection.baseUrl} a Ramet server?`);
  }
}
