import { Type, type Static } from "typebox";
import { maxPrefixLength } from "../../domain/schedules/schedule.ts";
import { goDurationPattern } from "../../lib/go-duration.ts";
import { Tags } from "./common.ts";
import { exampleInstance } from "./instance.ts";

const Retention = Type.Object(
  {
    max_count: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100_000,
        description: "Keep the newest so many of this instance's scheduled snapshots. 0: any number.",
        "x-expected": "an integer from 0 to 100000",
      }),
    ),
    max_age: Type.Optional(
      Type.String({
        pattern: goDurationPattern,
        description: "Delete scheduled snapshots that are older, such as `168h`.",
        "x-expected": "a duration such as 90m or 168h",
      }),
    ),
  },
  {
    additionalProperties: false,
    description: "Which scheduled snapshots stay. At least one of the two must limit them.",
    examples: [{ max_count: 7 }],
    "x-expected": "a JSON object with max_count, max_age or both",
  },
);

const namePrefixPattern = `^[a-z0-9]([a-z0-9-]{0,${String(maxPrefixLength - 2)}}[a-z0-9])?$`;

export const ScheduleBody = Type.Object(
  {
    interval: Type.String({
      pattern: goDurationPattern,
      description: "How long from one snapshot to the next, such as `24h`; at least `1m`.",
      "x-expected": "a duration such as 15m or 24h",
    }),
    retention: Retention,
    name_prefix: Type.Optional(
      Type.Union([Type.String({ pattern: namePrefixPattern }), Type.Null()], {
        description: "What the snapshots' names begin with, before the time; at most 47 characters. Null: `scheduled`.",
        "x-expected": "1 to 47 lower-case letters, digits and inner hyphens, or null",
      }),
    ),
    metadata: Type.Optional({ ...Tags, description: "The tags of the snapshots." }),
  },
  {
    additionalProperties: false,
    examples: [{ interval: "24h", retention: { max_count: 7 }, name_prefix: "nightly", metadata: { team: "search" } }],
    "x-expected": "a JSON object",
  },
);
export type ScheduleBody = Static<typeof ScheduleBody>;

const optionalTime = (description: string) => Type.Union([Type.String(), Type.Null()], { description });

export const ScheduleAnswer = Type.Object(
  {
    instance_id: Type.String({ description: "The instance, which may be gone." }),
    interval: Type.String({ description: "As in the request, in its largest units." }),
    retention: Retention,
    name_prefix: optionalTime("As in the request."),
    metadata: Type.Record(Type.String(), Type.String(), { description: "The tags of the snapshots." }),
    created_at: Type.String({ description: "When it was set first. RFC 3339, UTC, as all times here." }),
    updated_at: Type.String({ description: "When it was set last." }),
    next_run_at: Type.String({ description: "When the next snapshot is due." }),
    last_run_at: optionalTime("When the last one was due and tried; null before the first."),
    last_snapshot_id: optionalTime("What the last run that succeeded took; it may be gone."),
    last_error: optionalTime("Why the last run took none; null when it did."),
  },
  {
    additionalProperties: false,
    description: "The schedule and what became of its last run.",
    examples: [
      {
        instance_id: exampleInstance.id,
        interval: "24h",
        retention: { max_count: 7 },
        name_prefix: "nightly",
        metadata: { team: "search" },
        created_at: "2026-03-20T10:15:00.000Z",
        updated_at: "2026-03-20T10:15:00.000Z",
        next_run_at: "2026-03-22T10:17:31.120Z",
        last_run_at: "2026-03-21T10:17:31.122Z",
        last_snapshot_id: "s4t8n1p6x0cv",
        last_error: null,
      },
    ],
  },
);
export type ScheduleAnswer = Static<typeof ScheduleAnswer>;
