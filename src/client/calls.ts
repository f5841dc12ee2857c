import type { CopyTally } from "./copy-count.ts";
import type { CopyFromRequest } from "./copy-from.ts";
import type { CopyToRequest } from "./copy-to.ts";
import { RametStateError } from "./errors.ts";
import type { ExecSession } from "./exec.ts";
import { readLogs } from "./logs.ts";
import { about, ServerCalls } from "./server-calls.ts";
import type * as shapes from "./shapes.ts";

/** The server answers a wait after this long at the latest, well before any proxy loses patience. */
const longestWaitMs = 60_000;

/**
 * A Ramet server's HTTP API, one method for each call, with the bodies and answers of openapi.json. `reference` is an id, a name, or the
 * unique beginning of an id. Every call throws RametApiError when the server refuses, RametConnectionError when it is not reached,
 * RametAnswerError when what answers is not a Ramet server, RametSettingsError when nothing says where the server is, and the signal's
 * reason when the signal aborts.
 */
export class RametCalls extends ServerCalls {
  /** The state is `Initializing` when it was started: wait for `Running` with `waitUntil`. */
  create(body: shapes.CreateInstanceBody, signal?: AbortSignal): Promise<shapes.Instance> {
    return this.answer(signal, (api, init) => api.POST("/instances", { ...init, body }));
  }

  list(filter: shapes.ListFilter = {}, signal?: AbortSignal): Promise<readonly shapes.Instance[]> {
    const query = filter as shapes.QueryOf<"listInstances">;
    return this.answer(signal, (api, init) => api.GET("/instances", { ...init, params: { query } }));
  }

  get(reference: string, signal?: AbortSignal): Promise<shapes.Instance> {
    return this.answer(signal, (api, init) => api.GET("/instances/{id}", { ...init, params: about(reference) }));
  }

  /** Only fields that are given change; `env` from the next boot on. */
  update(reference: string, body: shapes.UpdateInstanceBody, signal?: AbortSignal): Promise<shapes.Instance> {
    return this.answer(signal, (api, init) =>
      api.PATCH("/instances/{id}", { ...init, params: about(reference), body }),
    );
  }

  async delete(reference: string, signal?: AbortSignal): Promise<void> {
    await this.done(signal, (api, init) => api.DELETE("/instances/{id}", { ...init, params: about(reference) }));
  }

  start(reference: string, body: shapes.StartOverrides = {}, signal?: AbortSignal): Promise<shapes.Instance> {
    return this.answer(signal, (api, init) =>
      api.POST("/instances/{id}/start", { ...init, params: about(reference), body }),
    );
  }

  /** Asks the workload to end, and ends the VM by force when `graceMs` are over. */
  stop(reference: string, options: { readonly graceMs?: number } = {}, signal?: AbortSignal): Promise<shapes.Instance> {
    const body = options.graceMs === undefined ? {} : { grace_ms: options.graceMs };
    return this.answer(signal, (api, init) =>
      api.POST("/instances/{id}/stop", { ...init, params: about(reference), body }),
    );
  }

  standby(reference: string, signal?: AbortSignal): Promise<shapes.TimedInstance> {
    return this.answer(signal, (api, init) =>
      api.POST("/instances/{id}/standby", { ...init, params: about(reference), body: {} }),
    );
  }

  restore(reference: string, signal?: AbortSignal): Promise<shapes.TimedInstance> {
    return this.answer(signal, (api, init) =>
      api.POST("/instances/{id}/restore", { ...init, params: about(reference), body: {} }),
    );
  }

  pause(reference: string, signal?: AbortSignal): Promise<shapes.Instance> {
    return this.answer(signal, (api, init) =>
      api.POST("/instances/{id}/pause", { ...init, params: about(reference), body: {} }),
    );
  }

  /** Lets a Paused instance go on; one that was held with its mail takes it now. */
  resume(reference: string, signal?: AbortSignal): Promise<shapes.ResumedInstance> {
    return this.answer(signal, (api, init) =>
      api.POST("/instances/{id}/resume", { ...init, params: about(reference), body: {} }),
    );
  }

  /** At most 256; what fails for one is in its result and does not stop the others. */
  resumeMany(references: readonly string[], signal?: AbortSignal): Promise<shapes.ResumeManyAnswer> {
    return this.answer(signal, (api, init) => api.POST("/resume", { ...init, body: { ids: references } }));
  }

  /** One child, Running unless told. A payload given as RawJson reaches the guest byte for byte. */
  fork(reference: string, wish: shapes.ForkBody, signal?: AbortSignal): Promise<shapes.ForkedInstance> {
    const body = runningUnlessTold(wish);
    return this.answer(signal, (api, init) =>
      api.POST("/instances/{id}/fork", { ...init, params: about(reference), body }),
    );
  }

