import assert from "node:assert/strict";
import { test } from "node:test";
import { allows, covers, grants, scopes } from "./scopes.ts";

test("a scope is allowed by itself, its resource's wildcard and *, and by nothing else", () => {
  for (const needed of scopes) {
    const resource = needed.split(":")[0] ?? "";
    const allowing = grants.filter((grant) => allows([grant], needed));
    assert.deepEqual(allowing.toSorted(), ["*", `${resource}:*`, needed].toSorted());
  }
  assert.equal(allows([], "instance:read"), false);
  assert.equal(allows(["instance", "instance:", ":read", "*:read", "INSTANCE:READ"], "instance:read"), false);
});

test("to write is not to read, and no resource is the beginning of another", () => {
  assert.equal(allows(["instance:write", "instance:delete"], "instance:read"), false);
  assert.equal(allows(["resource:*"], "instance:read"), false);
});

test("a wildcard is covered by what covers all that it stands for", () => {
  assert.ok(grants.every((grant) => covers(["*"], grant) && covers([grant], grant)));
  assert.ok(covers(["instance:read", "instance:write", "instance:delete"], "instance:*"));
  assert.equal(covers(["instance:read", "instance:write"], "instance:*"), false);
  assert.equal(covers(scopes, "*"), false);
  assert.equal(covers(["instance:*"], "snapshot:read"), false);
});
