import assert from "node:assert/strict";
import { test } from "node:test";
import { expectError, makeToken, startTestServer, type Answer } from "./helpers.ts";

function expectLimited(answer: Answer): void {
  expectError(answer, 429, "rate_limited");
  const seconds = Number(answer.headers.get("retry-after"));
  assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60, answer.headers.get("retry-after") ?? "none");
  assert.deepEqual((answer.body as { details: unknown }).details, { retry_after_s: seconds });
}

test("a caller that asks too often is told when to ask again; other callers and health are not", async (context) => {
  const server = await startTestServer(context, { limits: { requestsPerMinute: 5, authFailuresPerMinute: 60 } });
  const [one, other] = [await makeToken(server, "instance:read"), await makeToken(server, "instance:read")];
  for (let asked = 0; asked < 5; asked++) {
    assert.equal((await server.call("GET", "/instances", { token: one })).status, 200);
  }
  expectLimited(await server.call("GET", "/instances", { token: one }));
  expectLimited(await server.call("GET", "/nothing", { token: one }));
  expectLimited(await server.call("DELETE", "/tokens/x", { token: one }));
  assert.equal((await server.call("GET", "/instances", { token: other })).status, 200);
  for (let asked = 0; asked < 10; asked++) {
    assert.equal((await server.call("GET", "/health", { token: null })).status, 200);
  }
});

test("public pages are counted by address", async (context) => {
  const server = await startTestServer(context, { limits: { requestsPerMinute: 3, authFailuresPerMinute: 60 } });
  const statuses: number[] = [];
  for (const path of ["/spec.json", "/docs", "/spec.json", "/docs", "/spec.json"]) {
    statuses.push((await server.call("GET", path, { token: null })).status);
  }
  assert.deepEqual(statuses, [200, 200, 200, 429, 429]);
  assert.equal((await server.call("GET", "/instances")).status, 200);
});

test("refused tokens are limited harder, by address, and a good one passes nevertheless", async (context) => {
  const server = await startTestServer(context, { limits: { requestsPerMinute: 100, authFailuresPerMinute: 3 } });
  for (const token of ["guess-1", null, "guess-2"]) {
    expectError(await server.call("GET", "/instances", { token }), 401, "unauthorized");
  }
  expectLimited(await server.call("GET", "/instances", { token: "guess-3" }));
  expectLimited(await server.call("GET", "/nothing", { token: null }));
  assert.equal((await server.call("GET", "/instances")).status, 200);
});

test("0 is no limit", async (context) => {
  const server = await startTestServer(context, { limits: { requestsPerMinute: 0, authFailuresPerMinute: 0 } });
  for (let asked = 0; asked < 80; asked++) {
    expectError(await server.call("GET", "/instances", { token: "guess" }), 401, "unauthorized");
  }
});

test("a caller's own well-formed request id is answered and logged; another is replaced", async (context) => {
  const server = await startTestServer(context);
  const answered = async (id: string): Promise<string | null> =>
    (await server.call("GET", "/health", { headers: { "x-request-id": id } })).headers.get("x-request-id");
  for (const id of ["7", "0f8fad5b-d9cb-469f-a165-70867728950e", "req_011:a.b-C", "x".repeat(128)]) {
    assert.equal(await answered(id), id);
    assert.ok(server.log().includes(`"requestId":"${id}"`));
  }
  for (const id of ["", "-a", "a b", 'a"b', "{}", "é", "x".repeat(129)]) {
    assert.match((await answered(id)) ?? "", /^[0-9a-f-]{36}$/);
  }
});
