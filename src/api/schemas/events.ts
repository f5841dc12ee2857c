import { Type, type Static, type TProperties, type TSchema } from "typebox";
import { imageStatuses } from "../../domain/images/image.ts";
import { errorCodes } from "../../errors.ts";
import { eventIdPattern, eventTypes } from "../../observability/event-bus.ts";
import { InstanceParams, Timings } from "./common.ts";
import { instanceProperties } from "./instance.ts";

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

const head = {
  id: Type.String({ pattern: eventIdPattern, description: "Where a later call goes on from: see `Last-Event-ID`." }),
  at: Type.String({ description: "RFC 3339, UTC." }),
};
const instanceId = Type.String({ description: "The instance; of a fork, the child." });
const name = Type.String({ description: "Its name." });
const image = Type.String({ description: "Its normalised name." });
const fork = { instance_id: instanceId, name, parent_id: Type.String({ description: "Where the child comes from." }) };
const stateOf = (description: string) => ({ ...instanceProperties.state, description });
const OrNull = <Schema extends TSchema>(schema: Schema, description: string) =>
  Type.Union([schema, Type.Null()], { description });

const eventOf = <const Name extends string, Facts extends TProperties>(type: Name, description: string, facts: Facts) =>
  Type.Object(
    { ...head, type: Type.Literal(type, { description: "What happened." }), ...facts },
    { additionalProperties: false, description },
  );

/** The JSON of one event, by its type. Held to what is sent by test/api/events.test.ts. */
export const EventSchema = Type.Union(
  [
    eventOf("instance.state", "Once for each real change.", {
      instance_id: instanceId,
      name,
      from: OrNull(stateOf("The state before."), "Null for an instance that is new."),
      to: stateOf("The state now."),
    }),
    eventOf("instance.deleted", "It is gone; also a child whose fork failed.", { instance_id: instanceId, name }),
    eventOf("fork.phase", "A phase of one child's fork is over.", {
      ...fork,
      phase: Type.String({ description: "As in `timings_ms` of the fork's answer." }),
      ms: Type.Number({ minimum: 0, description: "How long it took, in milliseconds." }),
    }),
    eventOf("fork.done", "The child is ready.", { ...fork, timings_ms: Timings }),
    eventOf("fork.failed", "There will be no child.", {
      ...fork,
      code: Type.Enum([...errorCodes], { type: "string", description: "As in an error's answer." }),
    }),
    eventOf("mailbox.acked", "A child has applied its mail.", {
      instance_id: instanceId,
      mailbox: Type.String({ description: "Its name." }),
      ack_ms: OrNull(Type.Number(), "Milliseconds from resume to the ack."),
    }),
    eventOf("workload.exited", "The workload ended.", {
      instance_id: instanceId,
      exit_code: OrNull(Type.Integer(), "Null when a signal ended it, or when it is not known."),
      signal: OrNull(Type.Integer(), "The signal's number when a signal ended it."),
    }),
    eventOf("image.state", "A pull has come further, or has ended.", {
      image,
      digest: Type.String({ description: "Of the manifest for the platform." }),
      status: Type.Enum([...imageStatuses], { type: "string", description: "As in `GET /images/{name}`." }),
      code: OrNull(
        Type.Enum([...errorCodes], { type: "string" }),
        "Why it failed, or why its renewal did, as in an error's answer; null when nothing did.",
      ),
    }),
    eventOf("image.progress", "More of the layers is here.", {
      image,
      received_bytes: Type.Integer({ minimum: 0, description: "Of the layers that are here." }),
      total_bytes: Type.Integer({ minimum: 0, description: "Of all layers." }),
    }),
    eventOf("image.deleted", "The name is gone.", { image }),
    eventOf("gap", "Events are missing here: list the instances again.", {
      reason: Type.Enum(["restarted", "expired"], {
        type: "string",
        description: "`restarted`: the server was started anew. `expired`: too much happened meanwhile.",
      }),
    }),
    eventOf("overflow", "This reader was too slow: the last event of the stream.", {}),
  ],
  { $id: "Event", description: "The data of one event of `GET /events`." },
);
export type EventBody = Static<typeof EventSchema>;
