import { Type, type Static } from "typebox";
import { Argument, Environment } from "./common.ts";

const TerminalSize = Type.Object(
  { cols: Type.Integer({ minimum: 1, maximum: 65535 }), rows: Type.Integer({ minimum: 1, maximum: 65535 }) },
  { additionalProperties: false, "x-expected": "cols and rows, each from 1 to 65535" },
);

/** The first frame of an exec in Ramet's dialect, sent by the client as JSON text. */
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
      Type.Integer({
        description: "Lines of the terminal.",
        minimum: 1,
        maximum: 65535,
        default: 24,
        "x-expected": "an integer from 1 to 65535",
      }),
    ),
    cols: Type.Optional(
      Type.Integer({
        description: "Columns of the terminal.",
        minimum: 1,
        maximum: 65535,
        default: 80,
        "x-expected": "an integer from 1 to 65535",
      }),
    ),
    timeout: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 86_400,
        description: "Seconds after which the program is killed; never when left out.",
        "x-expected": "a number of seconds over 0 and at most 86400",
      }),
    ),
    framed: Type.Boolean({
      description:
        "Whether each binary message starts with its stream's number. A first frame without it speaks Hypeman's dialect.",
      "x-expected": "true or false",
    }),
  },
  {
    additionalProperties: false,
    examples: [{ command: ["/bin/ls", "-l"], cwd: "/", framed: true }],
    "x-expected": "a JSON object",
  },
);
export type ExecStart = Static<typeof ExecStart>;

/** The first frame in Hypeman's dialect. Zeros, empty texts and null stand for what is left out. */
export const HypemanExecStart = Type.Object(
  {
    command: Type.Optional(
      Type.Union([Type.Array(Argument, { maxItems: 1024 }), Type.Null()], {
        description: "Program and arguments; `/bin/sh` when empty.",
        "x-expected": "an array of at most 1024 texts",
      }),
    ),
    env: Type.Optional(Environment),
    cwd: Type.Optional(
      Type.String({
        pattern: "^(/[^\\u0000]*)?$",
        maxLength: 4096,
        description: "Working directory.",
        "x-expected": "an absolute path",
      }),
    ),
    tty: Type.Optional(Type.Boolean({ description: "Whether it runs on a terminal.", "x-expected": "true or false" })),
    rows: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535, "x-expected": "an integer from 0 to 65535" })),
    cols: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535, "x-expected": "an integer from 0 to 65535" })),
    timeout: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 86_400,
        description: "Seconds after which the program is killed; 0 is never.",
        "x-expected": "a whole number of seconds, at most 86400",
      }),
    ),
    wait_for_agent: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 600,
        description: "Seconds to wait for the agent in the guest; 0 is the server's own limit.",
        "x-expected": "a whole number of seconds, at most 600",
      }),
    ),
  },
  { additionalProperties: false, "x-expected": "a JSON object" },
);

/** A text frame of a terminal in Hypeman's dialect. */
export const ExecResize = Type.Object({ resize: TerminalSize }, { additionalProperties: false });

/** Later text frames of an exec: exactly one of the three. */
export const ExecControl = Type.Object(
  {
    resize: Type.Optional(TerminalSize),
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
