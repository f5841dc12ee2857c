import type { FastifyRequest } from "fastify";

/** Hook before validation: a body that was left out means one without fields. */
export function acceptNoBody(request: FastifyRequest): Promise<void> {
  if (request.body === undefined) request.body = {};
  return Promise.resolve();
}
