import swaggerUi from "@fastify/swagger-ui";
import websocket from "@fastify/websocket";
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { OperatingError } from "../errors.ts";
import { makeAuthenticator } from "../auth/authenticator.ts";
import { authorizeRequests } from "./authorize.ts";
import { familyOf } from "./call-subject.ts";
import type { Api, ApiContext, ApiDependencies } from "./context.ts";
import { endWithAuthority } from "./end-with-authority.ts";
import { handleError } from "./errors.ts";
import { parseJsonBody } from "./json-body.ts";
import { describeApi } from "./openapi.ts";
import { parseQueryString } from "./query-string.ts";
import { defaultLimits } from "./request-limits.ts";
import { requestIdOf } from "./request-id.ts";
import { recordOperations } from "./record-operations.ts";
import { registerRoutes } from "./routes/register-routes.ts";
import { watchSilentConnections } from "./silent-connections.ts";

export type { ApiDependencies } from "./context.ts";

/** So long a connection may take to become a TLS one; Node's own two minutes would hold up a closing server. */
const handshakeMs = 10_000;

/** The largest WebSocket message that is read, in bytes. */
const largestMessageBytes = 1 << 20;

/**
 * The whole application, not yet listening. Closing it ends its streams, waits and WebSockets, so that the close does not
 * wait for them; the domain is closed by whoever composed it.
 */
export async function buildApp(deps: ApiDependencies): Promise<FastifyInstance> {
  const closing = new AbortController();
  const app = createServer(deps, closing.signal);
  readBodies(app);
  app.setErrorHandler(handleError(closing.signal));
  app.setNotFoundHandler(refuseUnknownRoute);
  const context: ApiContext = {
    domain: deps.domain,
    apiTokens: deps.apiTokens,
    metrics: deps.metrics,
    version: deps.version,
    closing: closing.signal,
  };
  recordOperations(app, context);
  addHooks(app, closing.signal);
  const endSilentConnections = watchSilentConnections(app.server);
  app.addHook("preClose", (done) => {
    endSilentConnections();
    done();
  });
  const authenticate = makeAuthenticator({ ...deps, jwtSecret: deps.jwtSecret ?? null });
  // First, so that its hooks know an upgrade that the next ones refuse: they end its connection.
  await registerWebSockets(app, closing);
  await authorizeRequests(app, authenticate, deps.limits ?? defaultLimits);
  refuseMisplacedUpgrades(app);
  endWithAuthority(app);
  await describeApi(app);
  await registerDocumentation(app);
  await registerRoutes(app, context);
  await app.ready();
  return app;
}

function createServer(deps: ApiDependencies, closing: AbortSignal): Api {
  const loggerInstance: FastifyBaseLogger = deps.log;
  const options = {
    loggerInstance,
    // The framework's own lines carry URLs and error texts; ours, below, carry neither.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "requestId" }),
    genReqId: requestIdOf,
    bodyLimit: deps.bodyLimitBytes,
    exposeHeadRoutes: false,
    // A call that comes while the server closes is answered like any other, in our own form.
    return503OnClosing: false,
    // An image's name is the longest parameter of a path.
    routerOptions: { querystringParser: parseQueryString, maxParamLength: 512 },
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      handleError(closing)(error, request, reply);
    },
    clientErrorHandler: refuseBadHttp,
  };
  const tls = deps.tls ?? null;
  if (tls === null) return Fastify(options);
  // TLS 1.2 is Node's least (tls.DEFAULT_MIN_VERSION). To a route the two servers are the same.
  const https = { cert: tls.cert, key: tls.key, handshakeTimeout: handshakeMs };
  return Fastify({ ...options, https });
}

/** JSON and nothing else: the built-in parsers quote the body in their errors. */
function readBodies(app: Api): void {
  app.removeAllContentTypeParsers();
  app.decorateRequest("bodyText", null);
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    try {
      done(null, parseJsonBody(request, body as Buffer));
    } catch (failure) {
      done(failure as Error);
    }
  });
}

