import { Type } from "typebox";

export const LogsQuery = Type.Object(
  {
    source: Type.Optional(
      Type.Enum(["app", "vmm", "hypeman"], {
        type: "string",
        default: "app",
        description:
          "`app`: the guest's console. `vmm`: what the hypervisor itself said. `hypeman`: what was done to the instance, a JSON object in each line.",
      }),
    ),
    tail: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 10_000,
        description: "Only the last lines; all when left out.",
        "x-expected": "an integer from 0 to 10000",
      }),
    ),
    follow: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Whether to go on with lines as they come.",
        "x-expected": "true or false",
      }),
    ),
  },
  { additionalProperties: false },
);
