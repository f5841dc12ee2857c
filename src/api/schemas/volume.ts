import { Type, type Static } from "typebox";
import { instanceNamePattern } from "../../domain/instances/instance.ts";
import { Tags, TagsFilter } from "./common.ts";
import { exampleInstance } from "./instance.ts";

/** The largest volume, in GiB. */
export const maxVolumeGigabytes = 1024;

/** A path's `{id}` of a volume. */
export const VolumeParams = Type.Object(
  {
    id: Type.String({
      pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$",
      description: "A volume's id, its name, or a prefix of its id that no other volume shares.",
      "x-expected": "a volume's id, name or id prefix: letters, digits, hyphens and underscores",
    }),
  },
  { additionalProperties: false },
);

const exampleVolume = {
  id: "v5d2k8m1w7qe",
  name: "corpus",
  size_gb: 10,
  tags: { team: "search" },
  created_at: exampleInstance.created_at,
  attachments: [{ instance_id: exampleInstance.id, mount_path: "/mnt/corpus", readonly: true, overlay: false }],
};

export const VolumeSchema = Type.Object(
  {
    id: Type.String({ description: "Never changes." }),
    name: Type.String({ description: "Unique among volumes." }),
    size_gb: Type.Integer({
      description: "Size of the disk, in units of 1024³ bytes. It takes what is written to it.",
    }),
    tags: Type.Record(Type.String(), Type.String(), { description: "The caller's own labels." }),
    created_at: Type.String({ description: "RFC 3339, UTC." }),
    attachments: Type.Array(
      Type.Object(
        {
          instance_id: Type.String({ description: "Who has it." }),
          mount_path: Type.String({ description: "Where it is in that guest." }),
          readonly: Type.Boolean({ description: "Whether the volume itself is left as it is." }),
          overlay: Type.Boolean({ description: "Whether the guest may write, to a layer of its own." }),
        },
        { additionalProperties: false },
      ),
      { description: "Empty when no instance has it." },
    ),
  },
  {
    $id: "Volume",
    additionalProperties: false,
    description: "A disk that instances mount.",
    examples: [exampleVolume],
  },
);
export type VolumeBody = Static<typeof VolumeSchema>;

/** Refers to the component `Volume`. */
export const volumeReference = Type.Unsafe<VolumeBody>({ $ref: "Volume#" });

const fields = {
  name: Type.String({
    pattern: instanceNamePattern,
    description: "Unique among volumes.",
    "x-expected": "1 to 63 lower-case letters, digits and inner hyphens",
  }),
  size_gb: Type.Integer({
    minimum: 1,
    maximum: maxVolumeGigabytes,
    description: "Size in units of 1024³ bytes.",
    "x-expected": `an integer from 1 to ${String(maxVolumeGigabytes)}`,
  }),
  id: Type.Optional(
    Type.String({
      pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$",
      description: "An id of one's own. Left out: one is made.",
      "x-expected": "1 to 63 letters, digits, hyphens and underscores, or left out",
    }),
  ),
} as const;

export const CreateVolumeBody = Type.Object(
  { ...fields, tags: Type.Optional(Tags) },
  { additionalProperties: false, examples: [{ name: "corpus", size_gb: 10 }], "x-expected": "a JSON object" },
);

export const ArchiveQuery = Type.Object(
  { ...fields, tags: Type.Optional({ ...TagsFilter, description: "The volume's labels: `tags[team]=search`." }) },
  { additionalProperties: false },
);

/** What is sent; it is a stream, which no schema checks. */
export const ArchiveBody = Type.Unsafe<unknown>({
  type: "string",
  format: "binary",
  description:
    "A tar archive, compressed by gzip. Names are relative; devices, sockets and names with `..` are refused.",
});

export const VolumeQuery = Type.Object({ tags: Type.Optional(TagsFilter) }, { additionalProperties: false });
