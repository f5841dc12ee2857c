import type { PreparedMachine } from "./prepared-machine.ts";

/** Children that stand still with their mail in memory until somebody resumes them. Whoever takes one out owns it. */
export class HeldMachines {
  readonly #held = new Map<string, PreparedMachine>();

  /** Keeps a child; forgets it when its machine ends. */
  put(prepared: PreparedMachine): void {
    const { id } = prepared.stored;
    this.#held.set(id, prepared);
    void prepared.live.machine.exited.then(async () => {
      if (this.#held.get(id) !== prepared) return;
      this.#held.delete(id);
      await prepared.plan[Symbol.asyncDispose]();
    });
  }

  take(instanceId: string): PreparedMachine | null {
    const prepared = this.#held.get(instanceId) ?? null;
    this.#held.delete(instanceId);
    return prepared;
  }
}
