import assert from "node:assert/strict";
import { test } from "node:test";
import { Check } from "typebox/schema";
import { buildOpenApiDocument } from "./openapi.ts";

type Node = Readonly<Record<string, unknown>>;

interface Described extends Node {
  readonly schema?: Node;
}

interface Operation extends Node {
  readonly operationId: string;
  readonly security: readonly { readonly bearer?: readonly string[] }[];
  readonly parameters?: readonly Described[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Described>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Described>> }>>;
}

interface Document {
  readonly components: { readonly schemas: Readonly<Record<string, Node>> };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const document = JSON.parse(JSON.stringify(await buildOpenApiDocument())) as Document;
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));

interface Example {
  readonly where: string;
  readonly schema: Node;
  readonly value: unknown;
}

test("every example of the document is what its schema says", () => {
  const examples = examplesBelow(document, "#");
  for (const kind of [/^#\/components\//, /\/requestBody\//, /\/responses\//, /\/properties\//])
    assert.ok(
      examples.some(({ where }) => kind.test(where)),
      `an example at ${String(kind)}`,
    );
  assert.deepEqual(examples.filter(isWrong), []);
  assert.ok(isWrong({ where: "#", schema: { $ref: "#/components/schemas/Error" }, value: { code: "no_such_code" } }));
});

test("every JSON body that a call takes has an example", () => {
  const silent = operations.filter((operation) => {
    const body = operation.requestBody?.content["application/json"];
    return body !== undefined && examplesOf(body).length + examplesOf(body.schema ?? {}).length === 0;
  });
  assert.deepEqual(
    silent.map(({ operationId }) => operationId),
    [],
  );
});

test("every call that wants a token says 401, 403, 429 and 500; every call with a body says 400 and 413, of JSON 415 too", () => {
  for (const { operationId, security, requestBody, responses } of operations) {
    const wanted = [
      ...(security.length > 0 ? ["401", "403", "429", "500"] : []),
      ...(requestBody === undefined ? [] : ["400", "413"]),
      ...(requestBody?.content["application/json"] === undefined ? [] : ["415"]),
    ];
    const missing = wanted.filter((status) => !(status in responses));
    assert.deepEqual(missing, [], operationId);
  }
  assert.deepEqual(
    operations.filter(({ security }) => security.length === 0).map(({ operationId }) => operationId),
    ["getHealth"],
  );
});

test("every error answer is an Error", () => {
  for (const { operationId, responses } of operations) {
    for (const [status, { content }] of Object.entries(responses)) {
      if (Number(status) < 400) continue;
      const schema = content?.["application/json"]?.schema;
      assert.equal(schema?.["$ref"], "#/components/schemas/Error", `${operationId} ${status}`);
    }
  }
});

test("what no call refers to is what streams and WebSockets carry", () => {
  const text = JSON.stringify(document);
  const unused = Object.keys(document.components.schemas).filter(
    (name) => !text.includes(`"#/components/schemas/${name}"`),
  );
  assert.deepEqual(unused, ["Event", "ExecStart"]);
});

/** All below this node: of a schema, and of what has a schema beside its example (a body, an answer, a parameter). */
function examplesBelow(node: unknown, where: string): Example[] {
  if (typeof node !== "object" || node === null) return [];
  const schema = "schema" in node ? (node.schema as Node) : (node as Node);
  const own = examplesOf(node as Node).map((value) => ({ where, schema, value }));
  const children = Object.entries(node)
    // What an example holds is data, whatever its keys are called.
    .filter(([key]) => key !== "example" && key !== "examples")
    .flatMap(([key, child]) => examplesBelow(child, `${where}/${key}`));
  return [...own, ...children];
}

/** Of a media type or parameter `example`, or `examples` by name (OpenAPI 3.1); of a schema `examples` in an array (JSON Schema). */
function examplesOf(node: Node): unknown[] {
  const single = "example" in node ? [node["example"]] : [];
  const { examples } = node;
  if (Array.isArray(examples)) return [...single, ...(examples as unknown[])];
  const named = "schema" in node ? Object.values((examples ?? {}) as Record<string, { value: unknown }>) : [];
  return [...single, ...named.map(({ value }) => value)];
}

function isWrong({ schema, value }: Example): boolean {
  return !Check({ ...schema, components: document.components }, value);
}
