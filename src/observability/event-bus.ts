/**
 * What happened, told in order to whoever listens. The newest events are held in a ring, and each subscriber is a cursor into it:
 *
 *      held  [ 41 │ 42 │ 43 │ 44 │ 45 ]◄── publish(46) takes the place of 41
 *                   ▲              ▲
 *         a slow reader's next    a reader that keeps up waits behind the newest
 *
 * No subscriber has a queue of its own, so none costs memory. One whose next event is no longer held hears `overflow` and is dropped. One
 * that comes back with the id of its last event goes on behind it, after a `gap` when what followed that event is no longer held.
 */
import type { ErrorCode } from "../errors.ts";

export const eventTypes = [
  "instance.state",
  "instance.deleted",
  "fork.phase",
  "fork.done",
  "fork.failed",
  "mailbox.acked",
  "workload.exited",
  "image.state",
  "image.progress",
  "image.deleted",
] as const;

export type EventType = (typeof eventTypes)[number];

/** Which instance an event is about; for a fork's events, the child. Never a payload, a token or a nonce. */
interface About {
  readonly instanceId: string;
}

interface AboutFork extends About {
  readonly parentId: string;
}

/** Of images: no instance is concerned. */
export type ImageEvent =
  | {
      readonly type: "image.state";
      readonly image: string;
      readonly digest: string;
      readonly status: string;
      /** Why it failed, or why its renewal did. */
      readonly code: ErrorCode | null;
    }
  | {
      readonly type: "image.progress";
      readonly image: string;
      readonly receivedBytes: number;
      readonly totalBytes: number;
    }
  | { readonly type: "image.deleted"; readonly image: string };

export type HappenedEvent =
  | ImageEvent
  | (About & {
      readonly type: "instance.state";
      readonly name: string;
      /** Null for an instance that is new. */
      readonly from: string | null;
      readonly to: string;
    })
  | (About & { readonly type: "instance.deleted"; readonly name: string })
  | (AboutFork & { readonly type: "fork.phase"; readonly name: string; readonly phase: string; readonly ms: number })
  | (AboutFork & {
      readonly type: "fork.done";
      readonly name: string;
      readonly timingsMs: Readonly<Record<string, number>>;
    })
  | (AboutFork & { readonly type: "fork.failed"; readonly name: string; readonly code: ErrorCode })
  | (About & { readonly type: "mailbox.acked"; readonly mailbox: string; readonly ackMs: number | null })
  | (About & { readonly type: "workload.exited"; readonly exitCode: number | null; readonly signal: number | null });

/** What is told of the stream itself, to one subscriber. */
export type StreamEvent =
  /** Events are missing here: the server was started anew, or too much happened meanwhile. Look at the instances again. */
  | { readonly type: "gap"; readonly reason: "restarted" | "expired" }
  /** The subscriber was too slow and is dropped: the last event of its stream. */
  | { readonly type: "overflow" };

export interface Told<Event> {
  /** `<start of the server, ms>-<number>`: grows with each event of one server. Where a reader goes on from. */
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly event: Event;
}

export interface Subscription {
  /** Where the stream begins: a reader that breaks off before its first event goes on from here. */
  readonly position: string;
  /** Ends when the signal aborts, or after `overflow`. To be read once. */
  readonly events: AsyncGenerator<Told<HappenedEvent | StreamEvent>, void, void>;
}

export interface EventBusOptions {
  /** How many of the newest events are held. */
  readonly capacity?: number;
  /** When this server was started, in milliseconds since the epoch: the first part of each id. */
  readonly startMs?: number;
}

/** As few things as possible are made of it until somebody reads it: it is told by whoever has something to do. */
interface HeldEvent {
  readonly atMs: number;
  readonly event: HappenedEvent;
}

/** The form of an id: two numbers. */
export const eventIdPattern = "^[0-9]{1,15}-[0-9]{1,15}$";

export class EventBus {
  readonly #capacity: number;
  readonly #startMs: number;
  /** Event number n lies at n modulo the capacity. */
  readonly #held: HeldEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #newest = 0;

  constructor(options: EventBusOptions = {}) {
    this.#capacity = options.capacity ?? 10_000;
    this.#startMs = options.startMs ?? Date.now();
  }

  /** Tells everybody who listens, now or later. Never waits for a listener. */
  publish(event: HappenedEvent): void {
    this.#newest += 1;
    this.#held[this.#newest % this.#capacity] = { atMs: Date.now(), event };
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /**
   * From this call on, every event that `matches`. With `after`, first those that followed that event.
   * @param after the id of the last event that was seen, in the form of `eventIdPattern`; null: only what is new.
   */
  subscribe(after: string | null, matches: (event: HappenedEvent) => boolean, signal: AbortSignal): Subscription {
    const lost = after === null ? null : this.#whyLost(after);
    const oldest = this.#oldest();
    const seen = lost !== null ? oldest - 1 : after === null ? this.#newest : numberOf(after);
    const gap = lost === null ? [] : [this.#tell(seen, { type: "gap", reason: lost } as const)];
    return { position: this.#idOf(seen), events: this.#follow(gap, seen + 1, matches, signal) };
  }

  async *#follow(
    first: readonly Told<StreamEvent>[],
    from: number,
    matches: (event: HappenedEvent) => boolean,
    signal: AbortSignal,
  ): AsyncGenerator<Told<HappenedEvent | StreamEvent>, void, void> {
    yield* first;
    for (let next = from; !signal.aborted; next += 1) {
      if (next > this.#newest) await this.#published(signal);
      if (next > this.#newest) return;
      const held = this.#held[next % this.#capacity];
      if (next < this.#oldest() || held === undefined) {
        yield this.#tell(next - 1, { type: "overflow" });
        return;
      }
      if (matches(held.event)) yield this.#tell(next, held.event, held.atMs);
    }
  }

  /** Resolves at the next event, or when the signal aborts. */
  async #published(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => {
      resolve(undefined);
    };
    this.#waiting.add(wake);
    signal.addEventListener("abort", wake, { once: true });
    if (signal.aborted) wake();
    try {
      await promise;
    } finally {
      this.#waiting.delete(wake);
      signal.removeEventListener("abort", wake);
    }
  }

  /** Null when everything behind `after` is held. An id that lies ahead is of a server that started in the same millisecond. */
  #whyLost(after: string): "restarted" | "expired" | null {
    if (startOf(after) !== this.#startMs || numberOf(after) > this.#newest) return "restarted";
    return numberOf(after) < this.#oldest() - 1 ? "expired" : null;
  }

  #tell<Event extends HappenedEvent | StreamEvent>(number: number, event: Event, atMs = Date.now()): Told<Event> {
    return { id: this.#idOf(number), at: new Date(atMs).toISOString(), event };
  }

  #oldest(): number {
    return Math.max(1, this.#newest - this.#capacity + 1);
  }

  #idOf(number: number): string {
    return `${String(this.#startMs)}-${String(number)}`;
  }
}

function startOf(id: string): number {
  return Number(id.split("-")[0]);
}

function numberOf(id: string): number {
  return Number(id.split("-")[1]);
}
