import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import Hypeman, { AuthenticationError, PermissionDeniedError, RateLimitError } from "@onkernel/hypeman";
import { expectError, startTestServer } from "./helpers.ts";

const secret = "a-secret-of-forty-characters-for-a-test!";
const jwtSecret = new TextEncoder().encode(secret);

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** By hand (RFC 7515), so that what no library would sign can be sent too. */
function sign(claims: object, options: { alg?: string; hash?: string; key?: string } = {}): string {
  const { alg = "HS256", hash = "sha256", key = secret } = options;
  const signed = `${encode({ alg, typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${createHmac(hash, key).update(signed).digest("base64url")}`;
}

const now = Math.floor(Date.now() / 1000);
const user = { sub: "user-123", iat: now, exp: now + 3600 };

test("a JWT of Hypeman's form is a caller: without permissions for everything, with them for those", async (context) => {
  const server = await startTestServer(context, { jwtSecret });
  assert.equal((await server.call("GET", "/instances", { token: sign(user) })).status, 200);
  assert.equal((await server.call("GET", "/tokens", { token: sign(user) })).status, 200);
  const reader = sign({ ...user, permissions: ["instance:read", "build:read", "of-a-later-version:read"] });
  assert.equal((await server.call("GET", "/instances", { token: reader })).status, 200);
  assert.match(expectError(await server.call("GET", "/tokens", { token: reader }), 403, "forbidden"), /token:read/);
  const nothing = sign({ ...user, permissions: [] });
  expectError(await server.call("GET", "/instances", { token: nothing }), 403, "forbidden");
  assert.match(server.log(), /"caller":"jwt:user-123"/);
});

test("a JWT that is forged, over, unsigned, of another algorithm or for a registry is refused, with the reason", async (context) => {
  const server = await startTestServer(context, { jwtSecret });
  const none = `${encode({ alg: "none", typ: "JWT" })}.${encode(user)}.`;
  const good = sign(user);
  const refused: readonly (readonly [token: string, reason: RegExp])[] = [
    [sign(user, { key: `${secret}x` }), /secret/],
    [good.replace(/\.[^.]+\./, `.${encode({ ...user, sub: "root" })}.`), /secret/],
    [`${good.slice(0, -3)}AAA`, /secret/],
    [sign({ ...user, exp: now - 1 }), /expired/],
    [sign({ ...user, nbf: now + 600 }), /nbf/],
    [none, /HS256/],
    [sign(user, { alg: "none" }), /HS256/],
    [sign(user, { alg: "HS512", hash: "sha512" }), /HS256/],
    [sign(user, { alg: "RS256" }), /HS256/],
    [sign({ sub: "user-123", iat: now }), /exp/],
    [sign({ iat: now, exp: now + 60 }), /sub/],
    [sign({ ...user, sub: 7 }), /sub/],
    [sign({ ...user, sub: "x".repeat(129) }), /sub/],
    [sign({ ...user, repos: ["a"], scope: "push", build_id: "b" }), /registry/],
    [sign({ ...user, scope: "push" }), /registry/],
    [sign({ ...user, permissions: "*" }), /permissions/],
    [sign({ ...user, permissions: [1] }), /permissions/],
    ["e30.e30.e30", /JWT|HS256/],
  ];
  for (const [token, reason] of refused) {
    const answer = await server.call("GET", "/instances", { token });
    assert.match(expectError(answer, 401, "unauthorized"), reason);
    assert.equal(answer.headers.get("www-authenticate"), "Bearer");
  }
  assert.ok(!server.log().includes(secret));
});

test("without a secret no JWT is accepted, not even one signed with an empty key", async (context) => {
  const server = await startTestServer(context);
  for (const key of ["", "null", secret]) {
    expectError(await server.call("GET", "/instances", { token: sign(user, { key }) }), 401, "unauthorized");
  }
});

test("a JWT makes no token with more than it has, and none that outlives it", async (context) => {
  const server = await startTestServer(context, { jwtSecret });
  const token = sign({ ...user, permissions: ["token:write", "instance:read"] });
  const make = async (more: object) =>
    await server.call("POST", "/tokens", { token, body: { name: "x", scopes: ["instance:read"], ...more } });
  const made = await make({});
  assert.equal(made.status, 201, made.text);
  const { expires_at: expiresAt, created_by: createdBy } = made.body as { expires_at: string; created_by: string };
  assert.deepEqual([Date.parse(expiresAt), createdBy], [user.exp * 1000, "jwt:user-123"]);
  expectError(await make({ scopes: ["*"] }), 403, "forbidden");
  expectError(await make({ expires_at: "2099-01-01T00:00:00Z" }), 403, "forbidden");
});

test("a JWT's stream ends when the JWT expires", async (context) => {
  const server = await startTestServer(context, { jwtSecret });
  const token = sign({ ...user, exp: Math.floor(Date.now() / 1000) + 2 });
  const stream = await server.open("/events", context.signal, token);
  assert.equal(stream.status, 200);
  await assert.rejects(stream.text(), /terminated/);
});

test("the official client works with a JWT of its server, and its errors are typed", async (context) => {
  const limits = { requestsPerMinute: 3, authFailuresPerMinute: 60 };
  const server = await startTestServer(context, { jwtSecret, limits });
  const connect = (apiKey: string): Hypeman => new Hypeman({ baseURL: server.url, apiKey, maxRetries: 0 });
  assert.deepEqual(await connect(sign(user)).instances.list(), []);
  await assert.rejects(connect(sign(user, { key: "x" })).instances.list(), AuthenticationError);
  const reader = connect(sign({ ...user, sub: "reader", permissions: ["instance:read"] }));
  await assert.rejects(reader.instances.delete("base"), PermissionDeniedError);
  await reader.instances.list();
  await reader.instances.list();
  await assert.rejects(reader.instances.list(), RateLimitError);
});
