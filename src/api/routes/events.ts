import { findInstance } from "../../domain/instances/find-instance.ts";
import type { EventType, HappenedEvent, Subscription } from "../../observability/event-bus.ts";
import { clientSignal } from "../client-signal.ts";
import type { Api, ApiContext } from "../context.ts";
import { eventBody } from "../event-body.ts";
import { errorResponses } from "../schemas/error.ts";
import { EventsHeaders, EventsQuery } from "../schemas/events.ts";
import { textAnswer } from "../schemas/text-answer.ts";
import { commentEvent, namedEvent, positionEvent, sendEvents } from "../server-sent-events.ts";

/** What happens on this server, as it happens. */
export function registerEventRoutes(app: Api, context: ApiContext): void {
  app.get(
    "/events",
    {
      config: { scope: "event:read" },
      schema: {
        operationId: "followEvents",
        tags: ["server"],
        summary: "Follow what happens",
        description:
          "Server-sent events (WHATWG HTML) with `id`, `event` and, as `data`, a JSON object `{id, type, at, …}`; docs/reference/api.md lists the types. " +
          "The newest 10000 events are held: the header `Last-Event-ID` goes on behind one of them. " +
          "`gap` says that events are missing, and comes first; `overflow` says that the reader was too slow, and comes last.",
        querystring: EventsQuery,
        headers: EventsHeaders,
        response: {
          200: textAnswer("text/event-stream", "The events."),
          ...errorResponses("not_found", "ambiguous"),
        },
      },
    },
    ({ query, headers }, reply) => {
      const matches = matcher(context, query.type ?? [], query.instance ?? null);
      const signal = clientSignal(reply, context.closing);
      const subscription = context.domain.events.subscribe(headers["last-event-id"] ?? null, matches, signal);
      return sendEvents(reply, textOf(subscription));
    },
  );
}

/** @throws OperatingError `not_found`, `ambiguous` for the instance. */
function matcher(
  context: ApiContext,
  types: readonly EventType[],
  reference: string | null,
): (event: HappenedEvent) => boolean {
  const id = reference === null ? null : findInstance(context.domain, reference).id;
  return (event) => (types.length === 0 || types.includes(event.type)) && (id === null || isAbout(event, id));
}

function isAbout(event: HappenedEvent, id: string): boolean {
  if (!("instanceId" in event)) return false;
  return event.instanceId === id || ("parentId" in event && event.parentId === id);
}

async function* textOf({ position, events }: Subscription): AsyncGenerator<string> {
  // Brings the status to a caller while nothing happens, and a place to go on from should the connection break before the first event.
  yield commentEvent("events follow") + positionEvent(position);
  for await (const told of events) yield namedEvent({ id: told.id, name: told.event.type, data: eventBody(told) });
}
