import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeJson, RawJson } from "./raw-json.ts";

test("keeps a payload's own text: numbers of 20 digits, key order, spacing, escapes", () => {
  const text = '{"b":12345678901234567890,  "a":1.0, "2":"\\u00fc", "1":null}';
  assert.equal(
    encodeJson({ mailboxes: [{ name: "job", payload: new RawJson(`\n${text}\n`) }] }),
    `{"mailboxes":[{"name":"job","payload":${text}}]}`,
  );
});

test("writes all other values as JSON.stringify does", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.equal(encodeJson(value), JSON.stringify(value));
    }),
  );
  assert.equal(encodeJson({ a: undefined, b: 1 }), '{"b":1}');
});

test("refuses what is no JSON, and does not quote it", () => {
  for (const text of ["", "{", '{"password":"hunter2"', "hunter2", "{'password':'hunter2'}", '{"a":1} x']) {
    assert.throws(
      () => new RawJson(text),
      (error: unknown) =>
        error instanceof SyntaxError &&
        error.message.startsWith("not valid JSON") &&
        !error.message.includes("hunter2") &&
        error.cause === undefined,
    );
  }
});

test("tells an object from other values", () => {
  assert.equal(new RawJson(" {} ").isObject, true);
  for (const text of ["[]", "1", '"{}"', "null"]) assert.equal(new RawJson(text).isObject, false);
});
