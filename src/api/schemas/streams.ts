import { Type } from "typebox";
import { logPlacePattern } from "../../domain/history/log-place.ts";

export const LogsQuery = Type.Object(
  {
    source: Type.Optional(
      Type.Enum(["app", "vmm", "hypeman"], {
        type: "string",
        default: "app",
        description:
          "`app`: the guest's console. `vmm`: what the hypervisor itself said. `hypeman`: what was done to the instance, a JSON object in each line.",
      }),
    ),
    tail: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 10_000,
        description: "Only the last lines; all when left out. Not looked at with `Last-Event-ID`.",
        "x-expected": "an integer from 0 to 10000",
      }),
    ),
    follow: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Whether to go on with lines as they come.",
        "x-expected": "true or false",
      }),
    ),
  },
  { additionalProperties: false },
);

/** Other headers are not this call's business. */
export const LogsHeaders = Type.Object({
  "last-event-id": Type.Optional(
    Type.String({
      pattern: logPlacePattern,
      description:
        "The id of the last event that was read: the stream goes on behind that line, and begins with an event `gap` when the log no longer holds it.",
      "x-expected": "the id of an event of this log, such as 3f81c2a90b7d-4711-9ae01f22",
    }),
  ),
});