  /** Up to 256 children of one checkpoint. */
  forkMany(reference: string, body: shapes.ForkManyBody, signal?: AbortSignal): Promise<shapes.ForkManyAnswer> {
    return this.answer(signal, (api, init) =>
      api.POST("/instances/{id}/forks", { ...init, params: about(reference), body }),
    );
  }

  forkSnapshot(reference: string, wish: shapes.ForkChild, signal?: AbortSignal): Promise<shapes.ForkedInstance> {
    const body = runningUnlessTold(wish);
    return this.answer(signal, (api, init) =>
      api.POST("/snapshots/{id}/fork", { ...init, params: about(reference), body }),
    );
  }

  forkSnapshotMany(
    reference: string,
    body: shapes.SnapshotForkManyBody,
    signal?: AbortSignal,
  ): Promise<shapes.ForkManyAnswer> {
    return this.answer(signal, (api, init) =>
      api.POST("/snapshots/{id}/forks", { ...init, params: about(reference), body }),
    );
  }

  takeSnapshot(reference: string, body: shapes.TakeSnapshotBody, signal?: AbortSignal): Promise<shapes.TakenSnapshot> {
    return this.answer(signal, (api, init) =>
      api.POST("/instances/{id}/snapshots", { ...init, params: about(reference), body }),
    );
  }

  snapshots(filter: shapes.SnapshotFilter = {}, signal?: AbortSignal): Promise<readonly shapes.Snapshot[]> {
    return this.answer(signal, (api, init) => api.GET("/snapshots", { ...init, params: { query: filter } }));
  }

  snapshot(reference: string, signal?: AbortSignal): Promise<shapes.Snapshot> {
    return this.answer(signal, (api, init) => api.GET("/snapshots/{id}", { ...init, params: about(reference) }));
  }

  async deleteSnapshot(reference: string, signal?: AbortSignal): Promise<void> {
    await this.done(signal, (api, init) => api.DELETE("/snapshots/{id}", { ...init, params: about(reference) }));
  }

  /** Brings the instance back to one of its own snapshots. */
  restoreSnapshot(reference: string, snapshotId: string, signal?: AbortSignal): Promise<shapes.TimedInstance> {
    const params = { path: { id: reference, snapshotId } };
    return this.answer(signal, (api, init) =>
      api.POST("/instances/{id}/snapshots/{snapshotId}/restore", { ...init, params, body: {} }),
    );
  }

  /** What snapshots are taken of an instance by the calendar. The instance may be gone: then its whole id. */
  snapshotSchedule(reference: string, signal?: AbortSignal): Promise<shapes.SnapshotSchedule> {
    return this.answer(signal, (api, init) =>
      api.GET("/instances/{id}/snapshot-schedule", { ...init, params: about(reference) }),
    );
  }

  /** In place of the schedule that there was; with the same interval the next run stays when it was. */
  setSnapshotSchedule(
    reference: string,
    body: shapes.SnapshotScheduleBody,
    signal?: AbortSignal,
  ): Promise<shapes.SnapshotSchedule> {
    return this.answer(signal, (api, init) =>
      api.PUT("/instances/{id}/snapshot-schedule", { ...init, params: about(reference), body }),
    );
  }

  /** What it took stays. */
  async deleteSnapshotSchedule(reference: string, signal?: AbortSignal): Promise<void> {
    await this.done(signal, (api, init) =>
      api.DELETE("/instances/{id}/snapshot-schedule", { ...init, params: about(reference) }),
    );
  }

  /** The mailboxes in an instance's memory image: only in standby. */
  async mailboxes(reference: string, signal?: AbortSignal): Promise<readonly shapes.MailboxListing[]> {
    const answer = await this.answer(signal, (api, init) =>
      api.GET("/instances/{id}/mailboxes", { ...init, params: about(reference) }),
    );
    return answer.mailboxes;
  }

  /** Keeps children of an instance (whenever it is in standby) or of a snapshot restored and paused, to be claimed by forks. */
  setWarmSlots(
    kind: "instance" | "snapshot",
    reference: string,
    count: number,
    signal?: AbortSignal,
  ): Promise<shapes.WarmSlots> {
    return this.answer(signal, (api, init) =>
      api.PUT(`/${kind}s/{id}/warm-slots`, { ...init, params: about(reference), body: { count } }),
    );
  }

  warmSlots(kind: "instance" | "snapshot", reference: string, signal?: AbortSignal): Promise<shapes.WarmSlots> {
    return this.answer(signal, (api, init) =>
      api.GET(`/${kind}s/{id}/warm-slots`, { ...init, params: about(reference) }),
    );
  }

