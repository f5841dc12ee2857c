/**
 * Requests at random, from what the OpenAPI document says of a call:
 *
 *     auth:   right │ absent │ wrong │ too little
 *     path, query, body:   what the schema allows │ the same, damaged in one place │ no JSON at all
 *
 * Names and ids are often those of things that exist, and what would cost minutes or leave this machine (a wait's timeout, the size of a
 * disk, the registry of an image) is kept small and local.
 */
import { gzipSync } from "node:zlib";
import fc, { type Arbitrary } from "fast-check";
import { isPathPart, targetOf, textsOf } from "./fuzz-target.ts";

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

export interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly tags: readonly string[];
  readonly security: readonly { readonly bearer?: readonly string[] }[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: "header" | "path" | "query";
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

export type Auth = "absent" | "right" | "too little" | "wrong";

export interface FuzzRequest {
  readonly auth: Auth;
  /** The path with its query, encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer> | null;
  /** Of a WebSocket: whether to ask for one, and what to send first. */
  readonly upgrade: boolean;
}

/** What exists while the requests are made. */
export interface Pool {
  /** The first one runs, the last one is in standby. */
  readonly instances: readonly string[];
  readonly snapshots: readonly string[];
  readonly volumes: readonly string[];
  readonly images: readonly string[];
  readonly tokens: readonly string[];
}

/** What to draw from. Plain: what a call wants and nothing else, of things that exist, so that it is served. */
interface Source extends Pool {
  readonly isPlain: boolean;
}

/** A port of this machine at which nothing listens: an image of it is never pulled. */
const nowhere = "127.0.0.1:9/fuzz";

/** Good and bad requests for one call. */
export function requestsFor(operation: Operation, pool: Pool): Arbitrary<FuzzRequest> {
  const source = { ...pool, isPlain: false };
  const sound = valuesIn(operation, "query", source);
  const auth = fc.oneof(
    { weight: 5, arbitrary: fc.constant<Auth>("right") },
    { weight: 1, arbitrary: fc.constantFrom<Auth[]>("absent", "wrong", "too little") },
  );
  return requestOf(operation, {
    auth,
    path: valuesIn(operation, "path", source),
    query: fc.oneof({ weight: 5, arbitrary: sound }, { weight: 1, arbitrary: sound.chain(damaged) }),
    declared: valuesIn(operation, "header", source),
    free: freeHeaders,
    body: bodyOf(operation, source),
    upgrade: fc.boolean(),
  });
}

/** Requests for one call that it must serve. */
export function plainRequestsFor(operation: Operation, pool: Pool): Arbitrary<FuzzRequest> {
  const source = { ...pool, isPlain: true };
  return requestOf(operation, {
    auth: fc.constant<Auth>("right"),
    path: valuesIn(operation, "path", source),
    query: valuesIn(operation, "query", source),
    declared: fc.constant({}),
    free: fc.constant({}),
    body: soundBodyOf(operation, source),
    upgrade: fc.constant(true),
  });
}

type Values = Readonly<Record<string, unknown>>;

interface Parts {
  readonly auth: Arbitrary<Auth>;
  readonly path: Arbitrary<Values>;
  readonly query: Arbitrary<Values>;
  readonly declared: Arbitrary<Values>;
  readonly free: Arbitrary<Readonly<Record<string, string>>>;
  readonly body: Arbitrary<Body>;
  readonly upgrade: Arbitrary<boolean>;
}

function requestOf(operation: Operation, parts: Parts): Arbitrary<FuzzRequest> {
  return fc.record({ ...parts }).map(({ auth, path, query, declared, free, body, upgrade }) => ({
    auth,
    target: targetOf(operation.path, path, query),
    headers: { ...free, ...body.headers, ...textsOf(declared) },
    body: body.text,
    upgrade: upgrade && "101" in operation.responses,
  }));
}

function valuesIn(operation: Operation, place: string, source: Source): Arbitrary<Values> {
  const there = (operation.parameters ?? []).filter((parameter) => parameter.in === place);
  const values = there.map(({ name, schema }): [string, Arbitrary<unknown>] => [
    name,
    valueOf(schema, contextOf(operation, name, place), source),
  ]);
  // A wait that names no timeout lasts a minute.
  const wanted = there.filter(({ name, required }) => required === true || name === "timeout");
  return recordOf(
    Object.fromEntries(values),
    wanted.map(({ name }) => name),
    source,
  );
}

const freeHeaders = fc.record(
  {
    "x-request-id": fc.string({ unit: "grapheme-ascii", maxLength: 150 }),
    accept: fc.constantFrom("*/*", "application/xml", "nonsense"),
    "if-none-match": fc.constant('"x"'),
  },
  { requiredKeys: [] },
);

interface Body {
  readonly text: FuzzRequest["body"];
  readonly headers: Readonly<Record<string, string>>;
}

/** Nothing in it: two blocks of zeros (POSIX.1-2017, pax, "ustar Interchange Format"). */
const emptyArchive = new Uint8Array(gzipSync(Buffer.alloc(1024)));

const json = { "content-type": "application/json" };
const noBody = fc.constant<Body>({ text: null, headers: {} });

function soundBodyOf({ operationId, requestBody }: Operation, source: Source): Arbitrary<Body> {
  const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  if (type === undefined || media === undefined) return noBody;
  if (type !== "application/json") return fc.constant({ text: emptyArchive, headers: { "content-type": type } });
  return valueOf(media.schema, operationId, source).map(asJson);
}

function bodyOf(operation: Operation, source: Source): Arbitrary<Body> {
  const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  if (type === undefined || media === undefined)
    return operation.method === "GET" ? noBody : fc.oneof(noBody, fc.constant(asJson({})));
  const sound = soundBodyOf(operation, source);
  if (type !== "application/json")
    return fc.oneof(
      noBody,
      sound,
      fc.string().map((text) => ({ text, headers: { "content-type": type } })),
    );
  const damagedOne = valueOf(media.schema, operation.operationId, source).chain(damaged).map(asJson);
  return fc.oneof(
    { weight: 6, arbitrary: sound },
    { weight: 3, arbitrary: damagedOne },
    { weight: 1, arbitrary: fc.jsonValue().map(asJson) },
    { weight: 1, arbitrary: fc.string().map((text) => ({ text, headers: json })) },
    { weight: 1, arbitrary: fc.constant({ text: "{}", headers: { "content-type": "text/plain" } }) },
    { weight: operation.requestBody?.required === true ? 0 : 2, arbitrary: noBody },
  );
}

function asJson(value: unknown): Body {
  return { text: JSON.stringify(value), headers: json };
}

/** One that a schema allows. `context` is the name of what it stands for. */
export function valueOf(schema: Schema, context: string, source: Source): Arbitrary<unknown> {
  const steered = steer(schema, context, source);
  if (steered !== null) return steered;
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one) => valueOf(one, context, source)));
  switch (schema.type) {
    case "object":
      return objectOf(schema, context, source);
    case "array":
      return fc.array(valueOf(schema.items ?? {}, context, source), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 3, 3),
      });
    case "integer":
      return fc.integer({ min: schema.minimum ?? -1000, max: schema.maximum ?? 1_000_000 });
    case "number":
      return fc.double({ min: schema.minimum ?? -1000, max: schema.maximum ?? 1000, noNaN: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "string":
      return textOf(schema);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function textOf({ pattern, minLength = 0, maxLength = 100 }: Schema): Arbitrary<string> {
  const limits = { minLength, maxLength: Math.min(maxLength, 100) };
  if (pattern === undefined) return fc.string({ ...limits, unit: "grapheme" });
  return fc.stringMatching(new RegExp(pattern), { size: "small" }).filter(({ length }) => length <= maxLength);
}

function objectOf(schema: Schema, context: string, source: Source): Arbitrary<unknown> {
  const { properties, patternProperties = {}, additionalProperties, required = [] } = schema;
  if (properties !== undefined) {
    const values = Object.entries(properties).map(([name, child]) => [
      name,
      valueOf(child, `${context}.${name}`, source),
    ]);
    return recordOf(Object.fromEntries(values) as Record<string, Arbitrary<unknown>>, required, source);
  }
  const child = typeof additionalProperties === "object" ? additionalProperties : Object.values(patternProperties)[0];
  return fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), valueOf(child ?? {}, `${context}.*`, source), { maxKeys: 3 });
}

