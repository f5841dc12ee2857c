import { Type, type Static, type TSchema } from "typebox";

/** What a record may have nothing to say of. */
const Nullable = <Schema extends TSchema>(schema: Schema, description: string) =>
  Type.Union([schema, Type.Null()], { description });

/** The most records of one page. */
export const maxAuditPage = 1000;
export const defaultAuditPage = 100;

export const AuditQuery = Type.Object(
  {
    instance: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        description:
          "Only what is about this instance or snapshot, forks of it included: its whole id, or its name at the time. It may be gone.",
        "x-expected": "an id or a name",
      }),
    ),
    subject: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 512,
        description:
          "Only what is about this image, snapshot, volume or token: its whole id (of an image, its digest), or its name at the time. It may be gone.",
        "x-expected": "an id or a name",
      }),
    ),
    since: Type.Optional(
      Type.String({
        pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?(Z|[+-]\\d{2}:\\d{2})$",
        description: "Only what happened at this moment (RFC 3339) or later.",
        "x-expected": "a moment such as 2026-01-31T12:00:00Z",
      }),
    ),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: maxAuditPage,
        default: defaultAuditPage,
        description: "The most records of the answer.",
        "x-expected": `an integer from 1 to ${String(maxAuditPage)}`,
      }),
    ),
    cursor: Type.Optional(
      Type.String({
        pattern: "^\\d{1,15}$",
        description: "The `next_cursor` of the page before.",
        "x-expected": "the next_cursor of an answer",
      }),
    ),
  },
  { additionalProperties: false },
);

const AuditRecord = Type.Object(
  {
    id: Type.Integer({ minimum: 1, description: "Grows with each record." }),
    at: Type.String({ description: "When it was noted: RFC 3339, UTC." }),
    request_id: Nullable(Type.String(), "Of the call, as its header `x-request-id` said."),
    caller: Nullable(
      Type.Object(
        { id: Type.String({ description: "Of the token." }), name: Type.String({ description: "Of the token." }) },
        { additionalProperties: false },
      ),
      "Who asked.",
    ),
    action: Type.String({
      description:
        "`create`, `start`, `stop`, `standby`, `restore`, `pause`, `resume`, `fork`, `snapshot`, `restore_snapshot`, `delete_snapshot`, `delete`, `exec`, `cp`, `pull_image`, `tag_image`, `delete_image`, `create_volume`, `delete_volume`, `create_token`, `revoke_token`, or the name of another call that changes something.",
    }),
    outcome: Type.Enum(["begun", "ok", "failed", "unknown"], {
      type: "string",
      description: "`begun`: it is under way. `unknown`: the server ended before it was over.",
    }),
    code: Nullable(Type.String(), "Of the error, when it failed."),
    instance_id: Nullable(Type.String(), "What was made or changed; of a fork, the child."),
    instance_name: Nullable(Type.String(), "Its name at the time."),
    source_id: Nullable(Type.String(), "The instance that was forked."),
    source_name: Nullable(Type.String(), "Its name at the time."),
    snapshot_id: Nullable(Type.String(), "The snapshot that was forked, taken, restored or deleted."),
    subject: Nullable(
      Type.Object(
        {
          kind: Type.Enum(["image", "snapshot", "volume", "token"], { type: "string", description: "What it is." }),
          id: Nullable(
            Type.String(),
            "Its id; of an image, its digest. Null for one that was to be made, and was not.",
          ),
          name: Type.String({ description: "Its name at the time." }),
        },
        { additionalProperties: false },
      ),
      "The image, snapshot, volume or token that was made, changed or used; null for a call that is about instances alone.",
    ),
    generation: Nullable(Type.String(), "Of the child's resume, a UUID."),
    mailboxes: Type.Array(
      Type.Object(
        {
          name: Type.String({ description: "The mailbox." }),
          payload_hmac: Type.String({
            description:
              "HMAC-SHA256, hexadecimal, of the payload's text with the key in the server's file `audit-key`.",
          }),
        },
        { additionalProperties: false },
      ),
      { description: "What mail the child was given." },
    ),
  },
  { additionalProperties: false },
);
export type AuditRecord = Static<typeof AuditRecord>;

export const AuditAnswer = Type.Object(
  {
    records: Type.Array(AuditRecord, { description: "The newest first." }),
    next_cursor: Nullable(Type.String(), "For the next page; null: there is none."),
  },
  {
    additionalProperties: false,
    description: "A page of the audit.",
    examples: [
      {
        records: [
          {
            id: 17,
            at: "2026-01-31T12:00:00.000Z",
            request_id: "4f0c3f0e-6f2b-4a55-9d0c-0d6f3b7f5a11",
            caller: { id: "local", name: "local" },
            action: "fork",
            outcome: "ok",
            code: null,
            instance_id: "k3v9x2m7q1w8",
            instance_name: "child-1",
            source_id: "a7d2f5h8j1k4",
            source_name: "base",
            snapshot_id: null,
            subject: null,
            generation: "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0",
            mailboxes: [
              { name: "job", payload_hmac: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" },
            ],
          },
        ],
        next_cursor: null,
      },
    ],
  },
);
export type AuditAnswer = Static<typeof AuditAnswer>;
