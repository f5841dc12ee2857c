type Listener = () => void;

/** Tells those who wait for an instance that it may look different now. Carries no state: listeners look for themselves. */
export class Changes {
  readonly #listeners = new Map<string, Set<Listener>>();

  /** Calls `listener` at each change of the instance until the result is disposed of. */
  listen(instanceId: string, listener: Listener): Disposable {
    const listeners = this.#listeners.get(instanceId) ?? new Set();
    this.#listeners.set(instanceId, listeners.add(listener));
    return {
      [Symbol.dispose]: () => {
        listeners.delete(listener);
        if (listeners.size === 0 && this.#listeners.get(instanceId) === listeners) this.#listeners.delete(instanceId);
      },
    };
  }

  notify(instanceId: string): void {
    for (const listener of [...(this.#listeners.get(instanceId) ?? [])]) listener();
  }
}
