/**
 * What was done to an instance, a line of JSON each, in its own directory:
 *
 *     operations.log      the newest lines
 *     operations.log.1    those before, once there were too many: one file of lines is dropped at each turn
 *
 * Lines are written whole and at once, by this process alone, so that who reads and then listens misses none.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, statSync } from "node:fs";
import { currentOrigin } from "../../observability/origin.ts";

/** Never a payload, a token or a program's arguments. */
export interface OperationEntry {
  readonly operation: string;
  readonly outcome: "ok" | "failed";
  /** Of the error, when it failed. */
  readonly code?: string | null;
  readonly durationMs?: number;
  readonly phasesMs?: Readonly<Record<string, number>>;
  /** Further facts, such as the states of a change. */
  readonly facts?: Readonly<Record<string, string | number | null>>;
}

export interface OperationLogOptions {
  readonly pathOf: (instanceId: string) => string;
  /** A file that is larger is turned. */
  readonly maxFileBytes?: number;
}

type Listener = (line: string) => void;

const defaultMaxFileBytes = 1 << 20;

export class OperationLog {
  readonly #pathOf: (instanceId: string) => string;
  readonly #maxFileBytes: number;
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor({ pathOf, maxFileBytes }: OperationLogOptions) {
    this.#pathOf = pathOf;
    this.#maxFileBytes = maxFileBytes ?? defaultMaxFileBytes;
  }

  /** Adds a line, with the time and the request that is being served. Does nothing for an instance whose directory is gone. */
  append(instanceId: string, entry: OperationEntry): void {
    const line = JSON.stringify(describe(entry));
    if (!this.#write(this.#pathOf(instanceId), line)) return;
    for (const listener of this.#listeners.get(instanceId) ?? []) listener(line);
  }

  /** All lines that are kept, oldest first. */
  read(instanceId: string): string[] {
    const path = this.#pathOf(instanceId);
    return [...linesOf(turnedPath(path)), ...linesOf(path)];
  }

  /** Calls `listener` with each line that comes, until the result is disposed of. */
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

  #write(path: string, line: string): boolean {
    try {
      appendFileSync(path, `${line}\n`, { mode: 0o600 });
      if (statSync(path).size > this.#maxFileBytes) renameSync(path, turnedPath(path));
      return true;
    } catch (failure) {
      if (isAbsence(failure)) return false;
      throw failure;
    }
  }
}

function describe({ operation, outcome, code, durationMs, phasesMs, facts }: OperationEntry): object {
  const origin = currentOrigin();
  return {
    at: new Date().toISOString(),
    request_id: origin?.requestId ?? null,
    caller: origin?.caller?.id ?? null,
    operation,
    outcome,
    ...(code === null || code === undefined ? {} : { code }),
    ...(durationMs === undefined ? {} : { duration_ms: durationMs }),
    ...(phasesMs === undefined ? {} : { phases_ms: phasesMs }),
    ...facts,
  };
}

function turnedPath(path: string): string {
  return `${path}.1`;
}

function linesOf(path: string): string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "");
}

function isAbsence(failure: unknown): boolean {
  return failure instanceof Error && "code" in failure && failure.code === "ENOENT";
}
