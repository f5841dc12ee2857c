/**
 * What was done to an instance, a line of JSON each, in its own directory:
 *
 *     operations.log      the newest lines
 *     operations.log.1    those before, once there were too many: one file of lines is dropped at each turn
 *
 * Lines are written whole and at once, by this process alone, so that who reads and then listens misses none.
 */
import { closeSync, fstatSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { currentOrigin } from "../../observability/origin.ts";
import { lineFeed, nameOfFile, placeBehind, textOfLine, writePlace, type PlacedLine } from "./log-place.ts";
import { KeyedListeners } from "../../lib/keyed-listeners.ts";

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

/** What is kept of a log. */
export interface KeptLines {
  /** Where the first one begins; null when there is no file yet. */
  readonly begin: string | null;
  /** Oldest first. */
  readonly lines: readonly PlacedLine[];
}

const defaultMaxFileBytes = 1 << 20;

export class OperationLog {
  readonly #pathOf: (instanceId: string) => string;
  readonly #maxFileBytes: number;
  readonly #listeners = new KeyedListeners<PlacedLine>();

  constructor({ pathOf, maxFileBytes }: OperationLogOptions) {
    this.#pathOf = pathOf;
    this.#maxFileBytes = maxFileBytes ?? defaultMaxFileBytes;
  }

  /** Adds a line, with the time and the request that is being served. Does nothing for an instance whose directory is gone. */
  append(instanceId: string, entry: OperationEntry): void {
    const line = this.#write(this.#pathOf(instanceId), JSON.stringify(describe(entry)));
    if (line === null) return;
    this.#listeners.tell(instanceId, line);
  }

  read(instanceId: string): KeptLines {
    const path = this.#pathOf(instanceId);
    const [before, newest] = [keptIn(turnedPath(path)), keptIn(path)];
    return { begin: before.begin ?? newest.begin, lines: [...before.lines, ...newest.lines] };
  }

  /** Calls `listener` with each line that comes, until the result is disposed of. */
  listen(instanceId: string, listener: (line: PlacedLine) => void): Disposable {
    return this.#listeners.listen(instanceId, listener);
  }

  #write(path: string, text: string): PlacedLine | null {
    const file = openIfThere(path, "a");
    if (file === null) return null;
    try {
      const bytes = Buffer.from(`${text}\n`);
      writeSync(file, bytes);
      const status = fstatSync(file, { bigint: true });
      if (status.size > this.#maxFileBytes) renameSync(path, turnedPath(path));
      return { text, place: writePlace(placeBehind(nameOfFile(status), bytes, Number(status.size))) };
    } finally {
      closeSync(file);
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

/** Where the lines before those in a log's file are. */
export function turnedPath(path: string): string {
  return `${path}.1`;
}

function keptIn(path: string): KeptLines {
  const file = openIfThere(path, "r");
  if (file === null) return { begin: null, lines: [] };
  try {
    const name = nameOfFile(fstatSync(file, { bigint: true }));
    return { begin: writePlace({ file: name, offset: 0, check: 0 }), lines: [...linesIn(readFileSync(file), name)] };
  } finally {
    closeSync(file);
  }
}

/** A line that a crash left without its end is none. */
function* linesIn(bytes: Buffer, name: string): Generator<PlacedLine> {
  let begin = 0;
  for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, begin)) {
    const line = bytes.subarray(begin, at + 1);
    begin = at + 1;
    if (line.length > 1) yield { text: textOfLine(line), place: writePlace(placeBehind(name, line, begin)) };
  }
}

/** Null when there is no such file or, for one to be written, no such directory. */
function openIfThere(path: string, flags: "a" | "r"): number | null {
  try {
    return openSync(path, flags, 0o600);
  } catch (failure) {
    if (failure instanceof Error && "code" in failure && failure.code === "ENOENT") return null;
    throw failure;
  }
}
