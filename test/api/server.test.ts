import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { test } from "node:test";
import { Check } from "typebox/value";
import { answerOf } from "../../src/api/errors.ts";
import { buildOpenApiDocument } from "../../src/api/openapi.ts";
import { CapabilitiesAnswer } from "../../src/api/schemas/server.ts";
import { statusOfCode } from "../../src/api/status-of-code.ts";
import { errorCodes } from "../../src/errors.ts";
import { expectError, expectInstance, makeRunning, makeStandby, startTestServer } from "./helpers.ts";

test("health, the document and its page are public; all else wants the bearer token", async (context) => {
  const server = await startTestServer(context);
  const health = await server.call("GET", "/health", { token: null });
  assert.deepEqual([health.status, health.body], [200, { status: "ok" }]);
  assert.equal((await server.call("GET", "/spec.json", { token: null })).status, 200);
  assert.equal((await server.call("GET", "/docs", { token: null })).status, 200);
  const paths = [
    "/capabilities",
    "/metrics",
    "/instances",
    "/instances/base",
    "/instances/base/logs",
    "/instances/base/exec",
    "/instances/base/lineage",
    "/events",
    "/nothing",
  ];
  for (const path of paths) {
    const answer = await server.call("GET", path, { token: null });
    expectError(answer, 401, "unauthorized");
    assert.equal(answer.headers.get("www-authenticate"), "Bearer");
    expectError(await server.call("GET", path, { token: `${server.token}x` }), 401, "unauthorized");
    expectError(await server.call("GET", path, { token: server.token.slice(1) }), 401, "unauthorized");
  }
  expectError(
    await server.call("GET", "/instances", { token: null, headers: { authorization: `Basic ${server.token}` } }),
    401,
    "unauthorized",
  );
  expectError(await server.call("GET", `/instances?token=${server.token}`, { token: null }), 401, "unauthorized");
  assert.equal(
    (await server.call("GET", "/instances", { token: null, headers: { authorization: `bearer ${server.token}` } }))
      .status,
    200,
  );
});

test("a call without the token does not learn whether its body is valid", async (context) => {
  const server = await startTestServer(context);
  expectError(await server.call("POST", "/instances", { token: null, text: "{" }), 401, "unauthorized");
});

test("capabilities say what the driver can do", async (context) => {
  const server = await startTestServer(context, { capabilities: { forkMailboxes: false } });
  const answer = await server.call("GET", "/capabilities");
  assert.equal(answer.status, 200, answer.text);
  assert.ok(Check(CapabilitiesAnswer, answer.body), answer.text);
  assert.equal(answer.body.version, "0.0.0-test");
  const [hypervisor] = answer.body.hypervisors;
  assert.deepEqual(
    [hypervisor?.name, hypervisor?.capabilities.fork, hypervisor?.capabilities.fork_mailboxes],
    ["fake", true, false],
  );
});

test("metrics are Prometheus text", async (context) => {
  const server = await startTestServer(context);
  const answer = await server.call("GET", "/metrics");
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type") ?? "", /^text\/plain/);
  assert.match(answer.text, /^# HELP /m);
});

test("the page is served from this server alone", async (context) => {
  const server = await startTestServer(context);
  const page = await server.call("GET", "/docs/", { token: null });
  assert.match(page.text, /<title>Ramet API<\/title>/);
  // A browser would otherwise ask a server without TLS for files with TLS, or others for what this one has.
  const policy = page.headers.get("content-security-policy") ?? "";
  assert.match(policy, /script-src 'self';/);
  assert.doesNotMatch(policy, /https?:|upgrade|validator/);
  const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? "");
  assert.ok(sources.length > 0);
  for (const source of sources) {
    assert.ok(!/^(https?:)?\/\//.test(source), source);
    const { status } = await server.call("GET", new URL(source, `${server.url}/docs/`).pathname, { token: null });
    assert.equal(status, 200, source);
  }
});

test("a connection on which nothing was asked does not hold up the close", async (context) => {
  const server = await startTestServer(context);
  const socket = connect(server.port, server.host).resume();
  const closed = once(socket, "close");
  await once(socket, "connect");
  // The server has taken the connection when it has taken a later one.
  await server.call("GET", "/health");
  await server.close();
  await closed;
});

test("the document is the same with and without a server, and describes each of its parts", async (context) => {
  const server = await startTestServer(context);
  const built = JSON.parse(JSON.stringify(await buildOpenApiDocument())) as OpenApi;
  assert.deepEqual((await server.call("GET", "/spec.json", { token: null })).body, built);
  assert.equal(built.openapi, "3.1.0");
  const operations = Object.values(built.paths).flatMap((path) => Object.values(path));
  const ids = operations.map(({ operationId }) => operationId);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.length > 0);
  for (const operation of operations) {
    assert.ok(operation.summary && operation.tags?.length === 1, operation.operationId);
    for (const [status, { description }] of Object.entries(operation.responses)) {
      assert.notEqual(description, "Default Response", `${operation.operationId ?? ""} ${status}`);
    }
    for (const parameter of operation.parameters ?? [])
      assert.ok(parameter.description, `${operation.operationId ?? ""} ${parameter.name}`);
  }
  assert.deepEqual(undescribed(built.paths, "paths"), []);
  assert.deepEqual(undescribed(built.components.schemas, "schemas"), []);
});

interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: object };
}

interface Operation {
  operationId?: string;
  summary?: string;
  tags?: string[];
  parameters?: { name: string; description?: string }[];
  responses: Record<string, { description: string }>;
}

/** The places of all fields that have no description; two integers of a terminal's size speak for themselves. */
function undescribed(node: unknown, place: string): string[] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) => {
    if (key === "example" || key === "examples") return [];
    const inner = undescribed(value, `${place}.${key}`);
    if (key !== "properties" || typeof value !== "object" || value === null) return inner;
    const bare = Object.entries(value).filter(
      ([, field]: [string, object]) => !("description" in field) && !("$ref" in field),
    );
    return [...bare.map(([name]) => `${place}.${name}`), ...inner];
  });
}

test("codes, statuses and the reference page are one table", () => {
  const page = readFileSync(new URL("../../docs/reference/errors.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| +`(\w+)` +\| (\d{3})/gm)].map(([, code, status]) => [code, Number(status)]);
  assert.deepEqual(
    rows,
    errorCodes.map((code) => [code, statusOfCode[code]]),
  );
});

test("an error that is not made for callers says nothing of its cause", () => {
  const { status, body, unexpected } = answerOf(new Error("no such file: /var/lib/secret"), "request-1", false);
  assert.deepEqual([status, body.code, unexpected], [500, "internal_error", true]);
  assert.match(body.message, /request-1/);
  assert.ok(!JSON.stringify(body).includes("secret"));
});

test("no payload, token or environment reaches the log or an error", async (context) => {
  const server = await startTestServer(context);
  const secret = "hunter2-5f0a";
  const env = { FAKE_ARM: "job", FAKE_ARM_TOKEN: secret, PASSWORD: secret };
  const { id } = await makeStandby(server, "base", env);
  const errors: string[] = [];
  const fork = async (call: { body?: unknown; text?: string }): Promise<void> => {
    const answer = await server.call("POST", `/instances/${id}/fork`, call);
    if (answer.status >= 400) errors.push(answer.text);
  };
  const mail = { name: "job", token: secret, payload: { secret } };
  await fork({ body: { name: "child", mailboxes: [{ ...mail, wait_for_ack: true }] } });
  await fork({ body: { name: "child", mailboxes: [mail] } });
  await fork({ body: { name: "other", mailboxes: [{ ...mail, token: `${secret}x` }] } });
  await fork({ body: { name: "other", mailboxes: [{ ...mail, payload: secret }] } });
  await fork({ body: { name: "other", mailboxes: [{ ...mail, payload: { text: secret.repeat(1000) } }] } });
  await fork({ text: `{"name":"other","mailboxes":[{"name":"job","payload":{"a":"${secret}"` });
  await fork({ text: `{"name":"other","mailboxes":[{"name":"job","payload":{"a":"${secret}",}}]}` });
  await server.call("GET", `/instances?token=${secret}`);
  await server.call("GET", `/${secret}?token=${server.token}`);
  await server.call("GET", "/instances", { token: secret });
  assert.equal(errors.length, 6);
  for (const error of errors) assert.ok(!error.includes(secret), error);
  assert.match(server.log(), /http\.answered/);
  assert.ok(!server.log().includes(secret));
  assert.ok(!server.log().includes(server.token));
});

test("each answer carries the id under which the log has it", async (context) => {
  const server = await startTestServer(context);
  const answer = await server.call("GET", "/instances/nobody");
  const requestId = answer.headers.get("x-request-id") ?? "";
  const line = server
    .log()
    .split("\n")
    .find((candidate) => candidate.includes("http.answered"));
  const entry = JSON.parse(line ?? "{}") as Record<string, unknown>;
  assert.deepEqual(
    [entry["requestId"], entry["method"], entry["route"], entry["status"], entry["code"]],
    [requestId, "GET", "/instances/:id", 404, "not_found"],
  );
});

test("closing ends waits, followed logs and open connections", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeRunning(server, "base");
  const waiting = server.call("GET", `/instances/${id}/wait?state=Standby&timeout=5m`);
  const stream = await server.open(`/instances/${id}/logs?follow=true`, new AbortController().signal);
  // Both calls are known to be in the server once the stream's headers are here and a later call was answered.
  expectInstance(await server.call("GET", `/instances/${id}`), 200);
  await server.close();
  assert.equal(((await waiting).body as { reached: boolean }).reached, false);
  await stream.text();
});
