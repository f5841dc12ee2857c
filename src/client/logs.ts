import { errorOfAnswer, RametAnswerError } from "./errors.ts";
import type { Connection } from "./http.ts";
import { openStream, translateFailure } from "./http.ts";
import type { LogOptions } from "./shapes.ts";
import { readServerSentEvents } from "./sse.ts";

/** @throws RametApiError, RametAnswerError, RametConnectionError, or the signal's reason when it aborts. */
export async function* readLogs(
  connection: Connection,
  reference: string,
  options: LogOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, void> {
  const params = { path: { id: reference }, query: options };
  const body = await openStream(connection, "/instances/{id}/logs", { params, signal: signal ?? null });
  const events = readServerSentEvents(body);
  try {
    for (;;) {
      const next = await translateFailure(connection, signal, () => events.next());
      if (next.done === true) return;
      // The server may fail while it streams, when the status was sent long ago: an event then brings the error's body.
      if (next.value.event === "error") throw errorOfAnswer(200, next.value.data, undefined);
      yield lineOf(next.value.data);
    }
  } finally {
    // Also when the reader breaks off: the server learns by the closed connection that nobody reads.
    await events.return();
  }
}

/** A line is a JSON string, so that whatever it holds comes through. */
function lineOf(data: string): string {
  const line = parsed(data);
  if (typeof line === "string") return line;
  throw new RametAnswerError("the server sent a log line that is no JSON string");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
