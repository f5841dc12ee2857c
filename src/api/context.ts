import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { Logger } from "pino";
import type { ForkDependencies } from "../domain/forks/dependencies.ts";
import type { ApiTokens } from "../auth/api-tokens.ts";
import type { Authority, Caller } from "../auth/authority.ts";
import type { Scope } from "../auth/scopes.ts";
import type { ResourceDependencies } from "../domain/resources/describe-resources.ts";
import type { ScheduleDependencies } from "../domain/schedules/dependencies.ts";
import type { ServedCall } from "./served-call.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { ErrorCode } from "../errors.ts";
import type { RequestLimits } from "./request-limits.ts";

/** All that the domain's verbs work with. */
export interface Domain extends ForkDependencies, ScheduleDependencies, ResourceDependencies {}

/** What the application is composed from. */
export interface ApiDependencies {
  readonly domain: Domain;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** The server's own bearer token, which may do everything. */
  readonly token: string;
  readonly apiTokens: ApiTokens;
  /** Null or absent: no JWT is accepted. */
  readonly jwtSecret?: Uint8Array | null;
  readonly limits?: RequestLimits;
  /** PEM texts. Null or absent: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | null;
  /** The server's own version, as `GET /capabilities` shows it. */
  readonly version: string;
  readonly bodyLimitBytes: number;
}

/** What a route may use. */
export interface ApiContext {
  readonly apiTokens: ApiTokens;
  readonly domain: Domain;
  readonly metrics: Metrics;
  readonly version: string;
  /** Aborted when the server begins to close: streams and waits end then. */
  readonly closing: AbortSignal;
}

/** A Fastify instance whose handlers know the types of their schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

declare module "fastify" {
  interface FastifyRequest {
    /** The body's own text, so that parts of it can go through verbatim. Null when there was none. */
    bodyText: string | null;
    /** Who asks. Null on a public route. */
    caller: Caller | null;
    /** What lets them. Null on a public route. */
    authority: Authority | null;
    /** What is noted of this call; null before the first hook. */
    served: ServedCall | null;
  }
  interface FastifyReply {
    /** The code of the error that was answered, for the log line of the request. */
    errorCode: ErrorCode | null;
  }
  interface FastifyContextConfig {
    /** True for a route that may be opened as a WebSocket. */
    upgrade?: boolean;
    /** What a caller must be allowed to do; "public": nobody is asked. A route without it cannot be registered. */
    scope?: Scope | "public";
    /** True for a public route that is answered however often it is asked. */
    unlimited?: boolean;
  }
}
