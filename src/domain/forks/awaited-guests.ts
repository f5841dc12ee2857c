/**
 * Which of the guests of one call have the processors, from their resume until the call's last ack:
 *
 *     resumed ──► waiting: hardly any share ──turn──► favoured: a large one ──acked──► done: a small one ──all are──► usual
 *                                                         └──────its time is over──────► usual
 *
 * A guest that has just been resumed runs code that its VMM has to translate first, under software emulation. A hundred at the same time all
 * end late; in turn, the first are done while the last wait, and the last are done as early as the work allows (decision 0017). Where shares
 * cannot be raised (see scheduling-share.ts) all run side by side.
 */
import { availableParallelism } from "node:os";
import {
  awaitedShare,
  doneShare,
  raiseSchedulingShare,
  maySetSharesOften,
  sessionOf,
  setSchedulingShare,
  waitingShare,
} from "../../lib/scheduling-share.ts";
import type { ProcessIdentity } from "../../hypervisors/driver.ts";

/** Two for each processor: one may wait for a packet or for its disk. */
const favouredAtOnce = 2 * availableParallelism();

/** Asked once: it does not change while the server runs. */
const sessionIfMayBeSet = maySetSharesOften() ? sessionOf : () => null;

/** One that says nothing is no longer favoured then: those behind it may have something to say. */
const favouredMs = 2000;

/** A guest whose word is waited for. To be disposed of when it has come, or when nobody waits any more. */
export interface AwaitedGuest extends Disposable {
  /** Resolves when it has had its turn and said nothing; whoever waits for its word may ask then. Never rejects. */
  readonly overdue: Promise<undefined>;
}

interface Guest {
  /** Null where the driver has no process for it, or its share cannot be set: it takes its turn like any other. */
  readonly session: string | null;
  share: Disposable | null;
  turn: NodeJS.Timeout | null;
  readonly overdue: PromiseWithResolvers<undefined>;
}

export class AwaitedGuests {
  readonly #places: number;
  readonly #sessionOf: (process: ProcessIdentity) => string | null;
  // In the order in which they came.
  readonly #waiting = new Set<Guest>();
  readonly #favoured = new Set<Guest>();
  readonly #done = new Set<Guest>();

  constructor(places = favouredAtOnce, findSession = sessionIfMayBeSet) {
    this.#places = places;
    this.#sessionOf = findSession;
  }

  /** Of a guest that has just gone on. @param process null where the driver has none. */
  enter(process: ProcessIdentity | null): AwaitedGuest {
    const session = process === null ? null : this.#sessionOf(process);
    const share = session === null ? null : raiseSchedulingShare(awaitedShare, session);
    const guest: Guest = { session, share, turn: null, overdue: Promise.withResolvers() };
    if (this.#favoured.size < this.#places) this.#favour(guest);
    else this.#postpone(guest);
    return {
      overdue: guest.overdue.promise,
      [Symbol.dispose]: () => {
        this.#rest(guest);
      },
    };
  }

  #postpone(guest: Guest): void {
    this.#waiting.add(guest);
    setShare(guest, waitingShare);
  }

  #favour(guest: Guest): void {
    this.#waiting.delete(guest);
    this.#favoured.add(guest);
    setShare(guest, awaitedShare);
    guest.turn = setTimeout(() => {
      equal(guest);
      this.#leave(guest);
      guest.overdue.resolve(undefined);
    }, favouredMs).unref();
  }

  /** What it does now is its own work: that of those who are awaited goes first, and all are done sooner. */
  #rest(guest: Guest): void {
    setShare(guest, doneShare);
    this.#done.add(guest);
    this.#leave(guest);
  }

  /** Gives its place to the next. When nobody of the call is awaited any more, all are equals. */
  #leave(guest: Guest): void {
    if (guest.turn !== null) clearTimeout(guest.turn);
    this.#waiting.delete(guest);
    const [next] = this.#waiting;
    if (this.#favoured.delete(guest) && next !== undefined) this.#favour(next);
    if (this.#favoured.size > 0) return;
    for (const one of this.#done) equal(one);
    this.#done.clear();
  }
}

/** Lowered is only what may be raised again. */
function setShare({ session, share }: Guest, wanted: number): void {
  if (session !== null && share !== null) setSchedulingShare(wanted, session);
}

function equal(guest: Guest): void {
  guest.share?.[Symbol.dispose]();
  guest.share = null;
}
