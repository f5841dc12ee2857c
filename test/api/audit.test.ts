import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFile, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { Check } from "typebox/value";
import { AuditAnswer, type AuditRecord } from "../../src/api/schemas/audit.ts";
import { expectError, makeRunning, makeStandby, makeStopped, startTestServer, type TestServer } from "./helpers.ts";

async function readAudit(server: TestServer, query = ""): Promise<AuditAnswer> {
  const answer = await server.call("GET", `/audit${query}`);
  assert.equal(answer.status, 200, answer.text);
  assert.ok(Check(AuditAnswer, answer.body), answer.text);
  return answer.body;
}

function inShort({ action, outcome, code, instance_name, source_name }: AuditRecord): string {
  return [action, outcome, code, instance_name, source_name === null ? null : `of ${source_name}`]
    .filter((part) => part !== null)
    .join(" ");
}

const dataDirOf = (server: TestServer): string => dirname(server.domain.settings.instancesDirectory);

test("a fork is recorded with its source, its mail by name and keyed digest, its generation and its request", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base", { FAKE_ARM: "job,cfg" });
  const payloads = ['{"pin": 1234}', '{"b":2, "a":1}'];
  const body = `{"name":"child","mailboxes":[{"name":"job","payload":${payloads[0] ?? ""},"wait_for_ack":true},{"name":"cfg","payload":${payloads[1] ?? ""}}]}`;
  const fork = await server.call("POST", "/instances/base/fork", { text: body });
  assert.equal(fork.status, 201, fork.text);
  const { records } = await readAudit(server, "?instance=child");
  assert.equal(records.length, 1);
  const [record] = records;
  assert.ok(record !== undefined);
  assert.equal(inShort(record), "fork ok child of base");
  assert.deepEqual([record.source_id, record.instance_id], [parent.id, (fork.body as { id: string }).id]);
  assert.equal(record.request_id, fork.headers.get("x-request-id"));
  assert.match(record.generation ?? "", /^[0-9a-f-]{36}$/);
  const key = Buffer.from((await readFile(join(dataDirOf(server), "audit-key"), "utf8")).trim(), "hex");
  assert.deepEqual(
    record.mailboxes,
    ["job", "cfg"].map((name, index) => ({
      name,
      payload_hmac: createHmac("sha256", key)
        .update(payloads[index] ?? "")
        .digest("hex"),
    })),
  );
  assert.equal((await stat(join(dataDirOf(server), "audit-key"))).mode & 0o777, 0o600);
});

test("no payload and no token is in the database, the operation logs or the server's log", async (context) => {
  const server = await startTestServer(context);
  const parent = await makeStandby(server, "base", { FAKE_ARM: "job" });
  const dataDir = dataDirOf(server);
  const { id } = await makeStopped(server, "other");
  const secretsOf = async (name: string) => {
    const secrets = await readFile(join(dataDir, "instances", name, "secrets.json"), "utf8");
    return (JSON.parse(secrets) as { mailboxToken: string }).mailboxToken;
  };
  const token = await secretsOf(parent.id);
  assert.notEqual(token, await secretsOf(id));
  const payload = { secret: "payload-5193" };
  const mailboxes = [{ name: "job", token, payload }];
  const made = await server.call("POST", "/instances/base/fork", { body: { name: "child", mailboxes } });
  assert.equal(made.status, 201, made.text);
  await server.call("POST", "/instances/base/fork", {
    body: { name: "unborn", mailboxes: [{ name: "other", token, payload }] },
  });
  const files = (await readdir(dataDir, { recursive: true })).filter((name) => /ramet\.db|operations\.log/.test(name));
  assert.ok(files.length >= 3, files.join(" "));
  for (const file of files) {
    const text = await readFile(join(dataDir, file), "latin1");
    assert.ok(!text.includes("payload-5193") && !text.includes(token), file);
  }
  assert.ok(!server.log().includes("payload-5193") && !server.log().includes(token));
});

