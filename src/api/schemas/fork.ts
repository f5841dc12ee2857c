import { Type, type Static } from "typebox";
import { maxChildren } from "../../domain/forks/fork-many.ts";
import { errorCodes } from "../../errors.ts";
import { Timings } from "./common.ts";
import { InstanceName } from "./create-instance.ts";
import { TargetHypervisor } from "./target-hypervisor.ts";
import { exampleInstance, instanceProperties, instanceReference } from "./instance.ts";

/**
 * The shape of one mailbox. Its limits stand in the descriptions and are checked in one place, the domain's `validate.ts`,
 * which measures the exact bytes that are written.
 */
const Mailbox = Type.Object(
  {
    name: Type.String({
      description:
        "The name under which the guest armed it: 1 to 64 of `A-Za-z0-9._:-`, not starting with `ramet.`; unique in the request.",
      "x-expected": "text: the name under which the guest armed the mailbox",
    }),
    token: Type.Optional(
      Type.String({
        description:
          "The token with which the guest armed it, 1 to 128 bytes. Left out: the instance's own, which the guest's `mailbox` command uses too.",
        "x-expected": "text of 1 to 128 bytes, or left out",
      }),
    ),
    payload: Type.Unsafe<object>({
      type: "object",
      description:
        "What the child finds: any JSON object, delivered as its text stands in the request, so that key order and long numbers survive. " +
        "3832 bytes in one part, up to 64 KiB when the guest armed as many parts. With `wait_for_ack` the keys `ack_host`, `ack_port` and `ack_nonce` are added and count.",
      "x-expected": "a JSON object",
    }),
    wait_for_ack: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Whether the call waits until the guest says that it applied the payload.",
        "x-expected": "true or false",
      }),
    ),
    ack_timeout_ms: Type.Optional(
      Type.Integer({
        default: 5000,
        description:
          "How long to wait for the ack: 1 to 30000 milliseconds; 0 means the default 5000. Checked whether or not `wait_for_ack` is set.",
        "x-expected": "an integer from 0 to 30000",
      }),
    ),
    on_ack_timeout: Type.Optional(
      Type.Enum(["destroy", "keep"], {
        type: "string",
        default: "destroy",
        description:
          "`destroy`: when the ack does not come in time, the child is destroyed and the call fails with 504 `ack_timeout`. " +
          "`keep`: the child stays and the answer says `acked: false`.",
      }),
    ),
  },
  { additionalProperties: false, "x-expected": "a JSON object with name and payload" },
);

export const targetStates = ["Running", "Paused", "Standby", "Stopped"] as const;

const aboutTargets =
  "What becomes of the child. Only one that ends `Running` or `Paused` can carry mailboxes. `Paused` holds it with its mail in until it is resumed; " +
  "its acks are waited for then. `Standby` gives it the memory image and runs nothing; `Stopped` gives it the disk alone. Of a stopped source: `Running`, which boots the child, or `Stopped`.";

const childOf = (byDefault: string) =>
  ({
    name: { ...InstanceName, description: "The child's name." },
    target_state: Type.Optional(
      Type.Enum([...targetStates], { type: "string", description: `${aboutTargets} Left out: ${byDefault}` }),
    ),
    mailboxes: Type.Optional(
      Type.Array(Mailbox, { description: "At most 16.", "x-expected": "an array of mailboxes" }),
    ),
  }) as const;

const childOfInstance = childOf("`Running` with mailboxes, else the state that the source is in.");
const childOfSnapshot = childOf("`Running`, or `Stopped` of a snapshot of the disk alone.");
const childOfMany = childOf("`Running`, or `Stopped` of a source that has no memory image.");

const fromRunning = Type.Optional(
  Type.Boolean({
    default: false,
    description:
      "Whether a running instance may be forked. It stands still for the checkpoint only, and goes on; the answer's `source_pause_ms` says how long.",
    "x-expected": "true or false",
  }),
);

