import { Readable } from "node:stream";
import { findInstance } from "../../domain/instances/find-instance.ts";
import { readLogs } from "../../domain/instances/read-logs.ts";
import { clientSignal } from "../client-signal.ts";
import type { Api, ApiContext } from "../context.ts";
import { answerOf } from "../errors.ts";
import { InstanceParams } from "../schemas/common.ts";
import { errorResponses } from "../schemas/error.ts";
import { textAnswer } from "../schemas/text-answer.ts";
import { LogsQuery } from "../schemas/streams.ts";
import { commentEvent, errorEvent, heartbeatMs, lineEvent, withHeartbeats } from "../server-sent-events.ts";

/** An instance's log as a stream of lines. */
export function registerLogRoutes(app: Api, context: ApiContext): void {
  app.get(
    "/instances/:id/logs",
    {
      config: { scope: "instance:read" },
      schema: {
        operationId: "readLogs",
        tags: ["guest"],
        summary: "Read an instance's log",
        description:
          "Server-sent events (WHATWG HTML), one for each line. Ends after the last line, or, with `follow`, when the instance is deleted. " +
          "A failure on the way is one last event `error` whose data is `{code, message}`.",
        params: InstanceParams,
        querystring: LogsQuery,
        response: {
          200: textAnswer("text/event-stream", "The lines."),
          ...errorResponses("not_found", "ambiguous"),
        },
      },
    },
    (request, reply) => {
      const { params, query } = request;
      // The stream's answer begins before its first line comes: what can be refused is refused here, with a status.
      const { id } = findInstance(context.domain, params.id);
      const signal = clientSignal(reply, context.closing);
      const options = { source: query.source ?? "app", tail: query.tail ?? null, follow: query.follow ?? false };
      const events = eventsOf(readLogs(context.domain, id, options, signal), signal, (failure) => {
        const { body, unexpected } = answerOf(failure, request.id, context.closing.aborted);
        if (unexpected) request.log.error({ err: failure }, "logs.failed");
        return body;
      });
      // The connection would otherwise stay open, idle, while the server closes.
      reply.headers({
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        connection: "close",
      });
      return reply.send(Readable.from(withHeartbeats(events, heartbeatMs)));
    },
  );
}

async function* eventsOf(
  lines: AsyncIterable<string>,
  signal: AbortSignal,
  explain: (failure: unknown) => { code: string; message: string },
): AsyncGenerator<string> {
  // Brings the status and headers to a caller who follows a log that is still silent.
  yield commentEvent("lines follow");
  try {
    for await (const line of lines) yield lineEvent(line);
  } catch (failure) {
    if (!signal.aborted) yield errorEvent(explain(failure));
  }
}
