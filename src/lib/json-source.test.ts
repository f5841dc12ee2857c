import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { elementsOf, JsonSourceError, sourceOf } from "./json-source.ts";

test("cuts out the very characters of a value", () => {
  const text = ' {"a" : [1, 2.50 ,{"b": 12345678901234567890}], "c":"x\\"}]", "d": {} } ';
  assert.equal(sourceOf(text, ["a", 1]), "2.50");
  assert.equal(sourceOf(text, ["a", 2]), '{"b": 12345678901234567890}');
  assert.equal(sourceOf(text, ["a", 2, "b"]), "12345678901234567890");
  assert.equal(sourceOf(text, ["c"]), '"x\\"}]"');
  assert.equal(sourceOf(text, ["d"]), "{}");
  assert.equal(sourceOf(text, []), text.trim());
});

test("gives null for a path that leads nowhere", () => {
  const text = '{"a": [1], "b": 2, "c": [], "d": {}}';
  const paths = [["x"], ["a", 1], ["a", "0"], ["b", "x"], ["b", 0], ["c", 0], ["d", "x"], [0], ["x", "y", 1]];
  for (const path of paths) assert.equal(sourceOf(text, path), null);
});

test("knows a key by its meaning and not by its spelling", () => {
  assert.equal(sourceOf('{"p\\u0061yload": [1 ]}', ["payload"]), "[1 ]");
});

test("refuses a key that stands twice on the way, however it is spelled and wherever it stands", () => {
  const texts = ['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"b":{"a":1},"c":1,"c":2,"a":0}'];
  for (const text of texts) assert.throws(() => sourceOf(text, ["a"]), JsonSourceError);
  assert.equal(sourceOf('{"a":{"x":1,"x":2}}', ["a"]), '{"x":1,"x":2}');
});

test("refuses what is not strict JSON", () => {
  for (const text of ["", "{", '{"a":1,}', "{'a':1}", '{"a":1} //', '{"a":01}', "\uFEFF{}"]) {
    assert.throws(() => sourceOf(text, ["a"]), JsonSourceError);
  }
});

test("cuts an array into the very characters of its elements", () => {
  assert.deepEqual(elementsOf(' [ 1.50 ,{"a": [2, "],"]} ,\t"x\\"," , [] ]\n'), [
    "1.50",
    '{"a": [2, "],"]}',
    '"x\\","',
    "[]",
  ]);
  assert.deepEqual(elementsOf("[ ]"), []);
  assert.equal(elementsOf('{"a": []}'), null);
  assert.throws(() => elementsOf("[1,]"), JsonSourceError);
});

test("needs no stack for deeply nested text", () => {
  const depth = 200_000;
  const nested = "[".repeat(depth) + "]".repeat(depth);
  assert.equal(sourceOf(`{"deep":${nested},"a":7}`, ["a"]), "7");
  assert.equal(sourceOf(`{"deep":${nested}}`, ["deep"]), nested);
});

test("finds every member and element of any document", () => {
  const spaces = fc.constantFrom(0, 1, "\t");
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue())), spaces, (document, space) => {
      const text = JSON.stringify(document, null, space);
      const plain = JSON.parse(text) as Record<string, unknown>[];
      for (const [index, object] of plain.entries()) {
        for (const [key, value] of Object.entries(object)) {
          assert.deepEqual(JSON.parse(sourceOf(text, [index, key]) ?? "null"), value);
        }
      }
    }),
  );
});