const exampleChild = {
  name: "child-1",
  target_state: "Running" as const,
  mailboxes: [
    {
      name: "job",
      payload: { shard: 1 },
      wait_for_ack: true,
      ack_timeout_ms: 5000,
      on_ack_timeout: "destroy" as const,
    },
  ],
};

export const ForkBody = Type.Object(
  { ...childOfInstance, from_running: fromRunning },
  {
    additionalProperties: false,
    examples: [{ ...exampleChild, from_running: false }],
    "x-expected": "a JSON object",
  },
);
export type ForkBody = Static<typeof ForkBody>;

/** A fork of a snapshot, which never runs. */
export const SnapshotForkBody = Type.Object(
  { ...childOfSnapshot, target_hypervisor: Type.Optional(TargetHypervisor) },
  {
    additionalProperties: false,
    examples: [exampleChild],
    "x-expected": "a JSON object",
  },
);

const manyFields = {
  children: Type.Array(
    Type.Object(childOfMany, {
      additionalProperties: false,
      "x-expected": "a JSON object with name, and perhaps target_state and mailboxes",
    }),
    {
      minItems: 1,
      maxItems: maxChildren,
      description: "The children, each with a name of its own.",
      "x-expected": `an array of 1 to ${String(maxChildren)} children`,
    },
  ),
  mode: Type.Optional(
    Type.Enum(["all_or_nothing", "each"], {
      type: "string",
      default: "all_or_nothing",
      description:
        "`all_or_nothing`: when one child fails, none is left and the call fails as that child did; `details.child` and `details.index` name it. " +
        "`each`: a child that fails is left out, and its `error` says why.",
    }),
  ),
  idempotency_key: Type.Optional(
    Type.String({
      pattern: "^[\\u0020-\\u007e]{1,128}$",
      description:
        "The same call with the same key and body within 24 hours gives the first one's answer, and forks nothing; another body under the key is 409 `name_conflict`. " +
        "A call that failed is not remembered. With a key the fork goes on when the caller leaves.",
      "x-expected": "1 to 128 printable ASCII characters",
    }),
  ),
} as const;

const exampleMany = {
  children: [exampleChild, { ...exampleChild, name: "child-2" }],
  mode: "all_or_nothing" as const,
  idempotency_key: "nightly-2026-01-02",
};

export const ForkManyBody = Type.Object(
  { ...manyFields, from_running: fromRunning },
  {
    additionalProperties: false,
    examples: [{ ...exampleMany, from_running: false }],
    "x-expected": "a JSON object",
  },
);
export type ForkManyBody = Static<typeof ForkManyBody>;

export const SnapshotForkManyBody = Type.Object(manyFields, {
  additionalProperties: false,
  examples: [exampleMany],
  "x-expected": "a JSON object",
});

/** What became of the mailboxes of one child. */
export const MailboxOutcomes = Type.Array(
  Type.Object(
    {
      name: Type.String({ description: "As in the request." }),
      delivered: Type.Boolean({ description: "Whether the payload is in the child's memory." }),
      acked: Type.Union([Type.Boolean(), Type.Null()], {
        description: "Null when no ack was asked for, or when the child is held and has not run.",
      }),
      ack_ms: Type.Union([Type.Number(), Type.Null()], { description: "Milliseconds from resume to the ack." }),
    },
    { additionalProperties: false },
  ),
  { description: "One for each mailbox of the request, in its order." },
);

export const SourcePause = Type.Union([Type.Record(Type.String(), Type.Number({ minimum: 0 })), Type.Null()], {
  description:
    "How long a running source stood still, in milliseconds: `pause`, `devices`, `disk`, `capture`, `resume`, and their sum `total`. Devices, disk and capture go side by side: each counts from the end of the one that ended before. Null when it was not running.",
});

const start = Type.Enum(["warm", "cold"], {
  type: "string",
  description: "`warm`: a machine that was restored ahead of time was claimed. `cold`: one was started for this child.",
});

