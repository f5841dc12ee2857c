import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { ApiToken } from "../../auth/api-tokens.ts";
import type { Authority } from "../../auth/authority.ts";
import { OperatingError } from "../../errors.ts";
import { assert } from "../../lib/assert.ts";
import type { Api, ApiContext } from "../context.ts";
import { NoQuery } from "../schemas/common.ts";
import { errorResponses } from "../schemas/error.ts";
import { CreatedTokenBody, CreateTokenBody, TokenBody, TokenParams } from "../schemas/token.ts";

/** Make, list and revoke bearer tokens. */
export function registerTokenRoutes(app: Api, context: ApiContext): void {
  registerCreate(app, context);
  registerList(app, context);
  registerRevoke(app, context);
}

function registerCreate(app: Api, context: ApiContext): void {
  app.post(
    "/tokens",
    {
      config: { scope: "token:write" },
      schema: {
        operationId: "createToken",
        tags: ["tokens"],
        summary: "Make a bearer token",
        description: "The answer holds the token's text, which cannot be shown again: the server keeps a digest of it.",
        querystring: NoQuery,
        body: CreateTokenBody,
        response: { 201: CreatedTokenBody, ...errorResponses() },
      },
    },
    (request, reply): CreatedTokenBody => {
      const { name, scopes, expires_at: expiresAt } = request.body;
      const wanted = { name, grants: scopes, expiresAtMs: expiresAt === undefined ? null : parseTime(expiresAt) };
      const { token, text } = context.apiTokens.create(wanted, authorityOf(request));
      request.log.info({ token_id: token.id, scopes: token.grants }, "token.created");
      void reply.code(201).header("cache-control", "no-store");
      return { ...tokenBody(token), token: text };
    },
  );
}

function registerList(app: Api, context: ApiContext): void {
  app.get(
    "/tokens",
    {
      config: { scope: "token:read" },
      schema: {
        operationId: "listTokens",
        tags: ["tokens"],
        summary: "List bearer tokens",
        description: "Without their secrets. Those that ended are listed for a month.",
        querystring: NoQuery,
        response: {
          200: Type.Array(TokenBody, { description: "All tokens but the server's own, oldest first." }),
          ...errorResponses(),
        },
      },
    },
    () => context.apiTokens.list().map(tokenBody),
  );
}

function registerRevoke(app: Api, context: ApiContext): void {
  app.delete(
    "/tokens/:id",
    {
      config: { scope: "token:write" },
      schema: {
        operationId: "revokeToken",
        tags: ["tokens"],
        summary: "Revoke a bearer token",
        description:
          "From now on it opens nothing, and what streams under it is ended. Tokens that were made with it stay. Revoking twice is no error.",
        params: TokenParams,
        querystring: NoQuery,
        response: {
          204: Type.Null({ description: "It is revoked." }),
          ...errorResponses("not_found", "ambiguous"),
        },
      },
    },
    (request, reply): null => {
      const { id } = context.apiTokens.revoke(request.params.id, authorityOf(request));
      request.log.info({ token_id: id }, "token.revoked");
      void reply.code(204);
      return null;
    },
  );
}

function authorityOf({ authority }: FastifyRequest): Authority {
  assert(authority !== null, "a route with a scope runs under an authority");
  return authority;
}

function parseTime(text: string): number {
  const ms = Date.parse(text);
  if (Number.isFinite(ms)) return ms;
  throw new OperatingError("invalid_request", '"expires_at" must be a time that exists, such as 2030-01-31T12:00:00Z.');
}

function tokenBody(token: ApiToken): TokenBody {
  return {
    id: token.id,
    name: token.name,
    scopes: [...token.grants],
    created_by: token.createdBy,
    created_at: new Date(token.createdAtMs).toISOString(),
    expires_at: isoOrNull(token.expiresAtMs),
    last_used_at: isoOrNull(token.lastUsedAtMs),
    revoked_at: isoOrNull(token.revokedAtMs),
  };
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
