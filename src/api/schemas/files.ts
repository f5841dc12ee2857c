import { Type, type Static } from "typebox";

const guestPath = {
  minLength: 1,
  maxLength: 4095,
  pattern: "^[^\\u0000]+$",
  "x-expected": "a path of 1 to 4095 characters",
} as const;

export const StatQuery = Type.Object(
  {
    path: Type.String({ ...guestPath, description: "The path in the guest; one that is not absolute begins at `/`." }),
    follow_links: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Whether to look at what a symbolic link leads to instead of at the link.",
        "x-expected": "true or false",
      }),
    ),
  },
  { additionalProperties: false },
);

export const PathInfo = Type.Object(
  {
    exists: Type.Boolean({ description: "Whether there is something at the path." }),
    error: Type.Optional(
      Type.String({ description: "Why it could not be looked at; left out when there simply is nothing." }),
    ),
    is_dir: Type.Boolean({ description: "A directory." }),
    is_file: Type.Boolean({ description: "A regular file." }),
    is_symlink: Type.Boolean({ description: "A symbolic link; only without `follow_links`." }),
    link_target: Type.Optional(Type.String({ description: "Where the link leads, as it says so." })),
    mode: Type.Integer({ minimum: 0, description: "Permission bits, such as 420 for 0644." }),
    size: Type.Integer({ minimum: 0, description: "In bytes." }),
    mtime: Type.Integer({ description: "When it was changed, in seconds since 1970." }),
    uid: Type.Integer({ minimum: 0, description: "Its owner." }),
    gid: Type.Integer({ minimum: 0, description: "Its group." }),
  },
  {
    additionalProperties: false,
    description: "What is at a path in a guest.",
    examples: [
      {
        exists: true,
        is_dir: false,
        is_file: true,
        is_symlink: false,
        mode: 420,
        size: 12,
        mtime: 1_767_323_045,
        uid: 0,
        gid: 0,
      },
    ],
  },
);
export type PathInfo = Static<typeof PathInfo>;

const owner = { minimum: 0, maximum: 4_294_967_294, "x-expected": "an integer from 0 to 4294967294" } as const;

/** The first frame of a copy, sent by the client as JSON text. */
export const CopyStart = Type.Object(
  {
    direction: Type.Enum(["to", "from"], {
      type: "string",
      description: "`to` the guest, or `from` it.",
      "x-expected": '"to" or "from"',
    }),
    guest_path: Type.String(guestPath),
    is_dir: Type.Optional(Type.Boolean({ "x-expected": "true or false" })),
    mode: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 0o7777, "x-expected": "permission bits, an integer from 0 to 4095" }),
    ),
    mtime: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 0x7f_ffff_ffff, "x-expected": "seconds since 1970, an integer" }),
    ),
    uid: Type.Optional(Type.Integer(owner)),
    gid: Type.Optional(Type.Integer(owner)),
    follow_links: Type.Optional(Type.Boolean({ "x-expected": "true or false" })),
    /** Sent by an older client and of no meaning: `guest_path` is whole. */
    src_basename: Type.Optional(Type.String({ maxLength: 4095, "x-expected": "a text" })),
  },
  { additionalProperties: false, "x-expected": "a JSON object" },
);
export type CopyStart = Static<typeof CopyStart>;

/** The client's word that the file is whole. */
export const CopyEnd = Type.Object(
  { type: Type.Literal("end", { "x-expected": '"end"' }), final: Type.Optional(Type.Boolean()) },
  { additionalProperties: false, "x-expected": 'the object {"type":"end"}' },
);
