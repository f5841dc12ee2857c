import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Check } from "typebox/value";
import { CreatedTokenBody, TokenBody } from "../../src/api/schemas/token.ts";
import { expectError, makeRunning, makeToken, startTestServer, type TestServer } from "./helpers.ts";

async function create(server: TestServer, body: object): Promise<CreatedTokenBody> {
  const answer = await server.call("POST", "/tokens", { body });
  assert.equal(answer.status, 201, answer.text);
  assert.ok(Check(CreatedTokenBody, answer.body), answer.text);
  assert.equal(answer.headers.get("cache-control"), "no-store");
  return answer.body;
}

async function list(server: TestServer): Promise<TokenBody[]> {
  const answer = await server.call("GET", "/tokens");
  assert.equal(answer.status, 200, answer.text);
  return (answer.body as unknown[]).map((each) => {
    assert.ok(Check(TokenBody, each), JSON.stringify(each));
    return each;
  });
}

test("a token is made, shown once, used, listed without its secret, and revoked", async (context) => {
  const server = await startTestServer(context);
  const expiresAt = "2099-01-31T12:00:00.000Z";
  const made = await create(server, { name: "ci", scopes: ["instance:read"], expires_at: expiresAt });
  assert.deepEqual(
    [made.name, made.scopes, made.created_by, made.expires_at],
    ["ci", ["instance:read"], "local", expiresAt],
  );
  assert.equal((await list(server))[0]?.last_used_at, null);
  assert.equal((await server.call("GET", "/instances", { token: made.token })).status, 200);
  const [listed] = await list(server);
  assert.equal(listed?.id, made.id);
  assert.ok(listed.last_used_at !== null && listed.last_used_at >= made.created_at);
  assert.ok(!JSON.stringify(await list(server)).includes(made.token));
  assert.equal((await server.call("DELETE", `/tokens/${made.id}`)).status, 204);
  const message = expectError(await server.call("GET", "/instances", { token: made.token }), 401, "unauthorized");
  assert.match(message, /revoked/);
  assert.ok((await list(server))[0]?.revoked_at !== null);
  assert.equal((await server.call("DELETE", `/tokens/${made.id}`)).status, 204);
});

test("a token that may make tokens makes none with more than it has", async (context) => {
  const server = await startTestServer(context);
  const token = await makeToken(server, "token:write", "snapshot:*");
  const make = async (scopes: string[]) => await server.call("POST", "/tokens", { token, body: { name: "x", scopes } });
  assert.equal((await make(["snapshot:read"])).status, 201);
  assert.match(expectError(await make(["snapshot:read", "instance:read"]), 403, "forbidden"), /instance:read/);
  expectError(await make(["*"]), 403, "forbidden");
  await create(server, { name: "strong", scopes: ["*"] });
  expectError(await server.call("DELETE", "/tokens/strong", { token }), 403, "forbidden");
  expectError(await server.call("GET", "/tokens", { token }), 403, "forbidden");
});

test("a token is refused that is badly named, scoped or over, and one that nobody has is not found", async (context) => {
  const server = await startTestServer(context);
  const bad = [
    { scopes: ["*"] },
    { name: "x" },
    { name: "", scopes: ["*"] },
    { name: "a b", scopes: ["*"] },
    { name: "x", scopes: [] },
    { name: "x", scopes: ["instance:fork"] },
    { name: "x", scopes: "*" },
    { name: "x", scopes: ["*"], expires_at: "tomorrow" },
    { name: "x", scopes: ["*"], expires_at: "2030-02-31T25:00:00Z" },
    { name: "x", scopes: ["*"], expires_at: "2020-01-01T00:00:00Z" },
    { name: "x", scopes: ["*"], secret: "mine" },
  ];
  for (const body of bad) expectError(await server.call("POST", "/tokens", { body }), 400, "invalid_request");
  assert.deepEqual(await list(server), []);
  expectError(await server.call("DELETE", "/tokens/nobody"), 404, "not_found");
  expectError(await server.call("DELETE", "/tokens/a%20b"), 400, "invalid_request");
  await create(server, { name: "twin", scopes: ["*"] });
  await create(server, { name: "twin", scopes: ["*"] });
  expectError(await server.call("DELETE", "/tokens/twin"), 409, "ambiguous");
});

