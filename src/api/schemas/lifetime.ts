import { Type, type Static } from "typebox";
import { goDurationPattern } from "../../lib/go-duration.ts";
import { restartDefaults, restartPolicies } from "../../domain/instances/restart-policy.ts";

/** When an instance is deleted by itself; beside each other in create and update. */
export const lifetimeFields = {
  ttl: Type.Optional(
    Type.String({
      pattern: goDurationPattern,
      description: "It is deleted this long from now; `0s`: never. Not beside `expires_at`.",
      "x-expected": "a duration such as 30s, 2m or 1h30m",
    }),
  ),
  expires_at: Type.Optional(
    Type.String({
      pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$",
      description: "It is deleted then (RFC 3339), which must be in the future. Not beside `ttl`.",
      "x-expected": "a time such as 2026-01-02T03:04:05Z",
    }),
  ),
} as const;

const Duration = (description: string) =>
  Type.Optional(
    Type.String({ pattern: goDurationPattern, description, "x-expected": "a duration such as 30s, 2m or 1h30m" }),
  );

/** What a caller asks for. */
export const RestartPolicyWish = Type.Object(
  {
    policy: Type.Optional(
      Type.Enum([...restartPolicies], {
        type: "string",
        default: restartDefaults.policy,
        description:
          "Whether it is started again when its guest ended without a call for it: `never`, `always`, or `on_failure`, which is any end but an exit with 0.",
      }),
    ),
    backoff: Duration("How long it waits before each attempt; 5s unless told."),
    max_attempts: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000,
        default: restartDefaults.maxAttempts,
        description: "Consecutive attempts until it is left alone; 0: as many as it takes.",
        "x-expected": "an integer from 0 to 1000000",
      }),
    ),
    stable_after: Duration("A run of this length makes the count of attempts 0 again; 1m unless told."),
  },
  {
    additionalProperties: false,
    description: "Whether and when it is started again by itself.",
    examples: [{ policy: "on_failure" as const, backoff: "5s", max_attempts: 3, stable_after: "1m" }],
    "x-expected": "a JSON object",
  },
);
export type RestartPolicyWish = Static<typeof RestartPolicyWish>;

/** What an instance has. */
export const RestartPolicyBody = Type.Object(
  {
    policy: Type.Enum([...restartPolicies], { type: "string", description: "As in the request." }),
    backoff: Type.String({ description: "As in the request." }),
    max_attempts: Type.Integer({ description: "As in the request." }),
    stable_after: Type.String({ description: "As in the request." }),
  },
  {
    additionalProperties: false,
    description: "Whether and when it is started again by itself; left out when it never is.",
  },
);

const Time = (description: string) => Type.Union([Type.String(), Type.Null()], { description });

export const RestartStatusBody = Type.Object(
  {
    attempts: Type.Integer({ description: "Consecutive attempts so far." }),
    last_attempt_at: Time("When it was last started again."),
    next_attempt_at: Time("When it will be; null: nothing is planned."),
    blocked_reason: Type.Union([Type.Enum(["manual_stop", "max_attempts_exceeded"], { type: "string" }), Type.Null()], {
      description: "Why it will not be started again until a call starts it.",
    }),
  },
  { additionalProperties: false, description: "What its restart policy has done; left out when it has none." },
);
