import assert from "node:assert/strict";
import { test } from "node:test";
import { hasNetAdmin } from "./tap-access.ts";

const status = (effective: string, ambient: string): string =>
  `Name:\tnode\nCapInh:\t0000000000000000\nCapEff:\t${effective}\nCapBnd:\t000001ffffffffff\nCapAmb:\t${ambient}\n`;
const netAdmin = "0000000000001000";
const none = "0000000000000000";

test("root needs the capability itself, which its children get too", () => {
  assert.equal(hasNetAdmin(status(netAdmin, none), true), true);
  assert.equal(hasNetAdmin(status("000001ffffffefff", none), true), false, "all but CAP_NET_ADMIN");
});

test("for another user it must be ambient, or its children would not have it", () => {
  assert.equal(hasNetAdmin(status(netAdmin, none), false), false);
  assert.equal(hasNetAdmin(status(netAdmin, netAdmin), false), true);
});
