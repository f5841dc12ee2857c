import assert from "node:assert/strict";
import { test } from "node:test";
import Fastify from "fastify";
import { buildOpenApiDocument, describeApi } from "../../src/api/openapi.ts";
import type { Api } from "../../src/api/context.ts";
import { scopes, type Scope } from "../../src/auth/scopes.ts";
import { InvariantError } from "../../src/lib/assert.ts";
import { expectError, makeToken, startTestServer } from "./helpers.ts";

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  /** Null: public. */
  readonly scope: string | null;
  readonly statuses: readonly string[];
}

/** Every call of the document, with placeholders filled in: what it needs is judged before anything of the call is read. */
async function readOperations(): Promise<Operation[]> {
  const document = JSON.parse(JSON.stringify(await buildOpenApiDocument())) as {
    paths: Record<string, Record<string, { operationId: string; security: { bearer: string[] }[]; responses: object }>>;
  };
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, security, responses }]) => {
      const [requirement] = security;
      assert.ok(security.length <= 1, operationId);
      if (requirement !== undefined) assert.equal(requirement.bearer.length, 1, operationId);
      return {
        method: method.toUpperCase(),
        path: path.replaceAll(/\{\w+\}/g, "nobody"),
        operationId,
        scope: requirement?.bearer[0] ?? null,
        statuses: Object.keys(responses),
      };
    }),
  );
}

test("every call but health needs a token with the scope that the document names, and says so before all else", async (context) => {
  const server = await startTestServer(context, { limits: { requestsPerMinute: 0, authFailuresPerMinute: 0 } });
  const operations = await readOperations();
  assert.ok(operations.length > 20);
  assert.deepEqual(
    operations.filter(({ scope }) => scope === null).map(({ operationId }) => operationId),
    ["getHealth"],
  );
  const lacking = new Map<string, string>();
  for (const { method, path, operationId, scope, statuses } of operations) {
    if (scope === null) continue;
    assert.ok(scopes.includes(scope as Scope), `${operationId} needs ${scope}, which is no scope`);
    for (const status of ["401", "403", "429"]) assert.ok(statuses.includes(status), `${operationId} lists ${status}`);
    expectError(await server.call(method, path, { token: null }), 401, "unauthorized");
    const others = scopes.filter((other) => other !== scope);
    const token = lacking.get(scope) ?? (await makeToken(server, ...others));
    lacking.set(scope, token);
    const refused = await server.call(method, path, { token });
    assert.ok(expectError(refused, 403, "forbidden").includes(scope), `${operationId}: ${refused.text}`);
    assert.deepEqual((refused.body as { details: unknown }).details, { required_scope: scope });
  }
});

test("a token with its one scope makes the call", async (context) => {
  const server = await startTestServer(context);
  for (const { method, path, operationId, scope } of await readOperations()) {
    // A follower of events would go on for ever.
    if (scope === null || operationId === "followEvents") continue;
    const { status } = await server.call(method, path, { token: await makeToken(server, scope) });
    assert.ok(status !== 401 && status !== 403, `${operationId} with ${scope}: ${String(status)}`);
  }
});

test("who forks, runs and reads needs what Hypeman asks for", async () => {
  const scopeOf = new Map((await readOperations()).map(({ operationId, scope }) => [operationId, scope]));
  const expected = {
    forkInstance: "instance:write",
    forkSnapshot: "snapshot:write",
    takeSnapshot: "snapshot:write",
    restoreSnapshot: "snapshot:write",
    execInInstance: "instance:write",
    readLogs: "instance:read",
    deleteInstance: "instance:delete",
    deleteSnapshot: "snapshot:delete",
    getMetrics: "resource:read",
    createToken: "token:write",
    revokeToken: "token:write",
  };
  for (const [operationId, scope] of Object.entries(expected))
    assert.equal(scopeOf.get(operationId), scope, operationId);
});

test("a route that names no scope cannot be registered, wherever it stands", async () => {
  const app: Api = Fastify();
  await describeApi(app);
  const handler = (): string => "";
  assert.throws(() => app.get("/forgotten", handler), InvariantError);
  assert.throws(() => app.get("/docsx", { config: { upgrade: true } }, handler), InvariantError);
  app.get("/public", { config: { scope: "public" } }, handler);
  app.get("/scoped", { config: { scope: "instance:read" } }, handler);
  await app.ready();
  await app.close();
});

test("an unknown call is a 404 to whoever has a token, and a 401 to others", async (context) => {
  const server = await startTestServer(context);
  const token = await makeToken(server, "image:read");
  expectError(await server.call("GET", "/nothing", { token }), 404, "not_found");
  expectError(await server.call("PATCH", "/instances", { token }), 404, "not_found");
  expectError(await server.call("GET", "/nothing", { token: null }), 401, "unauthorized");
});
