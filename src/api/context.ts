import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { Logger } from "pino";
import type { ForkDependencies } from "../domain/forks/dependencies.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { ErrorCode } from "../errors.ts";

/** What the application is composed from. */
export interface ApiDependencies {
  readonly domain: ForkDependencies;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** The bearer token that every call but the public ones must carry. */
  readonly token: string;
  /** The server's own version, as `GET /capabilities` shows it. */
  readonly version: string;
  readonly bodyLimitBytes: number;
}

/** What a route may use. */
export interface ApiContext {
  readonly domain: ForkDependencies;
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
  }
  interface FastifyReply {
    /** The code of the error that was answered, for the log line of the request. */
    errorCode: ErrorCode | null;
  }
  interface FastifyContextConfig {
    /** True for a route that may be opened as a WebSocket. */
    upgrade?: boolean;
  }
}
