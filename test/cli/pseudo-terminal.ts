import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { text as textOf } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

/** How a command left its terminal. */
export interface TerminalEnd {
  readonly exitCode: number | null;
  readonly signal: number | null;
  /** Both are true on a terminal in its usual state. */
  readonly echo: boolean;
  readonly lineMode: boolean;
}

export interface Terminal {
  /** All that was shown so far. */
  shown(): string;
  /** Resolves when the terminal has shown it. */
  waitFor(pattern: RegExp): Promise<void>;
  type(keys: string): void;
  resize(rows: number, cols: number): void;
  signal(number: number): void;
  readonly ended: Promise<TerminalEnd>;
}

export interface TerminalOptions {
  readonly rows?: number;
  readonly cols?: number;
  readonly env?: Readonly<Record<string, string>>;
}

const helper = fileURLToPath(new URL("pseudo-terminal.py", import.meta.url));
const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** The words of a shell that run `ramet`. */
export const rametWords: readonly string[] = [process.execPath, "--disable-warning=ExperimentalWarning", main];

/** Runs a command on a pseudo-terminal, in an environment that knows no server; it is ended with the test. */
export function openTerminal(t: TestContext, words: readonly string[], options: TerminalOptions = {}): Terminal {
  const { rows = 24, cols = 80, env = {} } = options;
  const child = spawn("python3", [helper, String(rows), String(cols), ...words], {
    env: {
      PATH: process.env["PATH"],
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
      TERM: "xterm",
      RAMET_DATA_DIR: "/nonexistent",
      ...env,
    },
    stdio: ["pipe", "pipe", "inherit", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [keys, output, , orders, end] = child.stdio as unknown as [Writable, Readable, null, Writable, Readable];
  const screen = watch(output);
  // The command may be gone before what is typed or ordered arrives.
  for (const stream of [keys, orders]) stream.on("error", () => undefined);
  const ended = endOf(end, output, screen);
  // A test that failed before it awaited the end is not to fail a second time.
  ended.catch(() => undefined);
  return {
    ...screen,
    type: (text) => void keys.write(text),
    resize: (toRows, toCols) => void orders.write(`${JSON.stringify({ rows: toRows, cols: toCols })}\n`),
    signal: (number) => void orders.write(`${JSON.stringify({ signal: number })}\n`),
    ended,
  };
}

async function endOf(told: Readable, output: Readable, screen: Pick<Terminal, "shown">): Promise<TerminalEnd> {
  const [line] = await Promise.all([textOf(told), once(output, "close")]);
  assert.notEqual(line, "", `the terminal broke off after: ${screen.shown()}`);
  return JSON.parse(line) as TerminalEnd;
}

function watch(output: Readable): Pick<Terminal, "shown" | "waitFor"> {
  let all = "";
  let isOver = false;
  const look = new Set<() => void>();
  const wake = (): void => {
    for (const each of look) each();
  };
  output.setEncoding("utf8").on("data", (piece: string) => {
    all += piece;
    wake();
  });
  output.once("close", () => {
    isOver = true;
    wake();
  });
  return {
    shown: () => all,
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!pattern.test(all) && !isOver) return;
          look.delete(check);
          if (pattern.test(all)) resolve();
          else reject(new Error(`the terminal never showed ${String(pattern)} in: ${JSON.stringify(all)}`));
        };
        look.add(check);
        check();
      }),
  };
}
