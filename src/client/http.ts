import createClient, { type Middleware } from "openapi-fetch";
import { connectionError, errorOfAnswer, isRametError, RametAnswerError, RametApiError } from "./errors.ts";
import type { paths } from "./generated.ts";
import { encodeJson } from "./raw-json.ts";
import type { JsonOf, Success } from "./shapes.ts";
import type { Trust } from "./trust.ts";

/** Where the server is and how to speak to it. */
export interface Connection {
  readonly baseUrl: string;
  readonly token: string | undefined;
  readonly fetch: typeof fetch;
  /** When it is more than what the process trusts. */
  readonly trust?: Trust | undefined;
}

type Method = "get" | "put" | "post" | "patch" | "delete";

/** The paths that have a method. */
type PathWith<M extends Method> = {
  [Path in keyof paths]: paths[Path] extends Readonly<Record<M, { readonly responses: object }>> ? Path : never;
}[keyof paths];

type Parameters<Operation> = Operation extends { readonly parameters: infer Given }
  ? Given extends { readonly path: object }
    ? { readonly params: Given }
    : { readonly params?: Given }
  : never;

type Body<Operation> = Operation extends { readonly requestBody: infer Given }
  ? { readonly body: JsonOf<Given> }
  : Operation extends { readonly requestBody?: infer Given }
    ? { readonly body?: JsonOf<NonNullable<Given>> }
    : unknown;

type Init<Operation> = Parameters<Operation> &
  Body<Operation> & { readonly signal: AbortSignal | null; readonly headers?: Readonly<Record<string, string>> };

/** What openapi-fetch resolves to. */
interface Outcome<Data> {
  readonly data?: Data;
  readonly response: Response;
}

type Call<M extends Method> = <Path extends PathWith<M>>(
  path: Path,
  init: Init<paths[Path][M]>,
) => Promise<Outcome<Success<paths[Path][M]>>>;

/**
 * The API's paths, typed by its description. A refusal is thrown, so an answer is always the success. The library's own type for this
 * makes objects of readonly arrays (its 0.17), which is why it is not used.
 */
export interface Api {
  readonly GET: Call<"get">;
  readonly PUT: Call<"put">;
  readonly POST: Call<"post">;
  readonly PATCH: Call<"patch">;
  readonly DELETE: Call<"delete">;
}

/** The calls of a server, each with our token, our JSON and our errors. */
export function apiOver(connection: Connection): Api {
  return clientOver(connection) as unknown as Api;
}

/** The body of a stream of server-sent events, unread. */
export async function openStream<Path extends PathWith<"get">>(
  connection: Connection,
  path: Path,
  init: Init<paths[Path]["get"]>,
): Promise<ReadableStream<Uint8Array>> {
  const headers = { accept: "text/event-stream", ...init.headers };
  const get = clientOver(connection).GET as (
    path: Path,
    init: object,
  ) => Promise<Outcome<ReadableStream<Uint8Array<ArrayBuffer>>>>;
  const signal = init.signal ?? undefined;
  const stream = await answerTo(connection, signal, () => get(path, { ...init, headers, parseAs: "stream" }));
  // Node's fetch holds a request's signal weakly: once the request is collected, an abort would no longer reach the body.
  return signal === undefined ? stream : stream.pipeThrough(new TransformStream(), { signal });
}

/** Sends an archive as it is read, so that none is held in memory. */
export function postArchive<Answer>(
  connection: Connection,
  path: "/volumes/from-archive",
  query: Readonly<Record<string, unknown>>,
  archive: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<NonNullable<Answer>> {
  const post = clientOver(connection).POST as unknown as (path: string, init: object) => Promise<Outcome<Answer>>;
  const init = {
    params: { query },
    body: archive,
    bodySerializer: (body: ReadableStream<Uint8Array>) => body,
    headers: { "content-type": "application/gzip" },
    // A body that is a stream is sent before the answer is read (Fetch standard, "half").
    duplex: "half",
    signal: signal ?? null,
  };
  return answerTo(connection, signal, () => post(path, init));
}

function clientOver(connection: Connection): ReturnType<typeof createClient<paths>> {
  const client = createClient<paths>({
    baseUrl: connection.baseUrl,
    fetch: (request) => connection.fetch(request),
    ...(connection.trust === undefined ? {} : { Request: connection.trust.Request }),
    bodySerializer: encodeJson,
    querySerializer: writeQuery,
  });
  client.use(manners(connection));
  return client;
}

function manners({ token }: Connection): Middleware {
  return {
    onRequest: ({ request, params }) => {
      for (const reference of Object.values(params.path ?? {})) refuseDots(String(reference));
      if (!request.headers.has("accept")) request.headers.set("accept", "application/json");
      if (token !== undefined) request.headers.set("authorization", `Bearer ${token}`);
      return request;
    },
    onResponse: async ({ response }) => {
      if (response.ok) return undefined;
      const requestId = response.headers.get("x-request-id") ?? undefined;
      throw errorOfAnswer(response.status, await response.text(), requestId);
    },
  };
}

/** In a URL these are other paths, escaped or not (WHATWG URL, "double-dot path segment"); nothing has such a name. */
export function refuseDots(reference: string): void {
  if (["", ".", ".."].includes(reference))
    throw new RametApiError({ code: "not_found", status: 404, message: `nothing is called "${reference}"` });
}

type Plain = string | number | boolean;
type QueryValue = Plain | readonly Plain[] | Readonly<Record<string, Plain>> | undefined;

/** A key with several values is repeated, an object becomes `key[member]`, and what is undefined is left out. */
function writeQuery(query: Readonly<Record<string, unknown>>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query as Readonly<Record<string, QueryValue>>)) {
    if (Array.isArray(value)) for (const each of value) search.append(key, String(each));
    else if (typeof value === "object")
      for (const [member, each] of Object.entries(value)) search.append(`${key}[${member}]`, String(each));
    else if (value !== undefined) search.append(key, String(value));
  }
  return search.toString();
}

/**
 * The answer of one call. The server is trusted to answer as its OpenAPI document says, beyond being JSON.
 * @throws RametApiError, RametConnectionError, RametAnswerError, or the signal's reason when it aborted.
 */
export async function answerTo<Data>(
  connection: Connection,
  signal: AbortSignal | undefined,
  call: () => Promise<Outcome<Data>>,
): Promise<NonNullable<Data>> {
  const { data } = await translateFailure(connection, signal, call);
  // An answer without a body is told by undefined.
  if (data === undefined || data === null) throw new RametAnswerError(notJson(connection));
  return data;
}

/** Makes an error of ours of a failed fetch, and of a failed read of its body, but leaves our own abort alone. */
export async function translateFailure<T>(
  connection: Connection,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    signal?.throwIfAborted();
    if (isRametError(error)) throw error;
    // The parser's own message quotes the answer, which may hold what must not be shown.
    if (error instanceof SyntaxError) throw new RametAnswerError(notJson(connection));
    throw connectionError(connection.baseUrl, error);
  }
}

function notJson({ baseUrl }: Connection): string {
  return `the answer is not JSON: is ${baseUrl} a Ramet server?`;
}

/** The URL of a path below the base, which may itself have a path. */
export function urlOf(connection: Connection, path: string): URL {
  return new URL(connection.baseUrl.replace(/\/+$/, "") + path);
}
