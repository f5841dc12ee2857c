import type { ExecSession } from "./exec.ts";
import { errorOfAnswer, RametApiError, RametAnswerError } from "./errors.ts";
import { followEvents } from "./events.ts";
import type { Connection } from "./http.ts";
import { call, send, translateFailure } from "./http.ts";
import { readServerSentEvents } from "./sse.ts";
import type * as types from "./types.ts";

export interface RametClientOptions {
  /** Such as `http://127.0.0.1:7263`. */
  readonly baseUrl: string;
  /** The bearer token. Only health and the OpenAPI document do without. */
  readonly token?: string | undefined;
  /** In place of the platform's own fetch. */
  readonly fetch?: typeof fetch;
}

/**
 * A Ramet server's HTTP API. `reference` is an id, a name, or the unique beginning of an id.
 * Every call throws RametApiError when the server refuses, RametConnectionError when it is not reached, RametAnswerError when what
 * answers is not a Ramet server, and the signal's reason when the signal aborts.
 */
export class RametClient {
  readonly #connection: Connection;

  constructor(options: RametClientOptions) {
    this.#connection = { baseUrl: options.baseUrl, token: options.token, fetch: options.fetch ?? fetch };
  }

  get baseUrl(): string {
    return this.#connection.baseUrl;
  }

  health(signal?: AbortSignal): Promise<{ status: string }> {
    return this.#call("GET", "/health", undefined, signal);
  }

  capabilities(signal?: AbortSignal): Promise<types.ServerCapabilities> {
    return this.#call("GET", "/capabilities", undefined, signal);
  }

  /** The state is `Initializing` when it was started: wait for `Running` with `wait`. */
  create(body: types.CreateInstanceBody, signal?: AbortSignal): Promise<types.Instance> {
    return this.#call("POST", "/instances", body, signal);
  }

