/**
 * What the client gives out: objects for an instance, a snapshot, and the children of one fork. They stand in one file because each makes
 * the others.
 */
import type { RametCalls } from "./calls.ts";
import type { CopyTally } from "./copy-count.ts";
import { RametApiError, RametStateError } from "./errors.ts";
import type { ExecExit, ExecSession } from "./exec.ts";
import { childOf, childrenOf, type ForkManyWish, type ForkWish } from "./fork-wish.ts";
import type * as shapes from "./shapes.ts";

/** A command that is over, with all that it wrote as text (UTF-8). */
export interface FinishedCommand extends ExecExit {
  readonly stdout: string;
  readonly stderr: string;
}

const defaultWaitMs = 60_000;

/**
 * One instance, by its id. `info` is what the server said when this object was made; `get` asks again. Used with `await using` it is
 * deleted at the end of its scope.
 */
export class RametInstance<Info extends shapes.Instance = shapes.Instance> {
  readonly #calls: RametCalls;
  readonly info: Info;

  constructor(calls: RametCalls, info: Info) {
    this.#calls = calls;
    this.info = info;
  }

  get id(): string {
    return this.info.id;
  }

  get name(): string {
    return this.info.name;
  }

  /** The instance as it is now. */
  get(signal?: AbortSignal): Promise<shapes.Instance> {
    return this.#calls.get(this.id, signal);
  }

  /**
   * Resolves when the instance is in `state`.
   * @throws RametStateError when it comes to rest in another state, or `timeoutMs` (60,000) are over.
   */
  wait(
    state: shapes.InstanceState,
    options: { readonly timeoutMs?: number } = {},
    signal?: AbortSignal,
  ): Promise<shapes.Instance> {
    return this.#calls.waitUntil(this.id, { state, timeoutMs: options.timeoutMs ?? defaultWaitMs }, signal);
  }

  start(overrides?: shapes.StartOverrides, signal?: AbortSignal): Promise<shapes.Instance> {
    return this.#calls.start(this.id, overrides, signal);
  }

  stop(options?: { readonly graceMs?: number }, signal?: AbortSignal): Promise<shapes.Instance> {
    return this.#calls.stop(this.id, options, signal);
  }

  standby(signal?: AbortSignal): Promise<shapes.TimedInstance> {
    return this.#calls.standby(this.id, signal);
  }

  restore(signal?: AbortSignal): Promise<shapes.TimedInstance> {
    return this.#calls.restore(this.id, signal);
  }

  pause(signal?: AbortSignal): Promise<shapes.Instance> {
    return this.#calls.pause(this.id, signal);
  }

  resume(signal?: AbortSignal): Promise<shapes.ResumedInstance> {
    return this.#calls.resume(this.id, signal);
  }

