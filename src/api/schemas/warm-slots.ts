import { Type, type Static } from "typebox";

export const WarmSlotsBody = Type.Object(
  {
    count: Type.Integer({
      minimum: 0,
      maximum: 256,
      description: "How many children are kept restored and paused, waiting to be claimed by a fork; 0 ends it.",
      "x-expected": "a whole number from 0 to 256",
    }),
  },
  { additionalProperties: false, examples: [{ count: 4 }], "x-expected": "a JSON object with count" },
);

export const WarmSlotsAnswer = Type.Object(
  {
    count: Type.Integer({ minimum: 0, description: "How many are wanted." }),
    ready: Type.Integer({ minimum: 0, description: "How many are ready now; the rest is made in the background." }),
    shortfall: Type.Union(
      [Type.Enum(["being_made", "forks_under_way", "no_memory_to_spare", "source_unavailable", "failed"]), Type.Null()],
      {
        description:
          "Why fewer are ready than are wanted; null when all are. `being_made`: one after the other, now. `forks_under_way`: none is begun before they have ended. " +
          "`no_memory_to_spare`: this host has less memory available than the server's reserve and one more slot. `source_unavailable`: the instance is not in standby, or an operation holds it or the snapshot. " +
          "`failed`: the last one could not be made, and the server's log says why (`warm_slot.failed`); it is tried again when the source changes or is forked.",
      },
    ),
  },
  {
    additionalProperties: false,
    description: "The warm slots of one source.",
    examples: [{ count: 4, ready: 3, shortfall: "being_made" }],
  },
);
export type WarmSlotsAnswer = Static<typeof WarmSlotsAnswer>;
