import { Type, type Static, type TSchema } from "typebox";
import { imageStatuses } from "../../domain/images/image.ts";
import { errorCodes } from "../../errors.ts";
import { Tags } from "./common.ts";

const Nullable = <T extends TSchema>(schema: T) => {
  const { description } = schema as { description?: string };
  return Type.Union([schema, Type.Null()], description === undefined ? {} : { description });
};

/** An image's name as callers write it; the domain reads it, and says what is wrong with it. */
export const ImageName = Type.String({
  pattern: "^[A-Za-z0-9\\[][A-Za-z0-9._/:@\\[\\]-]{0,499}$",
  description:
    "An image, as Docker writes it: `nginx`, `nginx:1.27`, `HOST:PORT/path/name:tag`, `name@sha256:…`; `ramet/base` is built in.",
  "x-expected": "the name of an image, such as nginx:1.27 or ramet/base",
});

export const ImageParams = Type.Object(
  {
    name: { ...ImageName, description: "The image's name; each `/` in it is written `%2F`." },
  },
  { additionalProperties: false },
);

export const ImageListQuery = Type.Object(
  {
    tags: Type.Optional(
      Type.Record(Type.String({ pattern: "^[^\\u0000]{1,128}$" }), Type.String(), {
        description: "Only images that carry all these tags: `tags[team]=search`.",
        "x-expected": "given as tags[key]=value, each key once",
      }),
    ),
  },
  { additionalProperties: false },
);

const secret = { maxLength: 65_536, "x-expected": "text of at most 65536 characters" };

const Credentials = Type.Object(
  {
    username: Type.Optional(Type.String({ ...secret, description: "The user at the registry." })),
    password: Type.Optional(Type.String({ ...secret, description: "Its password or access token." })),
    registry_token: Type.Optional(
      Type.String({ ...secret, description: "A bearer token made elsewhere; not supported: `501`." }),
    ),
  },
  {
    additionalProperties: false,
    description:
      "For this one pull; kept in memory and in a file that nobody else can read while it runs, never in the database or the log. " +
      "Without them the server's own are used.",
    "x-expected": "an object with username and password",
  },
);

export const PullImageBody = Type.Object(
  {
    name: ImageName,
    source: Type.Optional(
      Type.String({
        maxLength: 4096,
        description:
          "Where to read it instead of its registry: `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]` or `docker-archive:FILE[:NAME:TAG]` on the " +
          "server, below the directory that it was started with (`--image-source-dir`).",
        "x-expected": "oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME:TAG]",
      }),
    ),
    platform: Type.Optional(
      Type.String({
        maxLength: 128,
        description:
          "`os/arch[/variant]`, such as `linux/amd64`; the host's own when left out, and no other can run here.",
        "x-expected": "a platform such as linux/amd64",
      }),
    ),
    credentials: Type.Optional(Credentials),
    tags: Type.Optional({ ...Tags, description: "The caller's own labels; those that it has when left out." }),
  },
  {
    additionalProperties: false,
    examples: [{ name: "nginx:1.27", platform: "linux/amd64", tags: { team: "search" } }],
    "x-expected": "a JSON object",
  },
);

export type PullImageBody = Static<typeof PullImageBody>;

export const TagImageBody = Type.Object(
  { target: { ...ImageName, description: "The further name, with a tag; it means this image from now on." } },
  { additionalProperties: false, examples: [{ target: "nginx:stable" }], "x-expected": "a JSON object" },
);

const described = <T extends object>(schema: T, description: string): T => ({ ...schema, description });

const Progress = Type.Object(
  {
    received_bytes: Type.Integer({ minimum: 0, description: "Of the layers that are here." }),
    total_bytes: Type.Integer({ minimum: 0, description: "Of all layers." }),
  },
  { additionalProperties: false },
);

const Texts = Type.Array(Type.String());

export const ImageSchema = Type.Object(
  {
    name: Type.String({ description: "Normalised: registry, path, and tag or digest. Instances show it." }),
    digest: Type.String({ description: "Of the manifest for the platform." }),
    status: Type.Enum([...imageStatuses], {
      type: "string",
      description:
        "`pending` waits, `pulling` fetches layers, `converting` makes the root filesystem; then `ready` or `failed`.",
    }),
    error: Nullable(
      Type.String({ description: "Why it failed. One that is `ready` has it when only its renewal failed." }),
    ),
    error_code: Nullable(
      Type.Enum([...errorCodes], { type: "string", description: "The same for programs: docs/reference/errors.md." }),
    ),
    queue_position: Nullable(Type.Integer({ minimum: 1, description: "Its place among those that wait." })),
    progress: described(Nullable(Progress), "How far the layers are here; null when nothing is fetched."),
    platform: Type.String({ description: "`os/arch[/variant]`." }),
    size_bytes: Nullable(Type.Integer({ minimum: 0, description: "Of the root filesystem; null until it is made." })),
    entrypoint: described(Nullable(Texts), "What runs unless an instance says otherwise."),
    cmd: described(Nullable(Texts), "Its arguments."),
    env: Type.Record(Type.String(), Type.String(), { description: "Its environment." }),
    working_dir: Nullable(Type.String({ description: "Where it runs; null: `/`." })),
    user: Nullable(Type.String({ description: "Who it runs as, `USER[:GROUP]`; null: root." })),
    stop_signal: Nullable(Type.String({ description: "What asks it to end; null: SIGTERM." })),
    exposed_ports: Type.Array(Type.String(), { description: "Where it listens, as `PORT/tcp` or `PORT/udp`." }),
    tags: Type.Record(Type.String(), Type.String(), { description: "The caller's own labels." }),
    created_at: Type.String({ description: "When the name was first pulled or given; RFC 3339, UTC." }),
  },
  {
    $id: "Image",
    additionalProperties: false,
    description: "A root filesystem to boot from, and what it runs.",
    examples: [
      {
        name: "docker.io/library/nginx:1.27",
        digest: `sha256:${"4f".repeat(32)}`,
        status: "ready" as const,
        error: null,
        error_code: null,
        queue_position: null,
        progress: null,
        platform: "linux/amd64",
        size_bytes: 198_705_152,
        entrypoint: ["/docker-entrypoint.sh"],
        cmd: ["nginx", "-g", "daemon off;"],
        env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
        working_dir: null,
        user: null,
        stop_signal: "SIGQUIT",
        exposed_ports: ["80/tcp"],
        tags: { team: "search" },
        created_at: "2026-01-02T03:04:05.678Z",
      },
    ],
  },
);

export type ImageBody = Static<typeof ImageSchema>;

/** Refers to the component `Image`. */
export const imageReference = Type.Unsafe<ImageBody>({ $ref: "Image#" });
