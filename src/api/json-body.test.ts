import assert from "node:assert/strict";
import { test } from "node:test";
import type { FastifyRequest } from "fastify";
import { OperatingError } from "../errors.ts";
import { parseJsonBody } from "./json-body.ts";

function parse(text: string): unknown {
  return parseJsonBody({} as FastifyRequest, Buffer.from(text));
}

function nested(levels: number): string {
  return `${"[".repeat(levels)}${"]".repeat(levels)}`;
}

test("a body may nest 128 levels deep and no deeper, however many brackets it has beside or in strings", () => {
  assert.doesNotThrow(() => parse(nested(128)));
  assert.doesNotThrow(() => parse(`[${Array.from({ length: 200 }, () => nested(127)).join()}]`));
  assert.deepEqual(parse(JSON.stringify("[{".repeat(200))), "[{".repeat(200));
  for (const text of [nested(129), `[${nested(128)}]`, `{"a\\"]":${nested(128)}}`]) {
    assert.throws(
      () => parse(text),
      (failure) => failure instanceof OperatingError && failure.code === "invalid_request",
      text,
    );
  }
});
