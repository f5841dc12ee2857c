import { untilAborted } from "../../lib/deadline.ts";
import { OperatingError } from "../../errors.ts";
import type { Dependencies } from "./dependencies.ts";
import type { Due } from "./due.ts";

/** After a failure the same instance is left alone for this long. */
const pauseAfterFailureMs = 30_000;

/**
 * Does work on instances when it is due. The rows say what is due and when, so that it survives the server; one bell is set for the next:
 *
 *     list(): [late, late, later, …] ──► late: begun now, each for itself ──► done: the list is read again
 *                                   └──► later: one bell ──► wake
 */
export class DueWork implements AsyncDisposable {
  readonly #deps: Dependencies;
  readonly #list: () => readonly Due[];
  readonly #run: (instanceId: string, signal: AbortSignal) => Promise<void>;
  readonly #closing = new AbortController();
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #pausedUntilMs = new Map<string, number>();
  #bell: Disposable | null = null;

  /**
   * @param work.list what is due, the earliest first.
   * @param work.run does it for one instance, which nobody else holds at the moment of the call; on `instance_busy` it is called again when the
   * instance is free. Afterwards it is not in the list any more, or later.
   */
  constructor(
    deps: Dependencies,
    work: {
      readonly list: () => readonly Due[];
      readonly run: (instanceId: string, signal: AbortSignal) => Promise<void>;
    },
  ) {
    this.#deps = deps;
    this.#list = work.list;
    this.#run = work.run;
  }

  /** Looks at the list: to be called at the start and whenever the list may have changed. */
  wake(): void {
    if (this.#closing.signal.aborted) return;
    this.#bell?.[Symbol.dispose]();
    this.#bell = null;
    const nowMs = this.#deps.clock.nowMs();
    const waiting = this.#list().filter(({ instanceId }) => !this.#underWay.has(instanceId));
    const times = waiting.map(({ instanceId, atMs }) => ({
      instanceId,
      atMs: Math.max(atMs, this.#pausedUntilMs.get(instanceId) ?? 0),
    }));
    for (const { instanceId, atMs } of times) if (atMs <= nowMs) this.#begin(instanceId);
    const later = times.map(({ atMs }) => atMs).filter((atMs) => atMs > nowMs);
    if (later.length > 0) {
      this.#bell = this.#deps.clock.ring(Math.min(...later), () => {
        this.wake();
      });
    }
  }

  /** Ends what waits; what has begun is waited for. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error("the server is closing"));
    this.#bell?.[Symbol.dispose]();
    await Promise.all(this.#underWay.values());
  }

  #begin(instanceId: string): void {
    this.#pausedUntilMs.delete(instanceId);
    const work = this.#runWhenFree(instanceId)
      .catch((failure: unknown) => {
        if (this.#closing.signal.aborted) return;
        this.#deps.log.error({ instanceId, err: failure }, "due_work.failed");
        this.#pausedUntilMs.set(instanceId, this.#deps.clock.nowMs() + pauseAfterFailureMs);
      })
      .then(() => {
        this.#underWay.delete(instanceId);
        this.wake();
      });
    this.#underWay.set(instanceId, work);
  }

  async #runWhenFree(instanceId: string): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      await untilAborted(this.#deps.lock.whenFree(instanceId), signal);
      try {
        await this.#run(instanceId, signal);
        return;
      } catch (failure) {
        if (!(failure instanceof OperatingError) || failure.code !== "instance_busy") throw failure;
      }
    }
  }
}
