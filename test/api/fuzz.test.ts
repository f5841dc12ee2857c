/**
 * Every call of the OpenAPI document, with random good and bad requests. The same requests each time, unless `RAMET_FUZZ_SEED` says another
 * seed; `RAMET_FUZZ_RUNS` says how many requests each call gets. A failure names both.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import fc from "fast-check";
import { Check } from "typebox/schema";
import { Check as CheckValue } from "typebox/value";
import { WebSocket } from "ws";
import { buildOpenApiDocument } from "../../src/api/openapi.ts";
import { ErrorSchema } from "../../src/api/schemas/error.ts";
import { statusOfCode } from "../../src/api/status-of-code.ts";
import { plainRequestsFor, requestsFor, type FuzzRequest, type Operation } from "./fuzz-requests.ts";
import { otherBelongings, pool, removeWorld, restoreWorld } from "./fuzz-world.ts";
import { makeToken, startTestServer, type TestServer } from "./helpers.ts";
import { belongings } from "./traces.ts";

const seed = Number(process.env["RAMET_FUZZ_SEED"] ?? 20_260_401);
const runs = Number(process.env["RAMET_FUZZ_RUNS"] ?? 6);

/** Far beyond what any call takes on the fake driver: a call that takes so long hangs. */
const deadlineMs = 10_000;
/** Hundreds of requests, each with a deadline of its own: the suite's limit for a test is for those that do one thing. */
const limitMs = 240_000;

const document = JSON.parse(JSON.stringify(await buildOpenApiDocument())) as {
  readonly components: object;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, "method" | "path">>>>>;
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]): Operation => ({
    ...operation,
    method: method.toUpperCase(),
    path,
  })),
);

interface Heard {
  readonly status: number;
  readonly contentType: string;
  /** Of a stream: null. */
  readonly text: string | null;
}

test(
  "no request makes a call answer what it does not document, hang, or leave something behind",
  { timeout: limitMs },
  async (context) => {
    const server = await startTestServer(context, {
      limits: { requestsPerMinute: 0, authFailuresPerMinute: 0 },
      deadlines: { systemAckMs: 1000 },
    });
    const before = { ...(await belongings(server)), ...(await otherBelongings(server)) };
    const poor = await poorTokens(server);
    const succeeded = new Set<string>();
    for (const [index, operation] of operations.entries()) {
      const settings = { seed: seed + index, numRuns: isServed(operation) ? runs : Math.ceil(runs / 4) };
      await restoreWorld(server, operation.path);
      const property = fc.asyncProperty(requestsFor(operation, pool), async (request) => {
        if (operation.method !== "GET" && isServed(operation)) await restoreWorld(server, operation.path);
        const heard = await send(server, operation, request, poor);
        assertAnswer(server, operation, request, heard);
        if (heard.status < 400) succeeded.add(operation.operationId);
      });
      const examples = fc.sample(plainRequestsFor(operation, pool), { ...settings, numRuns: 1 });
      // What came before changed what there is, so that a smaller request would not be the same experiment.
      await fc
        .assert(property, { ...settings, endOnFailure: true, examples: examples.map((example) => [example]) })
        .catch((cause: unknown) => {
          const how = `RAMET_FUZZ_SEED=${String(seed)} RAMET_FUZZ_RUNS=${String(runs)}`;
          throw new Error(`${operation.operationId} (${how})`, { cause });
        });
    }
    const never = operations.filter((operation) => isServed(operation) && !succeeded.has(operation.operationId));
    // These want an image from a registry: see images.test.ts.
    assert.deepEqual(
      never
        .map(({ operationId }) => operationId)
        .filter((id) => !["pullImage", "deleteImage", "tagImage"].includes(id)),
      [],
    );
    await removeWorld(server);
    assert.deepEqual({ ...(await belongings(server)), ...(await otherBelongings(server)) }, before);
  },
);

function isServed({ responses }: Operation): boolean {
  return Object.keys(responses).some((status) => Number(status) < 400);
}

