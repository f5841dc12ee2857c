import type { ForkChild, RametEvent } from "../client/shapes.ts";

/** How far the children of one fork are, as the server's events tell it. */
export class ForkTally {
  readonly #names: ReadonlySet<string>;
  /** Mailboxes whose ack is waited for while the call lasts; a held child is not asked before it is resumed. */
  readonly #acksExpected: number;
  readonly #ids = new Set<string>();
  readonly #restored = new Set<string>();
  readonly #resumed = new Set<string>();
  readonly #failed = new Set<string>();
  #acked = 0;

  constructor(children: readonly ForkChild[]) {
    this.#names = new Set(children.map(({ name }) => name));
    this.#acksExpected = children
      .filter(({ target_state }) => target_state !== "Paused")
      .reduce((sum, { mailboxes = [] }) => sum + mailboxes.filter(({ wait_for_ack }) => wait_for_ack).length, 0);
  }

  take(event: RametEvent): void {
    if (event.type === "mailbox.acked") {
      if (this.#ids.has(event.instance_id)) this.#acked += 1;
      return;
    }
    if (!("parent_id" in event) || !this.#names.has(event.name)) return;
    // An ack's event names the child by its id alone.
    this.#ids.add(event.instance_id);
    if (event.type === "fork.failed") this.#failed.add(event.name);
    else if (event.type === "fork.phase" && event.phase === "restore") this.#restored.add(event.name);
    else if (event.type === "fork.phase" && event.phase === "resume") this.#resumed.add(event.name);
  }

  /** Such as `57 restored · 40 resumed · 12 of 100 acks`; empty while nothing was heard. */
  describe(): string {
    const counts = [
      [this.#restored.size, "restored"],
      [this.#resumed.size, "resumed"],
      [this.#acked, `of ${this.#acksExpected} acks`],
      [this.#failed.size, "failed"],
    ] as const;
    return counts.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`])).join(" · ");
  }
}
