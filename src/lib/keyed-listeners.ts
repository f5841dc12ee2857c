type Listener<Told> = (told: Told) => void;

/** Who wants to hear of which key. A key that nobody listens to takes no memory. */
export class KeyedListeners<Told> {
  readonly #listeners = new Map<string, Set<Listener<Told>>>();

  /** Calls `listener` with all that is told of the key, until the result is disposed of. */
  listen(key: string, listener: Listener<Told>): Disposable {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return {
      [Symbol.dispose]: () => {
        listeners.delete(listener);
        if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
      },
    };
  }

  /** Who begins to listen meanwhile hears the next. */
  tell(key: string, told: Told): void {
    for (const listener of [...(this.#listeners.get(key) ?? [])]) listener(told);
  }

  /** How many keys are listened to. */
  get size(): number {
    return this.#listeners.size;
  }
}
