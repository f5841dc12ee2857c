import type { FastifyReply } from "fastify";
import { LinkedAbort } from "../lib/linked-abort.ts";

/**
 * A signal that is aborted when the caller leaves before its answer was sent, or when the server begins to close.
 * For calls whose work must be undone, or ended, when nobody waits for it any more.
 */
export function clientSignal(reply: FastifyReply, closing: AbortSignal): AbortSignal {
  const left = new LinkedAbort(closing);
  // The response's close is the connection's end; the request's own close may come as soon as its body was read.
  reply.raw.once("close", () => {
    left[Symbol.dispose]();
    if (!reply.raw.writableFinished) left.abort();
  });
  if (reply.raw.destroyed) {
    left[Symbol.dispose]();
    left.abort();
  }
  return left.signal;
}