test("a revoked token's events and followed logs break off, and another's go on", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeRunning(server, "base");
  const made = await create(server, { name: "follower", scopes: ["event:read", "instance:read"] });
  const others = await makeToken(server, "event:read");
  const paths = ["/events", `/instances/${id}/logs?follow=true`];
  const streams = await Promise.all(paths.map((path) => server.open(path, context.signal, made.token)));
  assert.deepEqual(
    streams.map(({ status }) => status),
    [200, 200],
  );
  const kept = await server.open("/events", context.signal, others);
  const reader = kept.body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.ok(reader !== undefined);
  await reader.read();
  assert.equal((await server.call("DELETE", "/tokens/follower")).status, 204);
  for (const stream of streams) await assert.rejects(stream.text(), /terminated/);
  assert.equal((await server.call("DELETE", `/instances/${id}`)).status, 204);
  let text = "";
  while (!text.includes("instance.deleted")) text += (await reader.read()).value ?? assert.fail("the stream ended");
  assert.equal((await server.open("/events", context.signal, made.token)).status, 401);
});

test("a token's stream ends when the token expires", async (context) => {
  const server = await startTestServer(context);
  const expiresAt = new Date(Date.now() + 700).toISOString();
  const { token } = await create(server, { name: "brief", scopes: ["event:read"], expires_at: expiresAt });
  const stream = await server.open("/events", context.signal, token);
  assert.equal(stream.status, 200);
  await assert.rejects(stream.text(), /terminated/);
  const answer = await server.call("GET", "/events", { token });
  assert.match(expectError(answer, 401, "unauthorized"), /expired/);
});

test("a revoked token's exec is closed with 1008, and its program is ended", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeRunning(server, "base");
  const { token } = await create(server, { name: "runner", scopes: ["instance:write"] });
  const url = `${server.url.replace("http", "ws")}/instances/${id}/exec`;
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
  const closed = once(socket, "close").then(([event]) => event as CloseEvent);
  await once(socket, "open");
  // It says something and goes on: the program runs when the first message is here.
  socket.send(JSON.stringify({ command: ["cat"] }));
  socket.send(Buffer.from("hello"));
  await once(socket, "message");
  const texts: unknown[] = [];
  socket.addEventListener("message", ({ data }) => texts.push(data));
  assert.equal((await server.call("DELETE", "/tokens/runner")).status, 204);
  const { code, reason } = await closed;
  assert.deepEqual([code, reason, texts], [1008, "the bearer token is over", []]);
  // The close waits for whatever still runs in the server.
  await server.close();
  assert.match(server.log(), /token\.revoked/);
});

test("a WebSocket needs its token and scope before it is opened", async (context) => {
  const server = await startTestServer(context);
  const { id } = await makeRunning(server, "base");
  const url = `${server.url.replace("http", "ws")}/instances/${id}/exec`;
  for (const token of [await makeToken(server, "instance:read"), "nonsense"]) {
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
    const opened = once(socket, "open").then(() => true);
    const failed = once(socket, "error").then(() => false);
    assert.equal(await Promise.race([opened, failed]), false);
  }
});

test("the log says which caller asked, and holds no token", async (context) => {
  const server = await startTestServer(context);
  const { id, token } = await create(server, { name: "ci", scopes: ["instance:read"] });
  await server.call("GET", "/instances", { token });
  await server.call("GET", "/instances", { token: `${token}x` });
  await server.call("GET", "/instances", { token: token.slice(0, -1) });
  const callers = server
    .log()
    .split("\n")
    .filter((line) => line.includes("http.answered"))
    .map((line) => (JSON.parse(line) as { caller?: string }).caller);
  assert.deepEqual(callers, ["local", id, undefined, undefined]);
  assert.ok(!server.log().includes(token.slice(-43, -1)));
});
