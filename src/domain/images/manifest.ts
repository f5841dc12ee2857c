/** The documents of an image (OCI image-spec; Docker's manifest v2, schema 2), read and checked. */
import { Type, type Static, type TSchema } from "typebox";
import { Check } from "typebox/value";
import { OperatingError } from "../../errors.ts";
import type { Platform } from "./platform.ts";

const Digest = Type.String({ pattern: "^sha256:[0-9a-f]{64}$" });

const Descriptor = Type.Object({
  mediaType: Type.Optional(Type.String()),
  digest: Digest,
  size: Type.Integer({ minimum: 0 }),
});

const Manifest = Type.Object({
  schemaVersion: Type.Literal(2),
  config: Descriptor,
  layers: Type.Array(Descriptor, { maxItems: 512 }),
});

const Index = Type.Object({
  schemaVersion: Type.Literal(2),
  manifests: Type.Array(
    Type.Intersect([
      Descriptor,
      Type.Object({
        platform: Type.Optional(
          Type.Object({ os: Type.String(), architecture: Type.String(), variant: Type.Optional(Type.String()) }),
        ),
      }),
    ]),
    { maxItems: 4096 },
  ),
});

const Texts = Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()]));

const Config = Type.Object({
  os: Type.Optional(Type.String()),
  architecture: Type.Optional(Type.String()),
  variant: Type.Optional(Type.String()),
  config: Type.Optional(
    Type.Union([
      Type.Object({
        User: Type.Optional(Type.String()),
        ExposedPorts: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
        Env: Texts,
        Entrypoint: Texts,
        Cmd: Texts,
        WorkingDir: Type.Optional(Type.String()),
        StopSignal: Type.Optional(Type.String()),
      }),
      Type.Null(),
    ]),
  ),
});

export type Descriptor = Static<typeof Descriptor>;
export type Manifest = Static<typeof Manifest>;
export type Index = Static<typeof Index>;
export type Config = Static<typeof Config>;

/** @throws OperatingError `invalid_image` for what is neither, also for the manifests of before 2017. */
export function readManifestOrIndex(
  bytes: Buffer,
  name: string,
): { readonly manifest: Manifest; readonly index: null } | { readonly manifest: null; readonly index: Index } {
  const value = parse(bytes, name, "manifest");
  if (Check(Index, value)) return { manifest: null, index: value };
  if (Check(Manifest, value)) return { manifest: value, index: null };
  const isOld = typeof value === "object" && value !== null && "schemaVersion" in value && value.schemaVersion === 1;
  throw invalidImage(name, isOld ? "its manifest is of Docker's schema 1, which is obsolete" : "its manifest is none");
}

export function readManifest(bytes: Buffer, name: string): Manifest {
  return checked(Manifest, parse(bytes, name, "manifest"), name, "manifest");
}

export function readIndex(bytes: Buffer, name: string): Index {
  return checked(Index, parse(bytes, name, "index"), name, "index");
}

export function readConfig(bytes: Buffer, name: string): Config {
  return checked(Config, parse(bytes, name, "config"), name, "config");
}

/** What a config was built for; null when it does not say. */
export function platformOf({
  os,
  architecture,
  variant,
}: Pick<Config, "os" | "architecture" | "variant">): Platform | null {
  if (architecture === undefined || architecture === "") return null;
  return { os: os === undefined || os === "" ? "linux" : os, architecture, variant: variant ?? null };
}

function checked<Schema extends TSchema>(schema: Schema, value: unknown, name: string, what: string): Static<Schema> {
  if (Check(schema, value)) return value;
  throw invalidImage(name, `its ${what} has not the form of one`);
}

function parse(bytes: Buffer, name: string, what: string): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw invalidImage(name, `its ${what} is no JSON`, cause);
  }
}

export function invalidImage(name: string, why: string, cause?: unknown): OperatingError {
  return new OperatingError("invalid_image", `${name} cannot be run: ${why}`, { cause });
}
