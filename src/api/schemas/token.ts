import { Type, type Static } from "typebox";
import { grants } from "../../auth/scopes.ts";

/** A path's `{id}` of a token. */
export const TokenParams = Type.Object(
  {
    id: Type.String({
      pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$",
      description: "A token's id, the name that only one live token has, or a prefix of its id that no other shares.",
      "x-expected": "a token's id, name or id prefix: letters, digits, dots, hyphens and underscores",
    }),
  },
  { additionalProperties: false },
);

const TokenName = Type.String({
  pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$",
  description: "What it is for. Several tokens may have the same name.",
  "x-expected": "1 to 63 letters, digits, dots, hyphens and underscores, the first a letter or digit",
});

const Grants = Type.Array(Type.Enum([...grants], { type: "string" }), {
  minItems: 1,
  maxItems: grants.length,
  description:
    "What it may do: scopes such as `instance:read`, all of a resource such as `instance:*`, or `*`. No action implies another.",
  "x-expected": `a list of scopes, each of ${grants.join(", ")}`,
});

const Time = (description: string) => Type.String({ format: "date-time", description });
const timeOrNull = (description: string) =>
  Type.Union([Type.String({ format: "date-time" }), Type.Null()], { description });

export const CreateTokenBody = Type.Object(
  {
    name: TokenName,
    scopes: Grants,
    expires_at: Type.Optional(
      Type.String({
        pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?(Z|[+-]\\d{2}:\\d{2})$",
        description:
          "When it ends (RFC 3339). Left out: when the token of the caller does, or never. Not later than the caller's own.",
        "x-expected": "a time such as 2030-01-31T12:00:00Z",
      }),
    ),
  },
  {
    additionalProperties: false,
    description: "A token to make. It may do no more than the caller's own.",
    examples: [{ name: "ci", scopes: ["instance:read", "instance:write"], expires_at: "2030-01-31T12:00:00Z" }],
  },
);

const fields = {
  id: Type.String({ description: "Its id; also the middle part of the token's text." }),
  name: Type.String({ description: "What it is for." }),
  scopes: Type.Array(Type.String(), { description: "What it may do." }),
  created_by: Type.String({ description: "The id of the caller who made it; `local` is the server's own token." }),
  created_at: Time("When it was made."),
  expires_at: timeOrNull("When it ends by itself; null: never."),
  last_used_at: timeOrNull("When it was last used; null: never. After a crash it may be a minute too old."),
  revoked_at: timeOrNull("When it was revoked; null: it was not."),
};

const example = {
  id: "k3v9q0c1x8m2z7w4n6b5h1d0",
  name: "ci",
  scopes: ["instance:read", "instance:write"],
  created_by: "local",
  created_at: "2029-12-31T12:00:00.000Z",
  expires_at: "2030-01-31T12:00:00.000Z",
  last_used_at: null,
  revoked_at: null,
};

export const TokenBody = Type.Object(fields, {
  additionalProperties: false,
  description: "A token, without its secret.",
  examples: [example],
});
export type TokenBody = Static<typeof TokenBody>;

export const CreatedTokenBody = Type.Object(
  {
    ...fields,
    token: Type.String({ description: "The token itself, for `Authorization: Bearer`. It is shown this once." }),
  },
  {
    additionalProperties: false,
    description: "The new token, with its text.",
    examples: [{ ...example, token: `ramet_${example.id}_${"s".repeat(43)}` }],
  },
);
export type CreatedTokenBody = Static<typeof CreatedTokenBody>;