  /** Several children of one checkpoint. */
  fork(wish: ForkManyWish, signal?: AbortSignal): Promise<RametChildren>;
  /** One child. */
  fork(wish?: ForkWish, signal?: AbortSignal): Promise<RametInstance<shapes.ForkedInstance>>;
  fork(wish: ForkWish | ForkManyWish = {}, signal?: AbortSignal): Promise<Forked> {
    return forkFrom(this.#calls, { kind: "instance", reference: this.id, name: this.name }, wish, signal);
  }

  /** Keeps what it is now under a name; a running one goes on. */
  async snapshot(name: string, signal?: AbortSignal): Promise<RametSnapshot<shapes.TakenSnapshot>> {
    return new RametSnapshot(this.#calls, await this.#calls.takeSnapshot(this.id, { name }, signal));
  }

  /** Becomes again what it was when one of its snapshots was taken. */
  restoreSnapshot(snapshot: string, signal?: AbortSignal): Promise<shapes.TimedInstance> {
    return this.#calls.restoreSnapshot(this.id, snapshot, signal);
  }

  /** Starts a command; its streams are read and written while it runs. */
  exec(
    command: readonly string[],
    options: Omit<shapes.ExecBody, "command"> = {},
    signal?: AbortSignal,
  ): Promise<ExecSession> {
    return this.#calls.exec(this.id, { ...options, command }, signal);
  }

  /** Runs a command with an empty input to its end, and gives all that it wrote. */
  async output(
    command: readonly string[],
    options: Omit<shapes.ExecBody, "command" | "tty"> = {},
    signal?: AbortSignal,
  ): Promise<FinishedCommand> {
    const session = await this.exec(command, options, signal);
    session.stdin.end();
    const [exit, stdout, stderr] = await Promise.all([session.exited, textOf(session.stdout), textOf(session.stderr)]);
    return { ...exit, stdout, stderr };
  }

  /** What it uses of the host. */
  stats(signal?: AbortSignal): Promise<shapes.InstanceStats> {
    return this.#calls.stats(this.id, signal);
  }

  /** Copies a file or directory of this machine to a path of the guest. */
  copyTo(from: string, to: string, signal?: AbortSignal): Promise<CopyTally> {
    return this.#calls.copyTo(this.id, { from, to }, signal);
  }

  /** Copies a file or directory of the guest to a path here. */
  copyFrom(from: string, to: string, signal?: AbortSignal): Promise<CopyTally> {
    return this.#calls.copyFrom(this.id, { from, to }, signal);
  }

  /** Lines of its log; with `follow` also those that come. */
  logs(options?: shapes.LogOptions, signal?: AbortSignal): AsyncGenerator<string, void, void> {
    return this.#calls.logs(this.id, options, signal);
  }

  /**
   * The first line of its log that matches, also one that was there before; waits for it to be written.
   * @throws RametStateError when it comes to rest without one, or `timeoutMs` (60,000) are over.
   */
  async waitForLine(
    pattern: RegExp,
    options: { readonly timeoutMs?: number } = {},
    signal?: AbortSignal,
  ): Promise<RegExpExecArray> {
    const { timeoutMs = defaultWaitMs } = options;
    const deadline = AbortSignal.timeout(timeoutMs);
    const over = new AbortController();
    const limit = AbortSignal.any([deadline, over.signal, ...(signal === undefined ? [] : [signal])]);
    try {
      const match =
        (await Promise.race([this.#findLine(pattern, { follow: true }, limit), this.#rest(limit)])) ??
        // What it wrote last may not have been read when its end was seen.
        (await this.#findLine(pattern, {}, limit));
      if (match !== null) return match;
    } catch (error) {
      if (error !== deadline.reason) throw error;
      const late = `the log of ${this.name} did not show ${String(pattern)} within ${timeoutMs / 1000} s`;
      throw new RametStateError("timeout", late, await this.get(signal));
    } finally {
      over.abort();
    }
    const instance = await this.get(signal);
    const why = instance.exit?.reason ?? instance.state_error ?? "";
    const ended = `${this.name} is ${instance.state}, and its log did not show ${String(pattern)}`;
    throw new RametStateError("not_reached", why === "" ? ended : `${ended}: ${why}`, instance);
  }

  async #findLine(pattern: RegExp, options: shapes.LogOptions, signal: AbortSignal): Promise<RegExpExecArray | null> {
    for await (const line of this.logs(options, signal)) {
      const match = pattern.exec(line);
      if (match !== null) return match;
    }
    return null;
  }

  /** Null when it is in a state that it does not leave by itself. The signal alone sets the limit. */
  async #rest(signal: AbortSignal): Promise<null> {
    try {
      await this.#calls.waitUntil(this.id, { state: "Stopped", timeoutMs: Number.POSITIVE_INFINITY }, signal);
    } catch (error) {
      if (!(error instanceof RametStateError && error.code === "not_reached")) throw error;
    }
    return null;
  }

  /** What happens to it and to its children, from now on. */
  events(options: Omit<shapes.EventOptions, "instance"> = {}): AsyncGenerator<shapes.RametEvent, void, void> {
    return this.#calls.events({ ...options, instance: this.id });
  }

  lineage(signal?: AbortSignal): Promise<shapes.Lineage> {
    return this.#calls.lineage(this.id, signal);
  }

  /** The mailboxes in its memory image: only in standby. */
  mailboxes(signal?: AbortSignal): Promise<readonly shapes.MailboxListing[]> {
    return this.#calls.mailboxes(this.id, signal);
  }

  /** How many of its children are kept ready for the next forks. */
  warmSlots(signal?: AbortSignal): Promise<shapes.WarmSlots> {
    return this.#calls.warmSlots("instance", this.id, signal);
  }

  setWarmSlots(count: number, signal?: AbortSignal): Promise<shapes.WarmSlots> {
    return this.#calls.setWarmSlots("instance", this.id, count, signal);
  }

  delete(signal?: AbortSignal): Promise<void> {
    return this.#calls.delete(this.id, signal);
  }

  /** Deletes it, unless it is gone already. */
  async [Symbol.asyncDispose](): Promise<void> {
    await unlessGone(this.delete());
  }
}

/** One snapshot, by its id. Used with `await using` it is deleted at the end of its scope; what was forked of it stays. */
export class RametSnapshot<Info extends shapes.Snapshot = shapes.Snapshot> {
  readonly #calls: RametCalls;
  /** What the server said when this object was made. */
  readonly info: Info;

  constructor(calls: RametCalls, info: Info) {
    this.#calls = calls;
    this.info = info;
  }

  get id(): string {
    return this.info.id;
  }

  get name(): string {
    return this.info.name;
  }

  /** Several children. */
  fork(wish: ForkManyWish, signal?: AbortSignal): Promise<RametChildren>;
  /** One child. */
  fork(wish?: ForkWish, signal?: AbortSignal): Promise<RametInstance<shapes.ForkedInstance>>;
  fork(wish: ForkWish | ForkManyWish = {}, signal?: AbortSignal): Promise<Forked> {
    return forkFrom(this.#calls, { kind: "snapshot", reference: this.id, name: this.name }, wish, signal);
  }

  warmSlots(signal?: AbortSignal): Promise<shapes.WarmSlots> {
    return this.#calls.warmSlots("snapshot", this.id, signal);
  }

  /** How many children are kept restored and paused, to be claimed by forks. */
  setWarmSlots(count: number, signal?: AbortSignal): Promise<shapes.WarmSlots> {
    return this.#calls.setWarmSlots("snapshot", this.id, count, signal);
  }

  delete(signal?: AbortSignal): Promise<void> {
    return this.#calls.deleteSnapshot(this.id, signal);
  }

  /** Deletes it, unless it is gone already. */
  async [Symbol.asyncDispose](): Promise<void> {
    await unlessGone(this.delete());
  }
}

/** The children of one fork, in the order of their numbers. Used with `await using` they are deleted at the end of its scope. */
export class RametChildren implements Iterable<RametInstance> {
  readonly #calls: RametCalls;
  /** The server's whole answer: mail, milliseconds, how long the source stood still. */
  readonly answer: shapes.ForkManyAnswer;
  /** Those that were made. */
  readonly instances: readonly RametInstance[];
  /** Those that were not, which only the mode `each` allows. */
  readonly failures: readonly { readonly name: string; readonly error: shapes.PartialError }[];

  constructor(calls: RametCalls, answer: shapes.ForkManyAnswer) {
    this.#calls = calls;
    this.answer = answer;
    this.instances = answer.children.flatMap(({ instance }) =>
      instance === null ? [] : [new RametInstance(calls, instance)],
    );
    this.failures = answer.children.flatMap(({ name, error }) => (error === null ? [] : [{ name, error }]));
  }

  get length(): number {
    return this.instances.length;
  }

  [Symbol.iterator](): Iterator<RametInstance> {
    return this.instances[Symbol.iterator]();
  }

  /** Lets those go on that were held with `target_state: "Paused"`. */
  resume(signal?: AbortSignal): Promise<shapes.ResumeManyAnswer> {
    const ids = this.instances.map(({ id }) => id);
    return this.#calls.resumeMany(ids, signal);
  }

  /**
   * Deletes all that are still there.
   * @throws AggregateError of the refusals, after every one was tried.
   */
  async delete(signal?: AbortSignal): Promise<void> {
    const deletions = this.instances.map((instance) => unlessGone(instance.delete(signal)));
    const failures = (await Promise.allSettled(deletions)).filter((outcome) => outcome.status === "rejected");
    if (failures.length > 0) {
      const reasons = failures.map(({ reason }) => reason as unknown);
      throw new AggregateError(reasons, `${failures.length} of ${this.length} children could not be deleted`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.delete();
  }
}

export type Forked = RametInstance<shapes.ForkedInstance> | RametChildren;

/** Where children come from. */
export interface Source {
  readonly kind: "instance" | "snapshot";
  readonly reference: string;
  /** What the children's names begin with when the wish has none. */
  readonly name: string;
}

/** With `count` in the wish the call for many, else the call for one. */
export async function forkFrom(
  calls: RametCalls,
  { kind, reference, name }: Source,
  wish: ForkWish | ForkManyWish,
  signal: AbortSignal | undefined,
): Promise<Forked> {
  const running = wish.from_running === undefined ? {} : { from_running: wish.from_running };
  if (!("count" in wish)) {
    const child = childOf(name, wish);
    const answer =
      kind === "snapshot"
        ? await calls.forkSnapshot(reference, child, signal)
        : await calls.fork(reference, { ...child, ...running }, signal);
    return new RametInstance(calls, answer);
  }
  const body = {
    children: childrenOf(name, wish),
    ...(wish.mode === undefined ? {} : { mode: wish.mode }),
    ...(wish.idempotency_key === undefined ? {} : { idempotency_key: wish.idempotency_key }),
  };
  const answer =
    kind === "snapshot"
      ? await calls.forkSnapshotMany(reference, body, signal)
      : await calls.forkMany(reference, { ...body, ...running }, signal);
  return new RametChildren(calls, answer);
}

/** Leaves alone what somebody else has deleted by now. */
async function unlessGone(deletion: Promise<void>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!(error instanceof RametApiError && error.code === "not_found")) throw error;
  }
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stream) text += decoder.decode(bytes, { stream: true });
  return text + decoder.decode();
}
