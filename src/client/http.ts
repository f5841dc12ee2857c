import { connectionError, errorOfAnswer, RametAnswerError } from "./errors.ts";
import { encodeJson } from "./raw-json.ts";

/** Where the server is and how to speak to it. */
export interface Connection {
  readonly baseUrl: string;
  readonly token: string | undefined;
  readonly fetch: typeof fetch;
}

export interface CallOptions {
  /** A key with several values is repeated. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly accept?: string;
}

/**
 * One call that must succeed: the answer of a 2xx status, body unread.
 * @throws RametApiError, RametConnectionError, RametAnswerError, or the signal's reason when it aborted.
 */
export async function send(
  connection: Connection,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Response> {
  const response = await translateFailure(connection, options.signal, () =>
    connection.fetch(urlOf(connection, path, options.query), {
      method,
      headers: headersOf(connection, options),
      signal: options.signal ?? null,
      ...(options.body === undefined ? {} : { body: encodeJson(options.body) }),
    }),
  );
  if (response.ok) return response;
  const text = await translateFailure(connection, options.signal, () => response.text());
  throw errorOfAnswer(response.status, text, response.headers.get("x-request-id") ?? undefined);
}

/** The same, with the answer's JSON. The server is trusted to answer as its OpenAPI document says, beyond being JSON. */
export async function call<Answer>(
  connection: Connection,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  const response = await send(connection, method, path, options);
  const text = await translateFailure(connection, options.signal, () => response.text());
  try {
    return JSON.parse(text) as Answer;
  } catch {
    // The parser's own message quotes the answer, which may hold what must not be shown.
    throw new RametAnswerError(`the answer to ${method} ${path} is not JSON: is ${connection.baseUrl} a Ramet server?`);
  }
}

/** Makes a RametConnectionError of a failed fetch, and of a failed read of its body, but leaves our own abort alone. */
export async function translateFailure<T>(
  connection: Connection,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    signal?.throwIfAborted();
    throw connectionError(connection.baseUrl, error);
  }
}

/** The URL of a path below the base, which may itself have a path. */
export function urlOf(connection: Connection, path: string, query: CallOptions["query"] = {}): URL {
  const url = new URL(connection.baseUrl.replace(/\/+$/, "") + path);
  for (const [key, value] of Object.entries(query)) {
    if (typeof value === "object") for (const each of value) url.searchParams.append(key, each);
    else if (value !== undefined) url.searchParams.set(key, String(value));
  }
  return url;
}

function headersOf(connection: Connection, options: CallOptions): Record<string, string> {
  return {
    accept: options.accept ?? "application/json",
    ...(connection.token === undefined ? {} : { authorization: `Bearer ${connection.token}` }),
    ...(options.body === undefined ? {} : { "content-type": "application/json" }),
    ...options.headers,
  };
}
