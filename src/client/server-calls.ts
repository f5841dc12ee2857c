import { followEvents } from "./events.ts";
import type { Api, Connection } from "./http.ts";
import { answerTo, apiOver, postArchive, translateFailure } from "./http.ts";
import type * as shapes from "./shapes.ts";
import type { Trust } from "./trust.ts";

/** Where the server is, as far as the caller says: what is left out is found as the command line finds it (docs/reference/cli.md). */
export interface RametOptions {
  /** Such as `http://127.0.0.1:7263`. Left out: RAMET_URL, or the server of the data directory. */
  readonly baseUrl?: string | undefined;
  /** The bearer token; null for none. Left out: RAMET_TOKEN, RAMET_TOKEN_FILE, or the data directory's. */
  readonly token?: string | null | undefined;
  /** The server's data directory, for its address and token. Left out: RAMET_DATA_DIR, or where this user's server keeps its data. */
  readonly dataDir?: string | undefined;
  /**
   * An authority to trust beside those of the system, or the server's own certificate: PEM text, or the path of a PEM file. For this client's
   * connections alone. Left out: the file of RAMET_CA_FILE.
   */
  readonly ca?: string | undefined;
  /** In place of `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** In place of the platform's own fetch. Then `ca` counts for exec and copies alone. */
  readonly fetch?: typeof fetch;
}

/** The calls about the server itself and what is not an instance's; RametCalls has the others. */
export class ServerCalls {
  readonly #options: RametOptions;
  #found: Promise<Reached> | undefined;

  constructor(options: RametOptions = {}) {
    this.#options = options;
  }

  health(signal?: AbortSignal): Promise<shapes.AnswerOf<"getHealth">> {
    return this.answer(signal, (api, init) => api.GET("/health", init));
  }

  capabilities(signal?: AbortSignal): Promise<shapes.ServerCapabilities> {
    return this.answer(signal, (api, init) => api.GET("/capabilities", init));
  }

  /** What the host has, and what instances take of it. */
  resources(signal?: AbortSignal): Promise<shapes.Resources> {
    return this.answer(signal, (api, init) => api.GET("/resources", init));
  }

  /** Who did what: one page, the newest first. */
  audit(filter: shapes.AuditFilter = {}, signal?: AbortSignal): Promise<shapes.AuditPage> {
    return this.answer(signal, (api, init) => api.GET("/audit", { ...init, params: { query: filter } }));
  }

  /** A bearer token that may do no more than this client's own. Its text is in the answer, and nowhere later. */
  createToken(body: shapes.CreateTokenBody, signal?: AbortSignal): Promise<shapes.CreatedToken> {
    return this.answer(signal, (api, init) => api.POST("/tokens", { ...init, body }));
  }

  tokens(signal?: AbortSignal): Promise<readonly shapes.Token[]> {
    return this.answer(signal, (api, init) => api.GET("/tokens", init));
  }

  /** Ends a token and what is open under it. */
  async revokeToken(reference: string, signal?: AbortSignal): Promise<void> {
    await this.done(signal, (api, init) => api.DELETE("/tokens/{id}", { ...init, params: about(reference) }));
  }

  /** Asks the server to pull an image; `status` tells how far it is. */
  pullImage(body: shapes.PullImageBody, signal?: AbortSignal): Promise<shapes.Image> {
    return this.answer(signal, (api, init) => api.POST("/images", { ...init, body }));
  }

  images(filter: shapes.TagFilter = {}, signal?: AbortSignal): Promise<readonly shapes.Image[]> {
    return this.answer(signal, (api, init) => api.GET("/images", { ...init, params: { query: filter } }));
  }

  image(name: string, signal?: AbortSignal): Promise<shapes.Image> {
    return this.answer(signal, (api, init) => api.GET("/images/{name}", { ...init, params: { path: { name } } }));
  }

  /** A further name for the same image; nothing is fetched or copied. */
  tagImage(name: string, target: string, signal?: AbortSignal): Promise<shapes.Image> {
    const params = { path: { name } };
    return this.answer(signal, (api, init) => api.POST("/images/{name}/tag", { ...init, params, body: { target } }));
  }

  async deleteImage(name: string, signal?: AbortSignal): Promise<void> {
    await this.done(signal, (api, init) => api.DELETE("/images/{name}", { ...init, params: { path: { name } } }));
  }

