/**
 * What stays open after it was allowed ends when the authority for it does: a body that is streamed, and a WebSocket. Both are watched here, for all
 * routes, so that no route can forget it.
 */
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { WebSocket } from "@fastify/websocket";
import type { Authority } from "../auth/authority.ts";
import type { Api } from "./context.ts";

/** WebSocket close code 1008: "violates its policy" (RFC 6455, section 7.4.1). */
const policyViolation = 1008;
/** So long a client may take to read why; nothing it sends is read any more. */
const farewellMs = 1_000;

/** To be called after the WebSockets are registered. */
export function endWithAuthority(app: Api): void {
  const authorities = new WeakMap<IncomingMessage, Authority>();
  app.addHook("onRequest", (request, _reply, done) => {
    if (request.ws && request.authority !== null) authorities.set(request.raw, request.authority);
    done();
  });
  app.addHook("onSend", (request, reply, payload, done) => {
    if (payload instanceof Readable && request.authority !== null) endStream(request, reply, request.authority);
    done();
  });
  app.websocketServer.on("connection", (socket, raw) => {
    const authority = authorities.get(raw);
    if (authority !== undefined) endSocket(socket, authority);
  });
}

/** The connection breaks, so that what was cut does not look whole. */
function endStream(request: FastifyRequest, reply: FastifyReply, authority: Authority): void {
  const forget = authority.onEnd(() => {
    request.log.info("auth.stream_ended");
    reply.raw.destroy();
  });
  reply.raw.once("close", forget);
}

function endSocket(socket: WebSocket, authority: Authority): void {
  const forget = authority.onEnd(() => {
    socket.close(policyViolation, "the bearer token is over");
    socket.pause();
    setTimeout(() => {
      socket.terminate();
    }, farewellMs).unref();
  });
  socket.once("close", forget);
}