  list(filter: types.ListFilter = {}, signal?: AbortSignal): Promise<types.Instance[]> {
    const tags = Object.entries(filter.tags ?? {}).map(([key, value]) => [`tags[${key}]`, value] as const);
    const query = { state: filter.state, ...Object.fromEntries(tags) };
    return call(this.#connection, "GET", "/instances", { query, signal });
  }

  get(reference: string, signal?: AbortSignal): Promise<types.Instance> {
    return this.#call("GET", instancePath(reference), undefined, signal);
  }

  async delete(reference: string, signal?: AbortSignal): Promise<void> {
    const response = await send(this.#connection, "DELETE", instancePath(reference), { signal });
    await response.body?.cancel();
  }

  start(reference: string, overrides: types.StartOverrides = {}, signal?: AbortSignal): Promise<types.Instance> {
    return this.#call("POST", instancePath(reference, "start"), overrides, signal);
  }

  /** Asks the workload to end, and ends the VM by force when `graceMs` are over. */
  stop(reference: string, options: { readonly graceMs?: number } = {}, signal?: AbortSignal): Promise<types.Instance> {
    return this.#call("POST", instancePath(reference, "stop"), { grace_ms: options.graceMs }, signal);
  }

  standby(reference: string, signal?: AbortSignal): Promise<types.TimedInstance> {
    return this.#call("POST", instancePath(reference, "standby"), {}, signal);
  }

  restore(reference: string, signal?: AbortSignal): Promise<types.TimedInstance> {
    return this.#call("POST", instancePath(reference, "restore"), {}, signal);
  }

  pause(reference: string, signal?: AbortSignal): Promise<types.Instance> {
    return this.#call("POST", instancePath(reference, "pause"), {}, signal);
  }

  /** Lets a Paused instance go on; one that was held with its mail takes it now. */
  resume(reference: string, signal?: AbortSignal): Promise<types.ResumedInstance> {
    return this.#call("POST", instancePath(reference, "resume"), {}, signal);
  }

  /** At most 256; what fails for one is in its result and does not stop the others. */
  resumeMany(references: readonly string[], signal?: AbortSignal): Promise<types.ResumeManyAnswer> {
    return this.#call("POST", "/resume", { ids: references }, signal);
  }

  /** One child, Running unless told. A payload given as RawJson reaches the guest byte for byte. */
  fork(reference: string, body: types.ForkBody, signal?: AbortSignal): Promise<types.ForkedInstance> {
    return this.#call("POST", instancePath(reference, "fork"), { target_state: "Running", ...body }, signal);
  }

  /** Up to 256 children of one checkpoint. */
  forkMany(reference: string, body: types.ForkManyBody, signal?: AbortSignal): Promise<types.ForkManyAnswer> {
    return this.#call("POST", instancePath(reference, "forks"), body, signal);
  }

  forkSnapshot(reference: string, body: types.ForkChild, signal?: AbortSignal): Promise<types.ForkedInstance> {
    return this.#call("POST", snapshotPath(reference, "fork"), { target_state: "Running", ...body }, signal);
  }

  forkSnapshotMany(
    reference: string,
    body: types.SnapshotForkManyBody,
    signal?: AbortSignal,
  ): Promise<types.ForkManyAnswer> {
    return this.#call("POST", snapshotPath(reference, "forks"), body, signal);
  }

  takeSnapshot(reference: string, body: types.TakeSnapshotBody, signal?: AbortSignal): Promise<types.TakenSnapshot> {
    return this.#call("POST", instancePath(reference, "snapshots"), body, signal);
  }

  snapshots(filter: types.SnapshotFilter = {}, signal?: AbortSignal): Promise<types.Snapshot[]> {
    const query = { source_instance_id: filter.sourceInstanceId, name: filter.name, kind: filter.kind };
    return call(this.#connection, "GET", "/snapshots", { query, signal });
  }

  snapshot(reference: string, signal?: AbortSignal): Promise<types.Snapshot> {
    return this.#call("GET", snapshotPath(reference), undefined, signal);
  }

  async deleteSnapshot(reference: string, signal?: AbortSignal): Promise<void> {
    const response = await send(this.#connection, "DELETE", snapshotPath(reference), { signal });
    await response.body?.cancel();
  }

  /** Brings the instance back to one of its own snapshots. */
  restoreSnapshot(reference: string, snapshot: string, signal?: AbortSignal): Promise<types.TimedInstance> {
    const path = `${instancePath(reference)}${snapshotPath(snapshot, "restore")}`;
    return this.#call("POST", path, {}, signal);
  }

  /** The mailboxes in an instance's memory image: only in standby. */
  async mailboxes(reference: string, signal?: AbortSignal): Promise<readonly types.MailboxListing[]> {
    const path = instancePath(reference, "mailboxes");
    const answer = await this.#call<{ mailboxes: types.MailboxListing[] }>("GET", path, undefined, signal);
    return answer.mailboxes;
  }

  /** Keeps children of an instance (whenever it is in standby) or of a snapshot restored and paused, to be claimed by forks. */
  setWarmSlots(
    kind: "instance" | "snapshot",
    reference: string,
    count: number,
    signal?: AbortSignal,
  ): Promise<types.WarmSlots> {
    return this.#call("PUT", `/${kind}s/${encodeURIComponent(reference)}/warm-slots`, { count }, signal);
  }

  warmSlots(kind: "instance" | "snapshot", reference: string, signal?: AbortSignal): Promise<types.WarmSlots> {
    return this.#call("GET", `/${kind}s/${encodeURIComponent(reference)}/warm-slots`, undefined, signal);
  }

  lineage(reference: string, signal?: AbortSignal): Promise<types.Lineage> {
    return this.#call("GET", instancePath(reference, "lineage"), undefined, signal);
  }

  /** A bearer token that may do no more than this client's own. Its text is in the answer, and nowhere later. */
  createToken(body: types.CreateTokenBody, signal?: AbortSignal): Promise<types.CreatedToken> {
    return this.#call("POST", "/tokens", body, signal);
  }

  tokens(signal?: AbortSignal): Promise<types.Token[]> {
    return this.#call("GET", "/tokens", undefined, signal);
  }

  /** Ends a token and what is open under it. */
  async revokeToken(reference: string, signal?: AbortSignal): Promise<void> {
    const response = await send(this.#connection, "DELETE", pathOf("tokens", "token", reference, undefined), {
      signal,
    });
    await response.body?.cancel();
  }

  /**
   * What happens on the server, as it happens, until the signal aborts. A connection that breaks is taken up again where it broke; a `gap`
   * says that events were missed meanwhile.
   * @throws RametConnectionError when the server is not reached, at first or after several attempts to take it up again.
   */
  events(options: types.EventOptions = {}): AsyncGenerator<types.RametEvent, void, void> {
    return followEvents(this.#connection, options);
  }

  /** Resolves when the instance is in `state`, rests in another one, or `timeoutMs` (at most five minutes) are over. */
  wait(
    reference: string,
    options: { readonly state: types.InstanceState; readonly timeoutMs: number },
    signal?: AbortSignal,
  ): Promise<types.WaitAnswer> {
    const query = { state: options.state, timeout: `${options.timeoutMs}ms` };
    return call(this.#connection, "GET", instancePath(reference, "wait"), { query, signal });
  }

  /** Log lines, without their line ends. Ends after the last line there is, or, when following, with the signal or the server. */
  async *logs(
    reference: string,
    options: types.LogOptions = {},
    signal?: AbortSignal,
  ): AsyncGenerator<string, void, void> {
    const connection = this.#connection;
    const response = await send(connection, "GET", instancePath(reference, "logs"), {
      query: { source: options.source, tail: options.tail, follow: options.follow },
      accept: "text/event-stream",
      signal,
    });
    if (response.body === null) throw new RametAnswerError("the server sent logs without a body");
    const events = readServerSentEvents(response.body);
    try {
      for (;;) {
        const next = await translateFailure(connection, signal, () => events.next());
        if (next.done === true) return;
        if (next.value.event === "error") throw logError(next.value.data);
        yield logLine(next.value.data);
      }
    } finally {
      // Also when the reader breaks off: the server learns by the closed connection that nobody reads.
      await events.return();
    }
  }

  /** Starts a command in a running instance. Resolves when the server took the request; see ExecSession for what follows. */
  async exec(reference: string, body: types.ExecBody, signal?: AbortSignal): Promise<ExecSession> {
    // Loaded when needed: nothing else wants a WebSocket.
    const { openExec } = await import("./exec.ts");
    return openExec(this.#connection, instancePath(reference, "exec"), body, signal);
  }

  #call<Answer>(method: string, path: string, body: unknown, signal: AbortSignal | undefined): Promise<Answer> {
    return call(this.#connection, method, path, { body, signal });
  }
}

function instancePath(reference: string, verb?: string): string {
  return pathOf("instances", "instance", reference, verb);
}

function snapshotPath(reference: string, verb?: string): string {
  return pathOf("snapshots", "snapshot", reference, verb);
}

function pathOf(collection: string, what: string, reference: string, verb: string | undefined): string {
  // In a URL these are other paths, escaped or not (WHATWG URL, "double-dot path segment"); nothing has such a name.
  if (["", ".", ".."].includes(reference)) {
    throw new RametApiError({ code: "not_found", status: 404, message: `no ${what} is called "${reference}"` });
  }
  const path = `/${collection}/${encodeURIComponent(reference)}`;
  return verb === undefined ? path : `${path}/${verb}`;
}

function logLine(data: string): string {
  const line: unknown = parseJson(data);
  if (typeof line === "string") return line;
  throw new RametAnswerError("the server sent a log line that is no JSON string");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The server may fail while it streams, when the status was sent long ago: an event then brings the error's body. */
function logError(data: string): RametApiError | RametAnswerError {
  return errorOfAnswer(200, data, undefined);
}