  createVolume(body: shapes.CreateVolumeBody, signal?: AbortSignal): Promise<shapes.Volume> {
    return this.answer(signal, (api, init) => api.POST("/volumes", { ...init, body }));
  }

  /** A volume that holds what a gzip-compressed tar archive does. */
  async createVolumeFromArchive(
    body: shapes.CreateVolumeBody,
    archive: ReadableStream<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<shapes.Volume> {
    const { connection } = await this.reach();
    return postArchive<shapes.Volume>(connection, "/volumes/from-archive", { ...body }, archive, signal);
  }

  volumes(filter: shapes.TagFilter = {}, signal?: AbortSignal): Promise<readonly shapes.Volume[]> {
    return this.answer(signal, (api, init) => api.GET("/volumes", { ...init, params: { query: filter } }));
  }

  volume(reference: string, signal?: AbortSignal): Promise<shapes.Volume> {
    return this.answer(signal, (api, init) => api.GET("/volumes/{id}", { ...init, params: about(reference) }));
  }

  async deleteVolume(reference: string, signal?: AbortSignal): Promise<void> {
    await this.done(signal, (api, init) => api.DELETE("/volumes/{id}", { ...init, params: about(reference) }));
  }

  /**
   * What happens on the server, as it happens, until the signal aborts. A connection that breaks is taken up again where it broke; a `gap`
   * says that events were missed meanwhile.
   * @throws RametConnectionError when the server is not reached, at first or after several attempts to take it up again.
   */
  async *events(options: shapes.EventOptions = {}): AsyncGenerator<shapes.RametEvent, void, void> {
    const { connection } = await this.reach();
    yield* followEvents(connection, options);
  }

  /** The answer of one call, or its failure as an error of ours. */
  protected async answer<Data>(
    signal: AbortSignal | undefined,
    call: (api: Api, init: { readonly signal: AbortSignal | null }) => Promise<{ data?: Data; response: Response }>,
  ): Promise<NonNullable<Data>> {
    const { connection, api } = await this.reach();
    return answerTo(connection, signal, () => call(api, { signal: signal ?? null }));
  }

  /** The same of a call that answers nothing. */
  protected async done(
    signal: AbortSignal | undefined,
    call: (api: Api, init: { readonly signal: AbortSignal | null }) => Promise<unknown>,
  ): Promise<void> {
    const { connection, api } = await this.reach();
    await translateFailure(connection, signal, () => call(api, { signal: signal ?? null }));
  }

  /** Where the server is; looked for until it is found. */
  protected reach(): Promise<Reached> {
    return (this.#found ??= reach(this.#options).catch((error: unknown) => {
      // The next call looks again: the file may be there by then.
      this.#found = undefined;
      throw error;
    }));
  }
}

export interface Reached {
  readonly connection: Connection;
  readonly api: Api;
}

async function reach(options: RametOptions): Promise<Reached> {
  const { url, token } = await locate(options);
  const trust = await trustOf(options, url);
  const connection = { baseUrl: url, token, fetch: options.fetch ?? trust?.fetch ?? fetch, trust };
  return { connection, api: apiOver(connection) };
}

/** Undefined: what the process trusts. */
async function trustOf(options: RametOptions, url: string): Promise<Trust | undefined> {
  const env = options.env ?? (typeof process === "undefined" ? {} : process.env);
  const ca = options.ca ?? env["RAMET_CA_FILE"];
  if (ca === undefined || ca === "" || !url.startsWith("https:")) return undefined;
  // Loaded when needed, for the same reason as below.
  const { trusting } = await import("./trust.ts");
  return await trusting(ca);
}

async function locate(options: RametOptions): Promise<{ readonly url: string; readonly token: string | undefined }> {
  const { baseUrl, token, dataDir } = options;
  if (baseUrl !== undefined && token !== undefined) return { url: baseUrl, token: token ?? undefined };
  // Loaded when needed: a browser has no files to look into, and says both.
  const { findServer } = await import("./find-server.ts");
  const found = await findServer({ url: baseUrl, dataDir }, options.env ?? process.env);
  return { url: found.url, token: token === undefined ? found.token : (token ?? undefined) };
}

/** The path of a call about one thing. */
export function about(reference: string): { readonly path: { readonly id: string } } {
  return { path: { id: reference } };
}
