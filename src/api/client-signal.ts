import type { FastifyReply } from "fastify";

/**
 * A signal that is aborted when the caller leaves before its answer was sent, or when the server begins to close.
 * For calls whose work must be undone, or ended, when nobody waits for it any more.
 */
export function clientSignal(reply: FastifyReply, closing: AbortSignal): AbortSignal {
  const left = new AbortController();
  // The response's close is the connection's end; the request's own close may come as soon as its body was read.
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) left.abort();
  });
  if (reply.raw.destroyed) left.abort();
  return AbortSignal.any([left.signal, closing]);
}
