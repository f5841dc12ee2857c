/**
 * Checks what comes in against its schema and says in one sentence what is wrong. Nothing is coerced or filled in, but for
 * query strings: there, text that is exactly an integer or a boolean becomes one where the schema wants one, and a text given once becomes an array where the
 * schema wants an array.
 */
import { Compile } from "typebox/compile";
import type { Static, TSchema } from "typebox";
import { OperatingError } from "../errors.ts";

/** A schema may carry the words that follow "must be" when a value does not match. */
export const expectedKey = "x-expected";

type Check = (value: unknown) => { value: unknown } | { error: OperatingError };

interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: object;
}

/** For Fastify's `setValidatorCompiler`. */
export function compileValidator(route: { schema: unknown; httpPart?: string }): Check {
  const schema = route.schema as TSchema;
  const part = partOf(route.httpPart);
  const validator = Compile(schema);
  return (input) => {
    const value = part === "query" ? readQueryText(schema, input) : input;
    if (validator.Check(value)) return { value };
    return { error: new OperatingError("invalid_request", sentenceFor(schema, validator.Errors(value), part)) };
  };
}

/** For a message that does not come through Fastify, such as a WebSocket frame. Throws `invalid_request`. */
export function makeReader<Schema extends TSchema>(schema: Schema, part: string): (value: unknown) => Static<Schema> {
  const validator = Compile(schema);
  return (value) => {
    if (!validator.Check(value)) {
      throw new OperatingError("invalid_request", sentenceFor(schema, validator.Errors(value), part));
    }
    return value;
  };
}

function partOf(httpPart: string | undefined): string {
  if (httpPart === "querystring") return "query";
  return httpPart === "params" ? "path" : (httpPart ?? "body");
}

function readQueryText(schema: TSchema, input: unknown): unknown {
  if (typeof input !== "object" || input === null) return input;
  return Object.fromEntries(Object.entries(input).map(([key, text]) => [key, readText(childOf(schema, key), text)]));
}

function readText(schema: SchemaNode | null, text: unknown): unknown {
  if (typeof text !== "string") return text;
  if (schema?.type === "integer" && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (schema?.type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return schema?.type === "array" ? [text] : text;
}

/** The first error that a reader can act on, in words. */
function sentenceFor(schema: TSchema, errors: readonly SchemaError[], part: string): string {
  // A refused extra key is reported twice; "boolean" is the one that does not say which schema refused it.
  const error = errors.find((candidate) => candidate.keyword !== "boolean") ?? errors[0];
  if (error === undefined) return `The ${part} is not what this call takes.`;
  const path = pathOf(error.instancePath);
  const node = path.reduce<SchemaNode | null>(childOf, schema);
  if (error.keyword === "required") return missingSentence(node, path, error.params, part);
  if (error.keyword === "additionalProperties" && node?.patternProperties === undefined) {
    return unknownSentence(node, path, error.params, part);
  }
  const subject = path.length === 0 ? `The ${part}` : `${spell(path)} (${part})`;
  return `${subject} must be ${node?.[expectedKey] ?? fallback(error, node)}.`;
}

function missingSentence(node: SchemaNode | null, path: readonly string[], params: object, part: string): string {
  const key = namesIn(params, "requiredProperties")[0] ?? "";
  const expected = childOf(node, key)?.[expectedKey];
  return `${spell([...path, key])} is missing from the ${part}${expected === undefined ? "." : `: it must be ${expected}.`}`;
}

function unknownSentence(node: SchemaNode | null, path: readonly string[], params: object, part: string): string {
  const key = namesIn(params, "additionalProperties")[0] ?? "";
  const known = Object.keys(node?.properties ?? {});
  const where = path.length === 0 ? `The ${part}` : `${spell(path)} (${part})`;
  const takes = known.length === 0 ? "it takes none" : `it takes ${known.join(", ")}`;
  return `${where} has an unknown field ${quote(key)}; ${takes}.`;
}

function fallback(error: SchemaError, node: SchemaNode | null): string {
  if (error.keyword === "enum" && node?.enum !== undefined) return `one of ${node.enum.join(", ")}`;
  if (node?.type !== undefined) return node.type === "object" ? "a JSON object" : `a valid ${node.type}`;
  return "as its schema at /spec.json says";
}

interface SchemaNode {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly [expectedKey]?: string;
}

function childOf(node: SchemaNode | null, key: string): SchemaNode | null {
  if (node === null) return null;
  if (node.properties !== undefined && Object.hasOwn(node.properties, key)) return node.properties[key] ?? null;
  return node.items ?? Object.values(node.patternProperties ?? {})[0] ?? null;
}

/** A JSON pointer (RFC 6901) as its parts. */
function pathOf(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** `["mailboxes", "0", "name"]` becomes `"mailboxes[0].name"`. */
function spell(path: readonly string[]): string {
  const text = path.map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`)).join("");
  return quote(text.replace(/^\./, ""));
}

/** Keys come from the caller: they are cut, and JSON's escapes keep control characters out of the sentence. */
function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}

function namesIn(params: object, key: string): readonly string[] {
  const names: unknown = (params as Readonly<Record<string, unknown>>)[key];
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
}