/** Two tokens, so that for each scope one lacks it. */
async function poorTokens(server: TestServer): Promise<(scope: string) => string> {
  const events = await makeToken(server, "event:read");
  const audit = await makeToken(server, "audit:read");
  // One for the requests to revoke.
  const victim = await server.call("POST", "/tokens", { body: { name: "victim", scopes: ["event:read"] } });
  assert.equal(victim.status, 201, victim.text);
  return (scope) => (scope === "event:read" ? audit : events);
}

async function send(
  server: TestServer,
  operation: Operation,
  request: FuzzRequest,
  poor: (scope: string) => string,
): Promise<Heard> {
  const tokens = {
    absent: null,
    right: server.token,
    wrong: "wrong-token",
    "too little": poor(operation.security[0]?.bearer?.[0] ?? ""),
  };
  const token = tokens[request.auth];
  const headers = { ...request.headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  const signal = AbortSignal.timeout(deadlineMs);
  if (request.upgrade) return await upgrade(server, request, headers, signal);
  const response = await fetch(server.url + request.target, {
    method: operation.method,
    headers,
    signal,
    ...(request.body === null ? {} : { body: request.body }),
  });
  const contentType = response.headers.get("content-type") ?? "";
  if (contentType.startsWith("text/event-stream")) {
    await response.body?.cancel();
    return { status: response.status, contentType, text: null };
  }
  return { status: response.status, contentType, text: await response.text() };
}

/** Opens a WebSocket, sends a frame, says goodbye, and waits until both have. */
async function upgrade(
  server: TestServer,
  request: FuzzRequest,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Heard> {
  const socket = new WebSocket(server.url.replace("http", "ws") + request.target, { headers });
  const refused = Promise.withResolvers<Heard>();
  socket.on("unexpected-response", (_, response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    const contentType = response.headers["content-type"] ?? "";
    response.on("end", () => {
      refused.resolve({ status: response.statusCode ?? 0, contentType, text });
    });
  });
  const opened = once(socket, "open", { signal }).then(() => null);
  opened.catch(() => undefined);
  const answer = await Promise.race([opened, refused.promise]);
  if (answer !== null) return answer;
  const closed = once(socket, "close", { signal });
  socket.send(firstFrames[request.target.length % firstFrames.length] ?? "");
  socket.close(1000);
  await closed;
  return { status: 101, contentType: "", text: null };
}

const firstFrames = [
  '{"command":["true"]}',
  '{"command":[]}',
  '{"direction":"to","guest_path":"/data/x"}',
  '{"direction":"from","guest_path":"/nothing"}',
  "no JSON",
  "[]",
  "",
] as const;

function assertAnswer(server: TestServer, operation: Operation, request: FuzzRequest, heard: Heard): void {
  const { status, contentType, text } = heard;
  const said = `${operation.method} ${request.target.slice(0, 200)} (${request.auth}) ${String(request.body).slice(0, 600)}\n→ ${String(status)} ${String(text).slice(0, 600)}`;
  assert.notEqual(status, 500, `${said}\n${lastFailure(server)}`);
  const documented = operation.responses[String(status)];
  assert.ok(documented !== undefined, `undocumented status: ${said}`);
  if (operation.security.length > 0) {
    const expected = { absent: 401, wrong: 401, "too little": 403, right: null }[request.auth];
    if (expected !== null) assert.equal(status, expected, said);
  }
  if (text === null) return;
  const [type, media] = Object.entries(documented.content ?? {})[0] ?? ["", undefined];
  assert.ok(contentType.startsWith(type), `${contentType}: ${said}`);
  if (status >= 400) assertError(status, text, said);
  else if (type === "application/json")
    assert.ok(
      Check({ ...media?.schema, components: document.components }, JSON.parse(text)),
      `not its schema: ${said}`,
    );
}

function assertError(status: number, text: string, said: string): void {
  const body: unknown = JSON.parse(text);
  assert.ok(CheckValue(ErrorSchema, body), `no error: ${said}`);
  const ofBodies = body.code === "invalid_request" && (status === 413 || status === 415);
  if (!ofBodies) assert.equal(status, statusOfCode[body.code], said);
}

function lastFailure(server: TestServer): string {
  const failures = server
    .log()
    .split("\n")
    .filter((line) => line.includes('"err"'));
  return failures.at(-1) ?? "the log has no cause";
}
