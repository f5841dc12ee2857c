/** The longest delay of a Node timer; one with more fires at once (nodejs.org/api/timers.html#settimeoutcallback-delay-args). */
const longestDelayMs = 2 ** 31 - 1;

/**
 * Runs `work` once at a time, in Unix ms, however far away; at once, but not before this returns, when it is past. Does not keep the process alive.
 * @returns takes it back.
 */
export function runAt(atMs: number, work: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const delayMs = Math.max(0, atMs - Date.now());
    timer = setTimeout(delayMs > longestDelayMs ? arm : work, Math.min(delayMs, longestDelayMs));
    timer.unref();
  };
  arm();
  return () => {
    clearTimeout(timer);
  };
}
