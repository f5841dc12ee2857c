import assert from "node:assert/strict";
import { test } from "node:test";
import { openDatabase } from "../../store/database.ts";
import { AuditLog, type AuditEntry, type AuditQuery } from "./audit-log.ts";

const key = Buffer.alloc(32, 7);
const everything: AuditQuery = { about: null, since: null, before: null, limit: 1000 };
const fork: AuditEntry = {
  action: "fork",
  outcome: "begun",
  code: null,
  instanceId: "child-id",
  instanceName: "child",
  sourceId: "base-id",
  sourceName: "base",
  snapshotId: null,
  generation: null,
  mailboxes: [],
};

test("a fork that an earlier server left open is unknown", () => {
  const database = openDatabase(":memory:");
  const before = new AuditLog(database, { key });
  before.add(fork);
  before.add({ ...fork, instanceId: "other", outcome: "ok" });
  const after = new AuditLog(database, { key });
  assert.deepEqual(
    after.list(everything).map(({ outcome }) => outcome),
    ["ok", "unknown"],
  );
});

test("a fork is closed once; a failure may still be explained, and never becomes a success's", () => {
  const audit = new AuditLog(openDatabase(":memory:"), { key });
  audit.add(fork);
  assert.equal(audit.closeFork("child-id", "failed", null), true);
  assert.equal(audit.closeFork("child-id", "failed", "ack_timeout"), true);
  assert.equal(audit.closeFork("child-id", "failed", null), true);
  assert.deepEqual(
    audit.list(everything).map(({ outcome, code }) => [outcome, code]),
    [["failed", "ack_timeout"]],
  );
  audit.add({ ...fork, instanceId: "well" });
  assert.equal(audit.closeFork("well", "ok", null), true);
  assert.equal(audit.closeFork("well", "failed", null), false);
  assert.equal(audit.closeFork("nobody", "failed", null), false);
  assert.equal(audit.list({ ...everything, about: "well" })[0]?.outcome, "ok");
});

test("the newest records are kept, and no more than the bound and a little", () => {
  const audit = new AuditLog(openDatabase(":memory:"), { key, maxRecords: 300 });
  for (let number = 1; number <= 1024; number += 1) audit.add({ ...fork, instanceId: `child-${number}` });
  const ids = audit.list(everything).map(({ id }) => id);
  assert.deepEqual([ids[0], ids.length], [1024, 300]);
});

test("equal payloads have equal digests under one key, and others under another", () => {
  const mail = [{ name: "job", payloadText: '{"a":1}' }];
  const [one, same, other] = [key, key, Buffer.alloc(32, 8)].map(
    (own) => new AuditLog(openDatabase(":memory:"), { key: own }).describeMail(mail)[0]?.payloadHmac,
  );
  assert.match(one ?? "", /^[0-9a-f]{64}$/);
  assert.equal(one, same);
  assert.notEqual(one, other);
});
