type Listener = () => void;
type GeneralListener = (instanceId: string) => void;

/** Tells those who wait for an instance that it may look different now. Carries no state: listeners look for themselves. */
export class Changes {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #generalListeners = new Set<GeneralListener>();

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

  /** Calls `listener` at each change of any instance, before those who listen to that one alone, until the result is disposed of. */
  listenToAll(listener: GeneralListener): Disposable {
    this.#generalListeners.add(listener);
    return {
      [Symbol.dispose]: () => {
        this.#generalListeners.delete(listener);
      },
    };
  }

  notify(instanceId: string): void {
    for (const listener of [...this.#generalListeners]) listener(instanceId);
    for (const listener of [...(this.#listeners.get(instanceId) ?? [])]) listener();
  }
}
