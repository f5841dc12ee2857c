import { Type, type Static } from "typebox";
import { Argument, Environment } from "./common.ts";

export const LogsQuery = Type.Object(
  {
    source: Type.Optional(
      Type.Enum(["app", "vmm"], {
        type: "string",
        default: "app",
        description: "`app`: the guest's console. `vmm`: what the hypervisor itself said.",
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

/** The first frame of an exec, sent by the client as JSON text. */
export const ExecStart = Type.Object(
  {
    command: Type.Array(Argument, {
      minItems: 1,
      maxItems: 1024,
      description: "Program and arguments.",
      "x-expected": "an array of 1 to 1024 texts",
    }),
    env: Type.Optional(Environment),
    cwd: Type.Optional(
      Type.String({
        pattern: "^/[^\\u0000]*$",
        maxLength: 4096,
        description: "Working directory.",
        "x-expected": "an absolute path",
      }),
    ),
    tty: Type.Optional(
      Type.Boolean({ default: false, description: "Whether it runs on a terminal.", "x-expected": "true or false" }),
    ),
    rows: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65535, default: 24, "x-expected": "an integer from 1 to 65535" }),
    ),
    cols: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65535, default: 80, "x-expected": "an integer from 1 to 65535" }),
    ),
    timeout: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 86_400,
        description: "Seconds after which the program is killed; never when left out.",
        "x-expected": "a number of seconds over 0 and at most 86400",
      }),
    ),
    framed: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Whether each binary message starts with its stream's number.",
        "x-expected": "true or false",
      }),
    ),
  },
  {
    additionalProperties: false,
    examples: [{ command: ["/bin/ls", "-l"], cwd: "/", framed: true }],
    "x-expected": "a JSON object",
  },
);
export type ExecStart = Static<typeof ExecStart>;

/** Later text frames of an exec: exactly one of the three. */
export const ExecControl = Type.Object(
  {
    resize: Type.Optional(
      Type.Object(
        { cols: Type.Integer({ minimum: 1, maximum: 65535 }), rows: Type.Integer({ minimum: 1, maximum: 65535 }) },
        { additionalProperties: false, "x-expected": "cols and rows, each from 1 to 65535" },
      ),
    ),
    signal: Type.Optional(Type.Integer({ minimum: 1, maximum: 64, "x-expected": "a signal's number, 1 to 64" })),
    eof: Type.Optional(Type.Boolean({ "x-expected": "true" })),
  },
  {
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
    "x-expected": "an object with one of resize, signal, eof",
  },
);
export type ExecControl = Static<typeof ExecControl>;