function addHooks(app: Api, closing: AbortSignal): void {
  app.decorateReply("errorCode", null);
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id);
    done();
  });
  app.addHook("onSend", (_request, reply, _payload, done) => {
    // A connection kept alive would hold up the close until it times out.
    if (closing.aborted) reply.header("connection", "close");
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    logAnswer(request, reply);
    done();
  });
}

/** What the reference in a path is one of. */
const kinds: Readonly<Record<string, string>> = {
  instances: "instance",
  snapshots: "snapshot",
  images: "image",
  volumes: "volume",
  tokens: "token",
};

/** One line for each call: the route's pattern and whom it is about, never the query, a header, the body or an error's text. */
function logAnswer(request: FastifyRequest, reply: FastifyReply): void {
  const params = request.params as { id?: unknown; name?: unknown } | undefined;
  const reference = request.is404 ? undefined : (params?.id ?? params?.name);
  request.log.info(
    {
      method: request.method,
      route: request.routeOptions.url ?? null,
      ...(typeof reference === "string" ? { [kinds[familyOf(request)] ?? "id"]: reference } : {}),
      caller: request.caller?.id,
      status: reply.statusCode,
      code: reply.errorCode ?? undefined,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
    },
    "http.answered",
  );
}

async function registerWebSockets(app: Api, closing: AbortController): Promise<void> {
  await app.register(websocket, {
    options: { maxPayload: largestMessageBytes },
    errorHandler: endBrokenSocket,
    // Each open socket hears the signal and says goodbye itself; the plugin's own close gives clients no reason.
    preClose: (done) => {
      closing.abort();
      app.websocketServer.close();
      done();
    },
  });
}

function refuseMisplacedUpgrades(app: Api): void {
  app.addHook("onRequest", (request, _reply, done) => {
    const isMisplaced = request.ws && !request.is404 && request.routeOptions.config.upgrade !== true;
    done(
      isMisplaced
        ? new OperatingError("invalid_request", "This call is no WebSocket; leave out the header Upgrade.")
        : undefined,
    );
  });
}

function refuseUnknownRoute(request: FastifyRequest): never {
  throw new OperatingError(
    "not_found",
    `There is no such ${request.method} call; GET /spec.json and /docs describe all.`,
  );
}

/**
 * What a browser may load for the page (Content Security Policy Level 3): files of this server, and answers to the calls that are tried. The plugin's own policy
 * has browsers ask for TLS where a server on a network of its own has none (`upgrade-insecure-requests`): the page stayed empty.
 */
const pagePolicy = {
  "default-src": "'self'",
  "base-uri": "'self'",
  "font-src": "'self' data:",
  "frame-ancestors": "'self'",
  "img-src": "'self' data:",
  "object-src": "'none'",
  "script-src": "'self'",
  "script-src-attr": "'none'",
  "style-src": "'self'",
};

/** The document and a page to browse it, from this server alone. */
async function registerDocumentation(app: Api): Promise<void> {
  app.get("/spec.json", { config: { scope: "public" }, schema: { hide: true } }, () => app.swagger());
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: pagePolicy,
    theme: { title: "Ramet API" },
    // The page's badge would otherwise ask a public validator.
    uiConfig: { validatorUrl: null, persistAuthorization: false },
  });
}

/** What is not even HTTP (Node's `clientError`): answered by hand, because no reply object exists yet. */
function refuseBadHttp(error: Error & { code?: string }, socket: Duplex): void {
  const isNoTls = error.code?.startsWith("ERR_SSL_") === true;
  if (error.code === "ECONNRESET" || isNoTls || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = error.code === "HPE_HEADER_OVERFLOW" ? 431 : 400;
  const body = JSON.stringify({ code: "invalid_request", message: "This is not a well-formed HTTP request." });
  const head = `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ""}\r\nContent-Type: application/json; charset=utf-8\r\nConnection: close\r\n`;
  socket.end(`${head}Content-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`);
}

/** A client's broken frame or connection: `ws` has closed it, or does so now; its exec ends by the close. */
function endBrokenSocket(error: Error, socket: { terminate(): void }, request: FastifyRequest): void {
  request.log.info({ code: "code" in error ? error.code : error.name }, "websocket.broken");
  socket.terminate();
}
