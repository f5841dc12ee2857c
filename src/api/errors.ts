import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { OperatingError } from "../errors.ts";
import type { ErrorBody } from "./schemas/error.ts";
import { statusOfCode } from "./status-of-code.ts";

/** An error as it is answered. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorBody;
  /** True when this was our own fault, so that the cause belongs in the log. */
  readonly unexpected: boolean;
}

/**
 * Turns whatever was thrown into an answer. An OperatingError speaks for itself; what Fastify refuses before a handler
 * runs becomes `invalid_request` with a sentence of ours; anything else says nothing of its cause to the caller.
 */
export function answerOf(error: unknown, requestId: string, isClosing: boolean): ErrorAnswer {
  if (error instanceof OperatingError) return operatingAnswer(error);
  const refused = refusalOf(error);
  if (refused !== null) return refused;
  if (isAbort(error)) return abortedAnswer(requestId, isClosing);
  if (isDiskFull(error)) return diskFullAnswer();
  const message = `The server failed in a way that it should not; its log has the cause under request id ${requestId}.`;
  return { status: statusOfCode.internal_error, body: { code: "internal_error", message }, unexpected: true };
}

/** Whether an error only says that its signal was aborted (DOM standard, `AbortController.abort()`). */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

/** The one error handler of the application. Texts that are not made for callers go to the log and nowhere else. */
export function handleError(closing: AbortSignal) {
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void => {
    const answer = answerOf(error, request.id, closing.aborted);
    if (answer.unexpected) request.log.error({ err: error }, "http.failed");
    reply.errorCode = answer.body.code;
    if (answer.status === 401) reply.header("www-authenticate", "Bearer");
    reply.header("x-should-retry", String(mayGoAway(answer)));
    void reply.code(answer.status).type("application/json; charset=utf-8").send(answer.body);
  };
}

/**
 * Whether the same call may succeed if it is simply made again: clients that retry by themselves (Hypeman's among them) heed the header
 * `x-should-retry`, and would otherwise repeat every 409 and 5xx.
 */
function mayGoAway({ status, body }: ErrorAnswer): boolean {
  return status === 429 || body.code === "instance_busy" || body.code === "registry_unreachable";
}

/** ENOSPC and EDQUOT (errno(3)), also among the failures of an undo. */
function isDiskFull(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isDiskFull);
  return error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
}

function diskFullAnswer(): ErrorAnswer {
  const message = "The disk of the data directory is full: delete instances, or give it more space.";
  const code = "insufficient_resources";
  return { status: statusOfCode[code], body: { code, message }, unexpected: true };
}

function operatingAnswer(error: OperatingError): ErrorAnswer {
  const { code, message, details } = error;
  const body: ErrorBody = details === undefined ? { code, message } : { code, message, details: { ...details } };
  return { status: statusOfCode[code], body, unexpected: code === "internal_error" };
}

/** Fastify's own refusals, by their codes (fastify.dev, "Errors"). Their texts are replaced: some quote the input. */
const refusals: Readonly<Record<string, { status: number; message: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    status: 413,
    message: "The body is larger than this server accepts; send less in one call.",
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    message: "Send the body as JSON, with the header Content-Type: application/json.",
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    message: "The body's length differs from its Content-Length header.",
  },
  FST_ERR_BAD_URL: { status: 400, message: "The URL is not well encoded; percent-encode it as UTF-8 (RFC 3986)." },
  FST_ERR_MAX_PARAM_LENGTH: { status: 404, message: "Nothing has a name or id of that length." },
};

function refusalOf(error: unknown): ErrorAnswer | null {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return null;
  const known = refusals[error.code];
  if (known !== undefined) {
    const code = known.status === 404 ? "not_found" : "invalid_request";
    return { status: known.status, body: { code, message: known.message }, unexpected: false };
  }
  const isClientFault = error.code.startsWith("FST_") && "statusCode" in error && isClientStatus(error.statusCode);
  if (!isClientFault) return null;
  const message = "The request could not be read; compare it with the description at /spec.json.";
  return { status: 400, body: { code: "invalid_request", message }, unexpected: false };
}

function isClientStatus(status: unknown): boolean {
  return typeof status === "number" && status >= 400 && status < 500;
}

/** Either the caller has left, and nobody reads this, or the server is closing. */
function abortedAnswer(requestId: string, isClosing: boolean): ErrorAnswer {
  const message = isClosing
    ? "The server is shutting down and did not finish this call; ask again when it is back."
    : `The call was given up because its connection ended (request id ${requestId}).`;
  return { status: statusOfCode.internal_error, body: { code: "internal_error", message }, unexpected: false };
}
