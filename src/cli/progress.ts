import { formatMs } from "./durations.ts";
import type { Io } from "./io.ts";
import { printable } from "./printable.ts";
import { cut } from "./table.ts";

const redrawMs = 100;
const clearLine = "\r\u001b[K";

/**
 * Tells on stderr what is being waited for, and how long it took. On a terminal one line with a running clock; otherwise a line at
 * the start and one at the end, so that a log shows what hangs. With `--quiet` nothing.
 * @param detail how far it is; asked whenever the line is drawn.
 */
export async function withProgress<T>(
  io: Io,
  what: string,
  task: () => Promise<T>,
  detail: () => string = () => "",
): Promise<T> {
  if (io.quiet) return await task();
  const shown = printable(what);
  const started = performance.now();
  const elapsed = (): string => formatMs(performance.now() - started);
  const clock = startClock(io, shown, elapsed, detail);
  try {
    const result = await task();
    clock.end(`${shown}: ${elapsed()}`);
    return result;
  } catch (error) {
    clock.end(`${shown}: failed after ${elapsed()}`);
    throw error;
  }
}

interface Clock {
  end(lastLine: string): void;
}

function startClock(io: Io, what: string, elapsed: () => string, detail: () => string): Clock {
  if (io.stderr.isTTY !== true) {
    io.stderr.write(`${what} …\n`);
    return { end: (lastLine) => io.stderr.write(`${lastLine}\n`) };
  }
  const draw = (): void => {
    const details = detail();
    const line = `${what} … ${details === "" ? "" : `${details} · `}${elapsed()}`;
    // One column is left free: a full line would wrap, and could not be cleared.
    io.stderr.write(clearLine + cut(line, (io.stderr.columns ?? 80) - 1));
  };
  draw();
  const timer = setInterval(draw, redrawMs);
  return {
    end: (lastLine) => {
      clearInterval(timer);
      io.stderr.write(`${clearLine}${lastLine}\n`);
    },
  };
}