test("forks that fail are recorded too: at the preflight, on the way, and with their siblings", async (context) => {
  const server = await startTestServer(context);
  await makeStandby(server, "base", { FAKE_ARM: "job", FAKE_ACK: "failed" });
  const job = { name: "job", payload: { a: 1 } };
  const refused = [
    { name: "unborn", mailboxes: [{ name: "nowhere", payload: {} }] },
    { name: "nacked", mailboxes: [{ ...job, wait_for_ack: true }] },
  ];
  for (const body of refused) assert.ok((await server.call("POST", "/instances/base/fork", { body })).status >= 400);
  const children = [{ name: "sibling" }, { name: "culprit", mailboxes: [{ ...job, wait_for_ack: true }] }];
  assert.equal((await server.call("POST", "/instances/base/forks", { body: { children } })).status, 502);
  const { records } = await readAudit(server, "?instance=base");
  const forks = records.filter(({ action }) => action === "fork").map(inShort);
  assert.deepEqual(forks.slice(-2), [
    "fork failed ack_failed nacked of base",
    "fork failed mailbox_not_found unborn of base",
  ]);
  assert.deepEqual(forks.slice(0, -2).sort(), [
    "fork failed ack_failed culprit of base",
    "fork failed sibling of base",
  ]);
});

test("what else changes an instance is recorded when it is answered, and what was no request is not", async (context) => {
  const server = await startTestServer(context);
  await makeRunning(server, "base");
  await server.call("POST", "/instances/base/standby");
  expectError(await server.call("POST", "/instances/base/stop"), 409, "invalid_state");
  assert.equal((await server.call("POST", "/instances/base/snapshots", { body: { name: "warm" } })).status, 201);
  assert.equal((await server.call("DELETE", "/snapshots/warm")).status, 204);
  assert.equal((await server.call("DELETE", "/instances/base")).status, 204);
  expectError(await server.call("DELETE", "/instances/base"), 404, "not_found");
  expectError(await server.call("POST", "/instances", { body: {} }), 400, "invalid_request");
  expectError(await server.call("POST", "/instances", { token: "wrong", body: {} }), 401, "unauthorized");
  const { records } = await readAudit(server);
  assert.deepEqual(records.map(inShort).reverse(), [
    "create ok base",
    "standby ok base",
    "stop failed invalid_state base",
    "snapshot ok base",
    "delete_snapshot ok",
    "delete ok base",
  ]);
  const [, , taken, removed] = records.toReversed().slice(1);
  assert.equal(typeof taken?.snapshot_id, "string");
  assert.equal(taken?.snapshot_id, removed?.snapshot_id);
});

test("the audit is read page by page, by instance and by time", async (context) => {
  const server = await startTestServer(context);
  for (const name of ["a", "b", "c"]) await makeStopped(server, name);
  const all = (await readAudit(server)).records;
  assert.deepEqual(all.map(inShort), ["create ok c", "create ok b", "create ok a"]);
  const first = await readAudit(server, "?limit=2");
  assert.deepEqual(first.records, all.slice(0, 2));
  const second = await readAudit(server, `?limit=2&cursor=${first.next_cursor ?? ""}`);
  assert.deepEqual([second.records, second.next_cursor], [all.slice(2), null]);
  assert.deepEqual((await readAudit(server, "?instance=b")).records, [all[1]]);
  assert.deepEqual((await readAudit(server, `?instance=${all[0]?.instance_id ?? ""}`)).records, [all[0]]);
  assert.deepEqual((await readAudit(server, "?instance=nobody")).records, []);
  assert.deepEqual((await readAudit(server, "?since=2000-01-01T00:00:00Z")).records, all);
  assert.deepEqual((await readAudit(server, "?since=2999-01-01T00:00:00.5%2B02:00")).records, []);
  for (const query of [
    "?limit=0",
    "?limit=1001",
    "?cursor=x",
    "?since=yesterday",
    "?since=2026-13-01T00:00:00Z",
    "?more=1",
  ])
    expectError(await server.call("GET", `/audit${query}`), 400, "invalid_request");
  expectError(await server.call("GET", "/audit", { token: null }), 401, "unauthorized");
});

test("many that are resumed are recorded each", async (context) => {
  const server = await startTestServer(context);
  await makeStandby(server, "base");
  const children = [
    { name: "one", target_state: "Paused" },
    { name: "two", target_state: "Paused" },
  ];
  assert.equal((await server.call("POST", "/instances/base/forks", { body: { children } })).status, 201);
  await server.call("POST", "/resume", { body: { ids: ["one", "two", "three"] } });
  const { records } = await readAudit(server);
  assert.deepEqual(records.slice(0, 4).map(inShort).sort(), [
    "fork ok one of base",
    "fork ok two of base",
    "resume ok one",
    "resume ok two",
  ]);
});