const exampleForked = {
  ...exampleInstance,
  id: "p8c1z5r0t6yb",
  name: "child-1",
  state: "Running" as const,
  parent_id: exampleInstance.id,
  has_memory_image: false,
  has_snapshot: false,
};

export const ForkAnswer = Type.Object(
  {
    ...instanceProperties,
    mailboxes: MailboxOutcomes,
    timings_ms: Timings,
    start,
    source_pause_ms: SourcePause,
  },
  {
    additionalProperties: false,
    description: "The child, what became of each mailbox, and how long each phase took.",
    examples: [
      {
        ...exampleForked,
        mailboxes: [{ name: "job", delivered: true, acked: true, ack_ms: 48.5 }],
        timings_ms: { preflight: 0.6, restore: 61.2, deliver: 0.9, resume: 1.1, acks: 48.7 },
        start: "cold" as const,
        source_pause_ms: null,
      },
    ],
  },
);
export type ForkAnswer = Static<typeof ForkAnswer>;

/** Why one of several failed, in the words of all errors. */
export const PartialError = Type.Union(
  [
    Type.Object(
      {
        code: Type.Enum([...errorCodes], { type: "string", description: "As in an error's answer." }),
        message: Type.String({ description: "As in an error's answer." }),
      },
      { additionalProperties: false },
    ),
    Type.Null(),
  ],
  { description: "Why it failed; null when it did not." },
);

export const ForkManyAnswer = Type.Object(
  {
    children: Type.Array(
      Type.Object(
        {
          name: Type.String({ description: "As in the request." }),
          instance: Type.Union([instanceReference, Type.Null()], {
            description: "The child; null when it failed.",
          }),
          mailboxes: MailboxOutcomes,
          timings_ms: Timings,
          start: Type.Union([start, Type.Null()], { description: "As in a fork of one; null when it failed." }),
          error: PartialError,
        },
        { additionalProperties: false },
      ),
      { description: "One for each child of the request, in its order." },
    ),
    timings_ms: Timings,
    source_pause_ms: SourcePause,
  },
  {
    additionalProperties: false,
    description: "The children, and how long each phase took for all of them.",
    examples: [
      {
        children: [
          {
            name: "child-1",
            instance: exampleForked,
            mailboxes: [{ name: "job", delivered: true, acked: true, ack_ms: 48.5 }],
            timings_ms: { preflight: 0.6, restore: 61.2, deliver: 0.9, resume: 1.1, acks: 48.7 },
            start: "cold" as const,
            error: null,
          },
          {
            name: "child-2",
            instance: null,
            mailboxes: [],
            timings_ms: {},
            start: null,
            error: { code: "mailbox_not_found" as const, message: "the memory image holds no mailbox jobs" },
          },
        ],
        timings_ms: { preflight: 1.2, build: 130.4, release: 50.3, total: 181.9 },
        source_pause_ms: null,
      },
    ],
  },
);
export type ForkManyAnswer = Static<typeof ForkManyAnswer>;

export const MailboxesAnswer = Type.Object(
  {
    mailboxes: Type.Array(
      Type.Object(
        {
          name: Type.String({ description: "The name under which the guest armed it." }),
          parts: Type.Integer({ description: "Frames of 3832 bytes." }),
          armed: Type.Boolean({ description: "False when it holds a payload that the guest has not consumed." }),
          capacity_bytes: Type.Integer({ description: "The largest payload that fits." }),
        },
        { additionalProperties: false },
      ),
      { description: "By name." },
    ),
  },
  {
    additionalProperties: false,
    description: "What the memory image holds; never tokens or payloads.",
    examples: [{ mailboxes: [{ name: "job", parts: 1, armed: true, capacity_bytes: 3832 }] }],
  },
);
export type MailboxesAnswer = Static<typeof MailboxesAnswer>;
