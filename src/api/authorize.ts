/**
 * What every request passes before anything of it is read:
 *
 *     public ──────────────────────────► limit of its address ─► handler
 *     else ─► bearer token? ── no, or refused ─► limit of failures of its address ─► 401
 *                  │ yes
 *                  └─► limit of its caller ─► has the scope? ── no ─► 403
 *                                                 └ yes ─► handler
 *
 * A good token always passes the limit of failures: whoever guesses from the same address cannot lock its owner out, and a guess of 256 bits is hopeless anyway.
 */
import rateLimit from "@fastify/rate-limit";
import type { FastifyReply, FastifyRequest } from "fastify";
import { whereTheTokenIs, type Authenticate } from "../auth/authenticator.ts";
import type { Authority } from "../auth/authority.ts";
import { allows } from "../auth/scopes.ts";
import { OperatingError } from "../errors.ts";
import { assert } from "../lib/assert.ts";
import type { Api } from "./context.ts";
import type { RequestLimits } from "./request-limits.ts";

type Limit = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** Lets only requests pass that may be made. To be called before any route is registered. */
export async function authorizeRequests(app: Api, authenticate: Authenticate, limits: RequestLimits): Promise<void> {
  app.decorateRequest("caller", null);
  app.decorateRequest("authority", null);
  await app.register(rateLimit, { global: false });
  const limitCaller = makeLimit(app, limits.requestsPerMinute, "requests");
  const limitFailures = makeLimit(app, limits.authFailuresPerMinute, "refused tokens");
  app.addHook("onRequest", async (request, reply) => {
    const { scope, unlimited } = request.is404 ? {} : request.routeOptions.config;
    if (scope === "public") {
      if (unlimited !== true) await limitCaller(request, reply);
      return;
    }
    const authority = await authenticated(request, authenticate).catch(async (failure: unknown) => {
      if (failure instanceof OperatingError) await limitFailures(request, reply);
      throw failure;
    });
    request.authority = authority;
    request.caller = authority.caller;
    await limitCaller(request, reply);
    if (request.is404) return;
    assert(scope !== undefined, "a registered route has a scope");
    if (!allows(authority.grants, scope)) {
      throw new OperatingError("forbidden", `This call needs the scope ${scope}, which your token does not have.`, {
        details: { required_scope: scope },
      });
    }
  });
}

async function authenticated(request: FastifyRequest, authenticate: Authenticate): Promise<Authority> {
  const bearer = bearerOf(request.headers.authorization);
  if (bearer === null) {
    throw new OperatingError("unauthorized", `Send the header Authorization: Bearer TOKEN; ${whereTheTokenIs}.`);
  }
  return await authenticate(bearer);
}

function bearerOf(header: string | undefined): string | null {
  return /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1] ?? null;
}

/** A count for each caller, or, before it is known, each address; of an IPv6 address its /64, which one host may have whole. */
function makeLimit(app: Api, perMinute: number, what: string): Limit {
  if (perMinute === 0) return () => Promise.resolve();
  const byAddress = app.createRateLimit({ max: perMinute, timeWindow: 60_000 });
  const byCaller = app.createRateLimit({
    max: perMinute,
    timeWindow: 60_000,
    keyGenerator: ({ caller }) => caller?.id ?? "",
  });
  return async (request, reply) => {
    const count = await (request.caller === null ? byAddress : byCaller)(request);
    if (count.isAllowed || !count.isExceeded) return;
    const seconds = Math.max(1, count.ttlInSeconds);
    reply.header("retry-after", String(seconds));
    throw new OperatingError(
      "rate_limited",
      `There were more than ${String(perMinute)} ${what} within a minute; ask again in ${String(seconds)} s.`,
      { details: { retry_after_s: seconds } },
    );
  };
}
