import { Type, type Static } from "typebox";
import { instanceStates } from "../../domain/instances/instance.ts";
import { maxResumed } from "../../domain/forks/resume-many.ts";
import { goDurationPattern } from "../../lib/go-duration.ts";
import { Environment, Timings } from "./common.ts";
import { Compression } from "./compression.ts";
import { Words } from "./create-instance.ts";
import { MailboxOutcomes, PartialError } from "./fork.ts";
import { exampleInstance, instanceProperties, instanceReference } from "./instance.ts";

/** States in which nothing rests: accepted as filters, so that a caller need not know which do. */
export const filterStates = [...instanceStates, "Created", "Shutdown"] as const;

export const ListQuery = Type.Object(
  {
    state: Type.Optional(
      Type.Enum([...filterStates], {
        type: "string",
        description: "Only instances in this state. `Created` and `Shutdown` are accepted and match nothing.",
      }),
    ),
    tags: Type.Optional(
      Type.Record(Type.String({ pattern: "^[^\\u0000]{1,128}$" }), Type.String(), {
        description: "Only instances that carry all these tags: `tags[team]=search`.",
        "x-expected": "given as tags[key]=value, each key once",
      }),
    ),
  },
  { additionalProperties: false },
);

export const DeleteQuery = Type.Object(
  {
    graceful_shutdown: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          "Whether the guest is asked to power off first, and given as long as in a stop; else its machine is ended at once.",
        "x-expected": "true or false",
      }),
    ),
  },
  { additionalProperties: false },
);

/** Fields of Hypeman's, which are accepted when they ask for nothing. */
export const StandbyBody = Type.Object(
  {
    compression: Type.Optional(Compression),
    compression_delay: Type.Optional(
      Type.String({
        pattern: goDurationPattern,
        description: "Of no meaning when nothing is compressed.",
        "x-expected": "a duration such as 30s, 2m or 1h30m",
      }),
    ),
  },
  {
    additionalProperties: false,
    description: "How to store the memory; the body may be left out.",
    examples: [{ compression: { enabled: false } }],
    "x-expected": "a JSON object, or left out",
  },
);

export const StartBody = Type.Object(
  {
    entrypoint: Type.Optional({ ...Words, description: "Replaces the stored entrypoint, for good." }),
    cmd: Type.Optional({ ...Words, description: "Replaces the stored arguments, for good." }),
    env: Type.Optional({ ...Environment, description: "Replaces the stored environment, for good." }),
  },
  {
    additionalProperties: false,
    description: "What to change before it boots; the body may be left out.",
    examples: [{ cmd: ["mailbox wait job --timeout 60000"], env: { LANG: "C.UTF-8" } }],
    "x-expected": "a JSON object, or left out",
  },
);
export type StartBody = Static<typeof StartBody>;

export const defaultGraceMs = 10_000;

export const StopBody = Type.Object(
  {
    grace_ms: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 120_000,
        default: defaultGraceMs,
        description: "How long the guest may take to power off before it is forced, in milliseconds.",
        "x-expected": "an integer from 0 to 120000",
      }),
    ),
  },
  {
    additionalProperties: false,
    description: "How to stop; the body may be left out.",
    examples: [{ grace_ms: 10_000 }],
    "x-expected": "a JSON object, or left out",
  },
);

const exampleResumed = {
  mailboxes: [{ name: "job", delivered: true, acked: true, ack_ms: 48.5 }],
  timings_ms: { resume: 1.1, identity: 31.4, acks: 17.3, total: 50.2 },
};

export const ResumedInstanceSchema = Type.Object(
  {
    ...instanceProperties,
    mailboxes: {
      ...MailboxOutcomes,
      description: "Of a child that was held with its mail, one for each mailbox; empty for any other.",
    },
    timings_ms: Timings,
  },
  {
    additionalProperties: false,
    description: "The instance, what became of each mailbox it was held with, and how long each phase took.",
    examples: [
      {
        ...exampleInstance,
        state: "Running" as const,
        has_memory_image: false,
        has_snapshot: false,
        ...exampleResumed,
      },
    ],
  },
);
export type ResumedInstanceBody = Static<typeof ResumedInstanceSchema>;

export const ResumeManyBody = Type.Object(
  {
    ids: Type.Array(
      Type.String({
        pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$",
        "x-expected": "an instance's id, name or id prefix: letters, digits, hyphens and underscores",
      }),
      {
        minItems: 1,
        maxItems: maxResumed,
        description: "Ids, names or unique id prefixes.",
        "x-expected": `an array of 1 to ${String(maxResumed)} ids or names`,
      },
    ),
  },
  { additionalProperties: false, examples: [{ ids: ["worker-1", "worker-2"] }], "x-expected": "a JSON object" },
);

export const ResumeManyAnswer = Type.Object(
  {
    instances: Type.Array(
      Type.Object(
        {
          id: Type.String({ description: "As in the request." }),
          instance: Type.Union([instanceReference, Type.Null()], {
            description: "The instance; null when it failed.",
          }),
          mailboxes: MailboxOutcomes,
          timings_ms: Timings,
          error: PartialError,
        },
        { additionalProperties: false },
      ),
      { description: "One for each id of the request, in its order." },
    ),
  },
  {
    additionalProperties: false,
    description: "What became of each.",
    examples: [
      {
        instances: [
          {
            id: "worker-1",
            instance: {
              ...exampleInstance,
              name: "worker-1",
              state: "Running" as const,
              has_memory_image: false,
              has_snapshot: false,
            },
            ...exampleResumed,
            error: null,
          },
          {
            id: "worker-2",
            instance: null,
            mailboxes: [],
            timings_ms: {},
            error: { code: "not_found" as const, message: "there is no instance with this id, name or id prefix" },
          },
        ],
      },
    ],
  },
);
export type ResumeManyAnswer = Static<typeof ResumeManyAnswer>;

export const defaultWaitMs = 60_000;
export const longestWaitMs = 300_000;

export const WaitQuery = Type.Object(
  {
    state: Type.Enum([...filterStates], {
      type: "string",
      description:
        "The state to wait for. Nothing rests in `Created` or `Shutdown`: a wait for one ends with its time.",
    }),
    timeout: Type.Optional(
      Type.String({
        pattern: goDurationPattern,
        default: "60s",
        description: "How long, such as `30s` or `1m30s`; five minutes at most, whatever is asked for.",
        "x-expected": "a duration such as 500ms, 30s or 5m",
      }),
    ),
  },
  { additionalProperties: false },
);

export const WaitAnswer = Type.Object(
  {
    instance: { ...instanceReference, description: "The instance as it is now." },
    reached: Type.Boolean({
      description:
        "False when the time was over, or when the instance came to rest in another state (`Stopped`, `Standby`, `Unknown`).",
    }),
    state: Type.Enum([...instanceStates], { type: "string", description: "The instance's." }),
    state_error: Type.Union([Type.String(), Type.Null()], { description: "The instance's." }),
    timed_out: Type.Boolean({ description: "Whether the time was over before it was reached." }),
  },
  {
    additionalProperties: false,
    description: "The instance, and whether it is in that state.",
    examples: [
      {
        instance: { ...exampleInstance, state: "Running" as const },
        reached: true,
        state: "Running" as const,
        state_error: null,
        timed_out: false,
      },
    ],
  },
);
export type WaitAnswer = Static<typeof WaitAnswer>;
