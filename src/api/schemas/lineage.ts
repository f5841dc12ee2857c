import { Type, type Static } from "typebox";
import { instanceStates } from "../../domain/instances/instance.ts";

const Relative = {
  id: Type.String({ description: "Its id." }),
  name: Type.String({ description: "Its name; of one that is gone, the last it had." }),
};

export const LineageAnswer = Type.Object(
  {
    id: Type.String({ description: "The instance." }),
    name: Type.String({ description: "Its name." }),
    depth: Type.Integer({ minimum: 0, description: "How many forks lie between it and an instance that was booted." }),
    ancestors: Type.Array(
      Type.Object(
        { ...Relative, exists: Type.Boolean({ description: "Whether it is still there." }) },
        { additionalProperties: false },
      ),
      { description: "Where it came from, the nearest first." },
    ),
    snapshot_id: Type.Union([Type.String(), Type.Null()], {
      description:
        "The snapshot it was forked from, which may be gone; null when it was forked from its parent itself, or booted.",
    }),
    children: Type.Array(
      Type.Object(
        {
          ...Relative,
          state: Type.Enum([...instanceStates], { type: "string", description: "Its state." }),
        },
        { additionalProperties: false },
      ),
      { description: "What was forked from it, or from its snapshots, and is still there, oldest first." },
    ),
    descendant_count: Type.Integer({
      minimum: 0,
      description: "How many in all generations are still there, also behind one that is gone.",
    }),
  },
  {
    additionalProperties: false,
    description: "Where an instance came from, and what came from it.",
    examples: [
      {
        id: "w7h1c5r8t2zp",
        name: "worker-1",
        depth: 1,
        ancestors: [{ id: "k3v9x2m4q7wd", name: "base", exists: true }],
        snapshot_id: null,
        children: [{ id: "b6n4d9s3f8jy", name: "worker-1-a", state: "Running" as const }],
        descendant_count: 1,
      },
    ],
  },
);
export type LineageAnswer = Static<typeof LineageAnswer>;
