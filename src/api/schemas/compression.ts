import { Type, type Static } from "typebox";

/** Accepted when it asks for nothing. Ranges as the field's own API has them; see `refuse-compression.ts` for why nothing is compressed. */
export const Compression = Type.Object(
  {
    enabled: Type.Boolean({
      description: "Whether to compress the memory. `true` is 501: machines map a memory image as it lies on the disk.",
      "x-expected": "true or false",
    }),
    algorithm: Type.Optional(
      Type.Enum(["zstd", "lz4"], { type: "string", description: "Of no meaning when nothing is compressed." }),
    ),
    level: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 19,
        description: "Of no meaning when nothing is compressed.",
        "x-expected": "an integer from 0 to 19",
      }),
    ),
  },
  {
    additionalProperties: false,
    description: "How to store the memory.",
    examples: [{ enabled: false }],
    "x-expected": "a JSON object with enabled",
  },
);
export type Compression = Static<typeof Compression>;
