import { setTimeout as delay } from "node:timers/promises";
import { RametCalls } from "./calls.ts";
import { RametApiError } from "./errors.ts";
import type { ForkManyWish, ForkWish } from "./fork-wish.ts";
import type { RametChildren } from "./handles.ts";
import { type Forked, forkFrom, RametInstance, RametSnapshot } from "./handles.ts";
import type { RametOptions } from "./server-calls.ts";
import type * as shapes from "./shapes.ts";

/** What `run` takes: the body of `POST /instances`, with a name of its own choice when there is none. */
export interface RunWish extends Omit<shapes.CreateInstanceBody, "name" | "start"> {
  readonly name?: string;
  /** How long it may take to run (300,000). */
  readonly timeoutMs?: number;
}

/** What `pullImage` takes: the body of `POST /images`. */
export interface PullWish extends shapes.PullImageBody {
  /** How long it may take to be ready (600,000). */
  readonly timeoutMs?: number;
}

const defaultRunMs = 300_000;
const defaultPullMs = 600_000;
/** The server has no call that waits for an image: it is asked again after this long. */
const lookAgainMs = 200;

/**
 * A Ramet server. Without options it is found as the command line finds it. A `reference` is an id, a name, or the unique beginning of an
 * id. Failures are thrown as RametCalls says; what has no method here is in `calls`.
 */
export class RametClient {
  /** The HTTP API, call by call. */
  readonly calls: RametCalls;

  constructor(options: RametOptions = {}) {
    this.calls = new RametCalls(options);
  }

  health(signal?: AbortSignal): Promise<shapes.AnswerOf<"getHealth">> {
    return this.calls.health(signal);
  }

  /** What the server's hypervisor can do. */
  capabilities(signal?: AbortSignal): Promise<shapes.ServerCapabilities> {
    return this.calls.capabilities(signal);
  }

  /**
   * Creates an instance, starts it, and waits until it runs. One that does not come to run is deleted again.
   * @throws RametStateError when it ends before, or takes longer than `timeoutMs`.
   */
  async run(wish: RunWish, signal?: AbortSignal): Promise<RametInstance> {
    const { timeoutMs = defaultRunMs, name = `vm-${crypto.randomUUID().slice(0, 8)}`, ...body } = wish;
    const created = new RametInstance(this.calls, await this.calls.create({ ...body, name }, signal));
    try {
      return new RametInstance(this.calls, await created.wait("Running", { timeoutMs }, signal));
    } catch (error) {
      await created[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Pulls an image and waits until it is ready; one that is there already is asked for again, as a tag may have moved.
   * @throws RametApiError with the reason when it cannot be had, or DOMException `TimeoutError` when `timeoutMs` are over.
   */
  async pullImage(wish: PullWish, signal?: AbortSignal): Promise<shapes.Image> {
    const { timeoutMs = defaultPullMs, ...body } = wish;
    const deadline = AbortSignal.timeout(timeoutMs);
    const limit = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
    let image = await this.calls.pullImage(body, limit);
    while (image.status !== "ready" && image.status !== "failed") {
      await delay(lookAgainMs, undefined, { signal: limit }).catch(() => {
        limit.throwIfAborted();
      });
      image = await this.calls.image(image.name, limit);
    }
    if (image.status === "failed" || image.error !== null) throw refusalOf(image);
    return image;
  }

  async instance(reference: string, signal?: AbortSignal): Promise<RametInstance> {
    return new RametInstance(this.calls, await this.calls.get(reference, signal));
  }

  async instances(filter: shapes.ListFilter = {}, signal?: AbortSignal): Promise<RametInstance[]> {
    return (await this.calls.list(filter, signal)).map((info) => new RametInstance(this.calls, info));
  }

  async snapshot(reference: string, signal?: AbortSignal): Promise<RametSnapshot> {
    return new RametSnapshot(this.calls, await this.calls.snapshot(reference, signal));
  }

  async snapshots(filter: shapes.SnapshotFilter = {}, signal?: AbortSignal): Promise<RametSnapshot[]> {
    return (await this.calls.snapshots(filter, signal)).map((info) => new RametSnapshot(this.calls, info));
  }

  /** Several children of one checkpoint of an instance. */
  fork(reference: string, wish: ForkManyWish, signal?: AbortSignal): Promise<RametChildren>;
  /** One child of an instance. */
  fork(reference: string, wish?: ForkWish, signal?: AbortSignal): Promise<RametInstance<shapes.ForkedInstance>>;
  fork(reference: string, wish: ForkWish | ForkManyWish = {}, signal?: AbortSignal): Promise<Forked> {
    return forkFrom(this.calls, { kind: "instance", reference, name: reference }, wish, signal);
  }

  /** Several children of a snapshot. */
  forkSnapshot(reference: string, wish: ForkManyWish, signal?: AbortSignal): Promise<RametChildren>;
  /** One child of a snapshot. */
  forkSnapshot(reference: string, wish?: ForkWish, signal?: AbortSignal): Promise<RametInstance<shapes.ForkedInstance>>;
  forkSnapshot(reference: string, wish: ForkWish | ForkManyWish = {}, signal?: AbortSignal): Promise<Forked> {
    return forkFrom(this.calls, { kind: "snapshot", reference, name: reference }, wish, signal);
  }

  /** What happens on the server, until the signal aborts; taken up again where a connection broke. */
  events(options?: shapes.EventOptions): AsyncGenerator<shapes.RametEvent, void, void> {
    return this.calls.events(options);
  }
}

/** As the server would have refused: a pull fails after it was accepted. */
function refusalOf({ name, error, error_code: code }: shapes.Image): RametApiError {
  const message = `${name} was not pulled: ${error ?? "the reason is not known"}`;
  return new RametApiError({ code: code ?? "internal_error", status: 202, message });
}
