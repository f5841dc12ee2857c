import assert from "node:assert/strict";
import { test } from "node:test";
import { capability, hasCapability } from "./capabilities.ts";

const status =
  "Name:\tnode\nCapInh:\t0\nCapEff:\t000001ffffdfffff\nCapBnd:\t000001ffffffffff\nCapAmb:\t0000000000200000\n";

test("a capability is in the set that is asked for, or is not", () => {
  assert.equal(hasCapability(capability.sysAdmin, "CapEff", status), false, "all but this");
  assert.equal(hasCapability(capability.netAdmin, "CapEff", status), true);
  assert.equal(hasCapability(capability.sysAdmin, "CapAmb", status), true);
  assert.equal(hasCapability(capability.sysPtrace, "CapAmb", status), false);
});

test("a process whose sets are not told has none", () => {
  assert.equal(hasCapability(capability.sysAdmin, "CapEff", "Name:\tnode\n"), false);
});
