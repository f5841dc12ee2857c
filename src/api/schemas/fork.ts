import { Type, type Static } from "typebox";
import { Timings } from "./common.ts";
import { InstanceName } from "./create-instance.ts";
import { exampleInstance, instanceProperties } from "./instance.ts";

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

export const targetStates = ["Running", "Standby", "Stopped"] as const;

export const ForkBody = Type.Object(
  {
    name: { ...InstanceName, description: "The child's name." },
    target_state: Type.Optional(
      Type.Enum([...targetStates], {
        type: "string",
        default: "Running",
        description: "What becomes of the child. Only a child that ends `Running` can carry mailboxes.",
      }),
    ),
    mailboxes: Type.Optional(
      Type.Array(Mailbox, { description: "At most 16.", "x-expected": "an array of mailboxes" }),
    ),
  },
  {
    additionalProperties: false,
    examples: [
      {
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
      },
    ],
    "x-expected": "a JSON object",
  },
);
export type ForkBody = Static<typeof ForkBody>;

export const ForkAnswer = Type.Object(
  {
    ...instanceProperties,
    mailboxes: Type.Array(
      Type.Object(
        {
          name: Type.String({ description: "As in the request." }),
          delivered: Type.Boolean({ description: "Whether the payload is in the child's memory." }),
          acked: Type.Union([Type.Boolean(), Type.Null()], { description: "Null when no ack was asked for." }),
          ack_ms: Type.Union([Type.Number(), Type.Null()], { description: "Milliseconds from resume to the ack." }),
        },
        { additionalProperties: false },
      ),
      { description: "One for each mailbox of the request, in its order." },
    ),
    timings_ms: Timings,
    start: Type.Enum(["cold"], { type: "string", description: "`cold`: a machine was started for this child." }),
  },
  {
    additionalProperties: false,
    description: "The child, what became of each mailbox, and how long each phase took.",
    examples: [
      {
        ...exampleInstance,
        id: "p8c1z5r0t6yb",
        name: "child-1",
        state: "Running" as const,
        parent_id: exampleInstance.id,
        has_memory_image: false,
        mailboxes: [{ name: "job", delivered: true, acked: true, ack_ms: 48.5 }],
        timings_ms: { preflight: 0.6, restore: 61.2, deliver: 0.9, resume: 1.1, acks: 48.7 },
        start: "cold" as const,
      },
    ],
  },
);
export type ForkAnswer = Static<typeof ForkAnswer>;

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