  lineage(reference: string, signal?: AbortSignal): Promise<shapes.Lineage> {
    return this.answer(signal, (api, init) =>
      api.GET("/instances/{id}/lineage", { ...init, params: about(reference) }),
    );
  }

  /** Resolves when the instance is in `state`, rests in another one, or `timeoutMs` (at most five minutes) are over. */
  wait(
    reference: string,
    options: { readonly state: shapes.InstanceState; readonly timeoutMs: number },
    signal?: AbortSignal,
  ): Promise<shapes.WaitAnswer> {
    const query = { state: options.state, timeout: `${options.timeoutMs}ms` };
    return this.answer(signal, (api, init) =>
      api.GET("/instances/{id}/wait", { ...init, params: { ...about(reference), query } }),
    );
  }

  /**
   * Waits as long as it takes, up to `timeoutMs`, in as many calls as that needs.
   * @throws RametStateError when the instance comes to rest in another state, or the time is over.
   */
  async waitUntil(
    reference: string,
    options: { readonly state: shapes.InstanceState; readonly timeoutMs: number },
    signal?: AbortSignal,
  ): Promise<shapes.Instance> {
    const { state, timeoutMs } = options;
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const remainingMs = Math.ceil(Math.min(longestWaitMs, Math.max(1, deadline - performance.now())));
      const { instance, reached } = await this.wait(reference, { state, timeoutMs: remainingMs }, signal);
      if (reached) return instance;
      if (isAtRest(instance)) throw restsElsewhere(instance, state);
      if (performance.now() >= deadline) throw tooSlow(instance, timeoutMs);
    }
  }

  /** Log lines, without their line ends. Ends after the last line there is, or, when following, with the signal or the server. */
  async *logs(
    reference: string,
    options: shapes.LogOptions = {},
    signal?: AbortSignal,
  ): AsyncGenerator<string, void, void> {
    const { connection } = await this.reach();
    yield* readLogs(connection, reference, options, signal);
  }

  /** Starts a command in a running instance. Resolves when the server took the request; see ExecSession for what follows. */
  async exec(reference: string, body: shapes.ExecBody, signal?: AbortSignal): Promise<ExecSession> {
    // Loaded when needed: nothing else wants a WebSocket.
    const [{ connection }, { openExec }] = await Promise.all([this.reach(), import("./exec.ts")]);
    return openExec(connection, reference, body, signal);
  }

  /** What is at a path in a running instance. */
  stat(
    reference: string,
    query: { readonly path: string; readonly follow_links?: boolean },
    signal?: AbortSignal,
  ): Promise<shapes.PathInfo> {
    return this.answer(signal, (api, init) =>
      api.GET("/instances/{id}/stat", { ...init, params: { ...about(reference), query } }),
    );
  }

  /** What an instance uses of the host. */
  stats(reference: string, signal?: AbortSignal): Promise<shapes.InstanceStats> {
    return this.answer(signal, (api, init) => api.GET("/instances/{id}/stats", { ...init, params: about(reference) }));
  }

  /** Copies a file or directory of this machine into a running instance. */
  async copyTo(reference: string, request: CopyToRequest, signal?: AbortSignal): Promise<CopyTally> {
    const [{ connection }, { copyTo }] = await Promise.all([this.reach(), import("./copy-to.ts")]);
    return copyTo(connection, reference, request, signal);
  }

  /** Copies a file or directory out of a running instance. */
  async copyFrom(reference: string, request: CopyFromRequest, signal?: AbortSignal): Promise<CopyTally> {
    const [{ connection }, { copyFrom }] = await Promise.all([this.reach(), import("./copy-from.ts")]);
    return copyFrom(connection, reference, request, signal);
  }
}

/** Said always: the server's own default depends on the source. */
function runningUnlessTold<Wish extends shapes.ForkChild>(wish: Wish): Wish {
  return { ...wish, target_state: wish.target_state ?? "Running" };
}

function isAtRest({ state }: shapes.Instance): boolean {
  return ["Stopped", "Standby", "Unknown"].includes(state);
}

function restsElsewhere(instance: shapes.Instance, wanted: shapes.InstanceState): RametStateError {
  const { name, state, state_error, exit } = instance;
  const ended = typeof exit?.exit_code === "number" ? `, its workload ended with code ${exit.exit_code}` : "";
  const reason = state_error ?? exit?.reason ?? null;
  const why = reason === null ? "" : `: ${reason}`;
  return new RametStateError("not_reached", `${name} is ${state}, not ${wanted}${ended}${why}`, instance);
}

function tooSlow(instance: shapes.Instance, timeoutMs: number): RametStateError {
  const message = `${instance.name} is still ${instance.state} after ${timeoutMs / 1000} s`;
  return new RametStateError("timeout", message, instance);
}
