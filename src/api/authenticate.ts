import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { OperatingError } from "../errors.ts";

/**
 * Makes the hook that lets only callers with the bearer token pass (RFC 6750). Digests are compared, not the tokens,
 * so that neither a difference's place nor the length shows in the time that it takes.
 */
export function authenticate(token: string): (request: FastifyRequest) => Promise<void> {
  const expected = digestOf(token);
  return (request) => {
    const given = bearerOf(request.headers.authorization);
    if (given !== null && timingSafeEqual(digestOf(given), expected)) return Promise.resolve();
    return Promise.reject(new OperatingError("unauthorized", sentenceFor(given)));
  };
}

function bearerOf(header: string | undefined): string | null {
  return /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1] ?? null;
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

function sentenceFor(given: string | null): string {
  const where = "the token is in the file `token` of the server's data directory";
  return given === null
    ? `Send the header Authorization: Bearer TOKEN; ${where}.`
    : `This bearer token is not the server's; ${where}.`;
}
