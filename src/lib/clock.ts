/** The time of day, and a bell that rings at one: what works by the calendar gets it from outside, so that a test can turn it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Rings once, when it is `atMs` or as soon as the clock can; at once for a time that is over. Not after it was disposed of. */
  ring(atMs: number, bell: () => void): Disposable;
}

/** The longest delay of a timer (Node.js, `setTimeout`): a bell further away rings early, and whoever hears it looks at the clock. */
const longestDelayMs = 2 ** 31 - 1;

/** The host's clock. Its bells do not keep the process alive. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  ring: (atMs, bell) => {
    const timer = setTimeout(bell, Math.min(Math.max(atMs - Date.now(), 0), longestDelayMs)).unref();
    return {
      [Symbol.dispose]: () => {
        clearTimeout(timer);
      },
    };
  },
};