/** Two of the fields that may be left out are there on average: each may be refused for its own reason, and hides what comes after. */
function recordOf(
  values: Readonly<Record<string, Arbitrary<unknown>>>,
  required: readonly string[],
  { isPlain }: Source,
): Arbitrary<Values> {
  const absent = Symbol("absent");
  const leftOut = Math.max(1, Object.keys(values).length - required.length - 2);
  const wanted = isPlain ? Object.entries(values).filter(([name]) => required.includes(name)) : Object.entries(values);
  const entries = wanted.map(([name, value]): [string, Arbitrary<unknown>] => [
    name,
    required.includes(name)
      ? value
      : fc.oneof({ weight: leftOut, arbitrary: fc.constant(absent) }, { weight: 2, arbitrary: value }),
  ]);
  return fc
    .record(Object.fromEntries(entries))
    .map((record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== absent)));
}

const freshName = fc.stringMatching(/^fuzz-[a-z0-9]{10}$/);

/** What a schema alone cannot know; null: nothing. */
function steer(schema: Schema, context: string, source: Source): Arbitrary<unknown> | null {
  const name = context.slice(context.lastIndexOf(".") + 1);
  const oneOf = (existing: readonly string[]): Arbitrary<unknown> =>
    source.isPlain
      ? fc.constant(existing[0])
      : fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...existing) }, { weight: 1, arbitrary: textOf(schema) });
  const mostly = (value: unknown): Arbitrary<unknown> =>
    source.isPlain
      ? fc.constant(value)
      : fc.oneof({ weight: 6, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: freshName });
  switch (name) {
    case "path:token":
      return oneOf(source.tokens);
    case "path:asleep":
      return oneOf(source.instances.toReversed());
    case "path:guest":
      return oneOf(source.instances.slice(0, 1));
    case "path:instance":
    case "instance":
    case "source_instance_id":
    case "ids":
      return schema.type === "array" ? null : oneOf(source.instances);
    case "path:snapshot":
      return oneOf(source.snapshots);
    case "path:volume":
    case "volume_id":
      return oneOf(source.volumes);
    case "path:image":
      return oneOf(source.images);
    case "path:else":
      return fc.oneof(freshName, textOf(schema).filter(isPathPart));
    case "image":
      return mostly("ramet/base");
    case "target":
      return fc.constantFrom("fuzz/tag:1", "fuzz/tag:2");
    case "memory":
    case "size":
      return fc.constant("96MB");
    case "size_gb":
      return fc.constant(1);
    case "timeout":
    case "wait_timeout":
      return schema.type === "string" ? fc.constantFrom("1ms", "20ms") : fc.constant(1);
    case "ack_timeout_ms":
      return fc.constantFrom(50, 100);
    case "grace_ms":
      return fc.constantFrom(0, 50);
    case "ttl":
      return fc.constant("1h");
    case "count":
      return fc.integer({ min: 0, max: 2 });
    case "payload":
      return fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
    case "name":
      if (context.startsWith("pullImage")) return fc.constantFrom(`${nowhere}/a:1`, `${nowhere}/b`);
      if (context.endsWith("mailboxes.name")) return mostly("job");
      return fc.oneof(
        { weight: 6, arbitrary: freshName },
        { weight: 1, arbitrary: fc.constantFrom(...source.instances) },
      );
    default:
      return null;
  }
}

