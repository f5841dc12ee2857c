import { findInstance } from "../../domain/instances/find-instance.ts";
import { readLogs, type LogPart } from "../../domain/instances/read-logs.ts";
import { clientSignal } from "../client-signal.ts";
import type { Api, ApiContext } from "../context.ts";
import { answerOf } from "../errors.ts";
import { InstanceParams } from "../schemas/common.ts";
import { errorResponses } from "../schemas/error.ts";
import { textAnswer } from "../schemas/text-answer.ts";
import { LogsHeaders, LogsQuery } from "../schemas/streams.ts";
import { commentEvent, errorEvent, lineEvent, namedEvent, positionEvent, sendEvents } from "../server-sent-events.ts";

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
          "Server-sent events (WHATWG HTML), one for each line, with an `id`: the header `Last-Event-ID` goes on behind that line. " +
          "Ends after the last line, or, with `follow`, when the instance is deleted. An event `gap` says that lines may be missing there. " +
          "A failure on the way is one last event `error` whose data is `{code, message}`.",
        params: InstanceParams,
        querystring: LogsQuery,
        headers: LogsHeaders,
        response: {
          200: textAnswer("text/event-stream", "The lines."),
          ...errorResponses("not_found", "ambiguous"),
        },
      },
    },
    (request, reply) => {
      const { params, query, headers } = request;
      // The stream's answer begins before its first line comes: what can be refused is refused here, with a status.
      const { id } = findInstance(context.domain, params.id);
      const signal = clientSignal(reply, context.closing);
      const options = {
        source: query.source ?? "app",
        tail: query.tail ?? null,
        follow: query.follow ?? false,
        after: headers["last-event-id"] ?? null,
      };
      const events = eventsOf(readLogs(context.domain, id, options, signal), signal, (failure) => {
        const { body, unexpected } = answerOf(failure, request.id, context.closing.aborted);
        if (unexpected) request.log.error({ err: failure }, "logs.failed");
        return body;
      });
      return sendEvents(reply, events);
    },
  );
}

async function* eventsOf(
  parts: AsyncIterable<LogPart>,
  signal: AbortSignal,
  explain: (failure: unknown) => { code: string; message: string },
): AsyncGenerator<string> {
  // Brings the status and headers to a caller who follows a log that is still silent.
  yield commentEvent("lines follow");
  try {
    for await (const part of parts) yield textOf(part);
  } catch (failure) {
    if (!signal.aborted) yield errorEvent(explain(failure));
  }
}

function textOf(part: LogPart): string {
  switch (part.kind) {
    case "place":
      return positionEvent(part.place);
    case "line":
      return lineEvent(part.text, part.place);
    case "gap":
      return namedEvent({ id: part.place, name: "gap", data: gapSentences[part.reason] });
  }
}

/** Text, as the lines are: a reader that knows no names of events shows it among them. */
const gapSentences: Readonly<Record<(LogPart & { kind: "gap" })["reason"], string>> = {
  cut: "[lines may be missing here: the log was cut, and is read from its beginning]",
  replaced: "[lines may be missing here: another log took the place of the one before, and is read from its beginning]",
  expired: "[lines may be missing here: those that came next are no longer kept]",
};
