import { Type } from "typebox";

/** A path's `{id}`: resolved in the order name or id, then unique id prefix, by the domain. */
export const InstanceParams = Type.Object(
  {
    id: Type.String({
      pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$",
      description: "An instance's id, its name, or a prefix of its id that no other instance shares.",
      "x-expected": "an instance's id, name or id prefix: letters, digits, hyphens and underscores",
    }),
  },
  { additionalProperties: false },
);

/** A path's `{id}` of a snapshot: an id, a name that only one snapshot has, or a unique id prefix. */
export const SnapshotParams = Type.Object(
  {
    id: Type.String({
      pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$",
      description:
        "A snapshot's id, its name when no other snapshot has it, or a prefix of its id that no other shares.",
      "x-expected": "a snapshot's id, name or id prefix: letters, digits, hyphens and underscores",
    }),
  },
  { additionalProperties: false },
);

/** A call that takes no query at all refuses one, so that a misspelt wish is not silently ignored. */
export const NoQuery = Type.Object({}, { additionalProperties: false });

/** A call that takes no fields; its body may be left out. */
export const NoFields = Type.Object(
  {},
  {
    additionalProperties: false,
    description: "Nothing; the body may be left out.",
    examples: [{}],
    "x-expected": "an empty JSON object, or left out",
  },
);

/** Neither argv nor the environment of a process can carry a NUL byte (execve(2)). */
const argumentPattern = "^[^\\u0000]*$";

export const Argument = Type.String({
  pattern: argumentPattern,
  maxLength: 32768,
  "x-expected": "text of at most 32768 characters without NUL",
});

export const Environment = Type.Record(
  Type.String({ pattern: "^[^=\\u0000]{1,256}$" }),
  Type.String({
    pattern: argumentPattern,
    maxLength: 32768,
    "x-expected": "text of at most 32768 characters without NUL",
  }),
  {
    additionalProperties: false,
    description: "Environment variables, name to value.",
    "x-expected": "an object of text values whose names have 1 to 256 characters and neither = nor NUL",
  },
);

export const Tags = Type.Record(
  Type.String({ pattern: "^[^\\u0000]{1,128}$" }),
  Type.String({
    pattern: "^[^\\u0000]*$",
    maxLength: 256,
    "x-expected": "text of at most 256 characters without NUL",
  }),
  {
    maxProperties: 50,
    additionalProperties: false,
    description: "The caller's own labels.",
    "x-expected": "an object of at most 50 texts whose names have 1 to 128 characters",
  },
);

export const Timings = Type.Record(Type.String(), Type.Number({ minimum: 0 }), {
  description: "Milliseconds of each phase, in the order in which they ran. Empty when nothing had to be done.",
});

/** A query's `tags[key]=value`. */
export const TagsFilter = Type.Record(Type.String({ pattern: "^[^\\u0000]{1,128}$" }), Type.String(), {
  description: "Only those that carry all these tags: `tags[team]=search`.",
  "x-expected": "given as tags[key]=value, each key once",
});
