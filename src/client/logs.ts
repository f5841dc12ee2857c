import { RametAnswerError, RametApiError } from "./errors.ts";
import { defaultRetry, followStream, type Retry } from "./follow-stream.ts";
import type { Connection } from "./http.ts";
import { openStream } from "./http.ts";
import type { LogOptions } from "./shapes.ts";

/**
 * The lines of a log. A connection that breaks is taken up again behind the last line that came.
 * @throws RametApiError, RametAnswerError, RametConnectionError, or the signal's reason when it aborts.
 */
export async function* readLogs(
  connection: Connection,
  reference: string,
  options: LogOptions,
  signal: AbortSignal | undefined,
  retry: Retry = defaultRetry,
): AsyncGenerator<string, void, void> {
  const { onGap, ...query } = options;
  const followed = {
    after: undefined,
    open: (lastId: string | undefined) => {
      const header = lastId === undefined ? {} : { "last-event-id": lastId };
      const params = { path: { id: reference }, query, header };
      return openStream(connection, "/instances/{id}/logs", { params, signal: signal ?? null });
    },
    read: ({ event, data }: { readonly event: string; readonly data: string }) => ({
      item: { isGap: event === "gap", line: lineOf(data) },
    }),
    // The end of the instance, or of the server: the next connection tells which.
    ended: query.follow === true ? ("may be over" as const) : ("over" as const),
    isOver: (failure: unknown) => failure instanceof RametApiError && failure.status === 404,
  };
  for await (const { isGap, line } of followStream(connection, followed, signal, retry)) {
    if (isGap && onGap !== undefined) onGap(line);
    else yield line;
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