function contextOf({ path, operationId, tags }: Operation, name: string, place: string): string {
  if (place !== "path") return `${operationId}.${name}`;
  if (name === "snapshotId" || (name === "id" && path.startsWith("/snapshots/"))) return "path:snapshot";
  if (name === "volumeId" || (name === "id" && path.startsWith("/volumes/"))) return "path:volume";
  if (path.startsWith("/tokens/")) return "path:token";
  if (/\/(fork|forks|mailboxes|restore|warm-slots)$/.test(path)) return "path:asleep";
  if (path.startsWith("/images/")) return "path:image";
  if (tags.includes("guest")) return "path:guest";
  return path.startsWith("/instances/") ? "path:instance" : "path:else";
}

const junk = fc.oneof(
  fc.constantFrom<unknown[]>(null, true, "", "\0", -1, 1.5, 2 ** 53, "x".repeat(5000), [], {}, "../../etc", "null"),
  fc.jsonValue({ maxDepth: 1 }),
);

/** The same with one thing wrong: a field replaced by anything, left out, or added. */
function damaged(value: unknown): Arbitrary<Values> {
  const record = value as Readonly<Record<string, unknown>>;
  const added = fc.record({ key: fc.constantFrom("colour", "__proto__", "constructor", ""), value: junk });
  const extended = added.map(({ key, value: more }) => Object.fromEntries([...Object.entries(record), [key, more]]));
  // A wait that names no timeout lasts a minute.
  const keys = Object.keys(record).filter((name) => name !== "timeout");
  if (keys.length === 0) return extended;
  const key = fc.constantFrom(...keys);
  const replaced = fc.record({ key, value: junk }).map((change) => ({ ...record, [change.key]: change.value }));
  const without = key.map((gone) => Object.fromEntries(Object.entries(record).filter(([name]) => name !== gone)));
  return fc.oneof(replaced, replaced, without, extended);
}
