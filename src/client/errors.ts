import type { Instance } from "./shapes.ts";

/** The server refused or failed: its own code and sentence. */
export class RametApiError extends Error {
  override readonly name = "RametApiError";
  /** As in the error reference, such as `not_found` or `ack_timeout`. */
  readonly code: string;
  /** The HTTP status. */
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  /** Finds the request in the server's log. */
  readonly requestId: string | undefined;

  constructor(facts: {
    code: string;
    status: number;
    message: string;
    details?: Readonly<Record<string, unknown>> | undefined;
    requestId?: string | undefined;
  }) {
    super(facts.message);
    this.code = facts.code;
    this.status = facts.status;
    this.details = facts.details;
    this.requestId = facts.requestId;
  }
}

/** No server was reached, or the connection broke before the answer was complete. */
export class RametConnectionError extends Error {
  override readonly name = "RametConnectionError";
  readonly code = "unreachable";
}

/** Something answered, but not as a Ramet server does: a proxy, another program on that port, another version. */
export class RametAnswerError extends Error {
  override readonly name = "RametAnswerError";
  readonly code = "bad_answer";
}

/** What says where the server is makes no sense: a URL that is none, a file that cannot be read. */
export class RametSettingsError extends Error {
  override readonly name = "RametSettingsError";
  readonly code = "settings";
}

/** An instance did not come into the state that was waited for. */
export class RametStateError extends Error {
  override readonly name = "RametStateError";
  /** `timeout`: the time is over. `not_reached`: it came to rest in another state. */
  readonly code: "timeout" | "not_reached";
  readonly instance: Instance;

  constructor(code: "timeout" | "not_reached", message: string, instance: Instance) {
    super(message);
    this.code = code;
    this.instance = instance;
  }
}

/** A file could not be copied into or out of a guest. */
export class RametCopyError extends Error {
  override readonly name = "RametCopyError";
  readonly code = "copy_failed";
  /** In the guest. */
  readonly path: string;

  constructor(message: string, path: string) {
    super(path === "" ? message : `${path}: ${message}`);
    this.path = path;
  }
}

const kinds = [
  RametApiError,
  RametConnectionError,
  RametAnswerError,
  RametSettingsError,
  RametStateError,
  RametCopyError,
] as const;

export type RametError = InstanceType<(typeof kinds)[number]>;

/** Whether the client itself threw it: each has a `code` and a sentence for people. */
export function isRametError(error: unknown): error is RametError {
  return kinds.some((kind) => error instanceof kind);
}

const ofNoKnownAuthority =
  "is of no authority that is trusted here: name the file of its authority in RAMET_CA_FILE, or give it to the client as ca";

/** By the codes of Node and OpenSSL (nodejs.org/api/tls.html, "X509 certificate error codes"). */
const certificateComplaints: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: ofNoKnownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: ofNoKnownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: ofNoKnownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ofNoKnownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ofNoKnownAuthority,
  CERT_HAS_EXPIRED: "has expired: the server needs a new one",
  ERR_TLS_CERT_ALTNAME_INVALID: "is for another name: give the URL with the name that it is for, in RAMET_URL",
};

/** A connection error that says what to do: the first thing is to start the server. */
export function connectionError(baseUrl: string, cause: unknown): RametConnectionError {
  const code = systemCodeOf(cause);
  const untrusted = certificateComplaints[code ?? ""];
  if (untrusted !== undefined)
    return new RametConnectionError(`the certificate of ${baseUrl} ${untrusted} (${code ?? ""})`, { cause });
  const what =
    code === "ECONNREFUSED"
      ? `no server listens at ${baseUrl}; start the server with: ./ramet serve`
      : `cannot talk to the server at ${baseUrl}${code === undefined ? "" : ` (${code})`}; is it running? start it with: ./ramet serve`;
  return new RametConnectionError(what, { cause });
}

/**
 * The error that an answer with a failing status stands for. `text` is the answer's body.
 * A body that is not `{code, message}` becomes a RametAnswerError with the status: it may be a page of somebody's proxy, so it is not quoted.
 */
export function errorOfAnswer(
  status: number,
  text: string,
  requestId: string | undefined,
): RametApiError | RametAnswerError {
  const body = objectOf(text);
  const { code, message, details } = body ?? {};
  if (typeof code !== "string" || typeof message !== "string") {
    return new RametAnswerError(
      `HTTP status ${status} without an error that a Ramet server would send: is the URL right?`,
    );
  }
  return new RametApiError({ code, status, message, details: isObject(details) ? details : undefined, requestId });
}

function systemCodeOf(cause: unknown): string | undefined {
  for (let error = cause; error instanceof Error; error = error.cause) {
    const code: unknown = "code" in error ? error.code : undefined;
    if (typeof code === "string") return code;
    // Happy-eyeballs connects fail with one error for each address.
    if (error instanceof AggregateError) return systemCodeOf(error.errors[0]);
  }
  return undefined;
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
