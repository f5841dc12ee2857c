import { Type, type Static } from "typebox";

export const WarmSlotsBody = Type.Object(
  {
    count: Type.Integer({
      minimum: 0,
      maximum: 64,
      description: "How many children are kept restored and paused, waiting to be claimed by a fork; 0 ends it.",
      "x-expected": "a whole number from 0 to 64",
    }),
  },
  { additionalProperties: false, examples: [{ count: 4 }], "x-expected": "a JSON object with count" },
);

export const WarmSlotsAnswer = Type.Object(
  {
    count: Type.Integer({ minimum: 0, description: "How many are wanted." }),
    ready: Type.Integer({ minimum: 0, description: "How many are ready now; the rest is made in the background." }),
  },
  { additionalProperties: false, description: "The warm slots of one source.", examples: [{ count: 4, ready: 3 }] },
);
export type WarmSlotsAnswer = Static<typeof WarmSlotsAnswer>;
