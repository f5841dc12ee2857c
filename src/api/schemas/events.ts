import { Type } from "typebox";
import { eventIdPattern, eventTypes } from "../../observability/event-bus.ts";
import { InstanceParams } from "./common.ts";

export const EventsQuery = Type.Object(
  {
    type: Type.Optional(
      Type.Array(Type.Enum([...eventTypes], { type: "string" }), {
        maxItems: eventTypes.length,
        description: "Only events of this type; repeatable. All types when left out.",
      }),
    ),
    instance: Type.Optional({
      ...InstanceParams.properties.id,
      description: "Only events about this instance and about forks of it: an id, a name, or a unique id prefix.",
    }),
  },
  { additionalProperties: false },
);

/** Other headers are not this call's business. */
export const EventsHeaders = Type.Object({
  "last-event-id": Type.Optional(
    Type.String({
      pattern: eventIdPattern,
      description:
        "The id of the last event that was read: the stream goes on behind it, and begins with an event `gap` when what followed it is no longer held.",
      "x-expected": "the id of an event, such as 1767323045678-42",
    }),
  ),
});
