import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OperatingError } from "../../errors.ts";
import { parseReference } from "./reference.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

test("names are normalised as Docker does", () => {
  const names: Readonly<Record<string, string>> = {
    nginx: "docker.io/library/nginx:latest",
    "nginx:1.27": "docker.io/library/nginx:1.27",
    "team/app": "docker.io/team/app:latest",
    "docker.io/nginx": "docker.io/library/nginx:latest",
    "index.docker.io/team/app:1": "docker.io/team/app:1",
    "localhost/app": "localhost/app:latest",
    "localhost:5000/a/b/c:v1_2.3-4": "localhost:5000/a/b/c:v1_2.3-4",
    "127.0.0.1:5000/app": "127.0.0.1:5000/app:latest",
    "[::1]:5000/app:x": "[::1]:5000/app:x",
    "example.org/a__b/c--d/e.f": "example.org/a__b/c--d/e.f:latest",
    [`nginx@${digest}`]: `docker.io/library/nginx@${digest}`,
    [`nginx:1.27@${digest}`]: `docker.io/library/nginx@${digest}`,
  };
  for (const [text, name] of Object.entries(names)) assert.equal(parseReference(text).name, name, text);
});

test("a normalised name is its own", () => {
  const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const reference = fc.tuple(fc.constantFrom("", "example.org/", "127.0.0.1:5000/"), part, part, part);
  fc.assert(
    fc.property(reference, ([registry, first, second, tag]) => {
      const { name } = parseReference(`${registry}${first}/${second}:${tag}`);
      assert.equal(parseReference(name).name, name);
    }),
  );
});

test("what is no name is refused with what is wrong", () => {
  const wrong: Readonly<Record<string, RegExp>> = {
    "": /path/,
    "a b": /path/,
    UPPER: /path/,
    "app:": /no tag/,
    "app:a/b": /path/,
    "app@sha256:short": /digest/,
    "app@md5:0123": /digest/,
    "-bad.example/app": /registry/,
    "example.org:port/app": /registry/,
    "a//b": /path/,
    "a/../b": /path/,
    ["a".repeat(256)]: /path/,
    "app\nx": /path/,
  };
  for (const [text, reason] of Object.entries(wrong)) {
    assert.throws(
      () => parseReference(text),
      (failure) =>
        failure instanceof OperatingError && failure.code === "invalid_request" && reason.test(failure.message),
      JSON.stringify(text),
    );
  }
});

test("whatever is given is read or refused", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      try {
        assert.match(parseReference(text).name, /^\S+$/);
      } catch (failure) {
        assert.ok(failure instanceof OperatingError);
      }
    }),
  );
});
