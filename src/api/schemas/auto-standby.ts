import { Type, type Static } from "typebox";

const never = (description: string) => Type.Null({ description });

export const AutoStandbyAnswer = Type.Object(
  {
    supported: Type.Boolean({ description: "Always false: this server puts no instance in standby by itself." }),
    configured: Type.Boolean({ description: "Always false." }),
    enabled: Type.Boolean({ description: "Always false." }),
    eligible: Type.Boolean({ description: "Always false." }),
    status: Type.Enum(["unsupported"], { type: "string", description: "Always `unsupported`." }),
    reason: Type.Enum(["unsupported_platform"], { type: "string", description: "Always `unsupported_platform`." }),
    tracking_mode: Type.Enum(["none"], { type: "string", description: "Always `none`." }),
    active_inbound_connections: Type.Integer({ description: "Always 0: nobody counts." }),
    idle_timeout: never("Always null."),
    idle_since: never("Always null."),
    last_inbound_activity_at: never("Always null."),
    next_standby_at: never("Always null."),
    countdown_remaining: never("Always null."),
    hold_until: never("Always null: what never happens need not be held off."),
  },
  {
    additionalProperties: false,
    description: "That no instance goes to standby by itself, in the shape of Hypeman's diagnosis.",
    examples: [
      {
        supported: false,
        configured: false,
        enabled: false,
        eligible: false,
        status: "unsupported" as const,
        reason: "unsupported_platform" as const,
        tracking_mode: "none" as const,
        active_inbound_connections: 0,
        idle_timeout: null,
        idle_since: null,
        last_inbound_activity_at: null,
        next_standby_at: null,
        countdown_remaining: null,
        hold_until: null,
      },
    ],
  },
);
export type AutoStandbyAnswer = Static<typeof AutoStandbyAnswer>;
