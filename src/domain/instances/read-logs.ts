import { watch, type FSWatcher } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { filesOf, type Dependencies } from "./dependencies.ts";
import { findInstance } from "./find-instance.ts";

export interface LogOptions {
  /** "app": what the guest's console showed; "vmm": what the virtual machine monitor said; "hypeman": what was done to it. */
  readonly source: "app" | "vmm" | "hypeman";
  /** Only the last so many lines that are there; null: all. */
  readonly tail: number | null;
  /** Go on with lines as they come, until the instance is deleted or the signal aborted. */
  readonly follow: boolean;
}

/** The lines of an instance's log, without line ends. A log that does not exist yet is empty. */
export async function* readLogs(
  deps: Dependencies,
  id: string,
  options: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { id: instanceId } = findInstance(deps, id);
  const { source } = options;
  if (source === "hypeman") yield* readOperations(deps, instanceId, options, signal);
  else yield* readFileLines(deps, instanceId, { ...options, source }, signal);
}

async function* readOperations(
  deps: Dependencies,
  instanceId: string,
  { tail, follow }: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const come: string[] = [];
  using growth = new Notice(signal);
  // Both in one turn: a line is either read or heard of.
  using _ = deps.operations.listen(instanceId, (line) => {
    come.push(line);
    growth.note();
  });
  const present = deps.operations.read(instanceId);
  using __ = endWhenDeleted(deps, instanceId, growth);
  yield* lastOf(present, tail);
  while (follow && (await growth.next())) yield* come.splice(0);
  if (follow) yield* come.splice(0);
}

async function* readFileLines(
  deps: Dependencies,
  instanceId: string,
  options: LogOptions & { readonly source: "app" | "vmm" },
  signal: AbortSignal,
): AsyncGenerator<string> {
  const path = filesOf(deps, instanceId).logPath(options.source);
  await using file = await open(path, "a+", 0o600);
  // Watching starts before the first read, so that nothing written in between is missed.
  using changed = options.follow ? new WatchedFile(path, signal) : null;
  using _ = changed === null ? null : endWhenDeleted(deps, instanceId, changed);
  const lines = new LineReader(file);
  const present = await lines.readNew();
  yield* lastOf(present, options.tail);
  while (changed !== null && (await changed.next())) yield* await lines.readNew();
  yield* lines.rest();
}

function lastOf(lines: readonly string[], tail: number | null): readonly string[] {
  return tail === null ? lines : lines.slice(Math.max(0, lines.length - tail));
}

function endWhenDeleted(deps: Dependencies, instanceId: string, growth: Notice): Disposable {
  const look = (): void => {
    if (deps.store.get(instanceId) === null) growth.end();
  };
  const listening = deps.changes.listen(instanceId, look);
  // It may have gone before anybody listened.
  look();
  return listening;
}

const chunkBytes = 1 << 16;

/** Cuts what is appended to a file into lines; an unfinished last line waits for its end. */
class LineReader {
  readonly #file: FileHandle;
  readonly #decoder = new TextDecoder();
  #position = 0;
  #partial = "";

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async readNew(): Promise<string[]> {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    const lines: string[] = [];
    for (;;) {
      const { bytesRead } = await this.#file.read(chunk, 0, chunkBytes, this.#position);
      if (bytesRead === 0) return lines;
      this.#position += bytesRead;
      const pieces = (this.#partial + this.#decoder.decode(chunk.subarray(0, bytesRead), { stream: true })).split("\n");
      this.#partial = pieces.pop() ?? "";
      lines.push(...pieces.map(withoutCarriageReturn));
    }
  }

  rest(): string[] {
    return this.#partial === "" ? [] : [withoutCarriageReturn(this.#partial)];
  }
}

/** A console ends its lines with CR LF. */
function withoutCarriageReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

/** Whether there may be more since the last question; false once it is over, or the signal aborts. */
class Notice implements Disposable {
  readonly #signal: AbortSignal;
  #isNoted = false;
  #isOver: boolean;
  #wake = (): void => undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    this.#isOver = signal.aborted;
    signal.addEventListener("abort", this.end, { once: true });
  }

  note(): void {
    this.#isNoted = true;
    this.#wake();
  }

  readonly end = (): void => {
    this.#isOver = true;
    this.#wake();
  };

  async next(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#wake = () => {
      resolve(undefined);
    };
    if (!this.#isNoted && !this.#isOver) await promise;
    this.#isNoted = false;
    return !this.#isOver;
  }

  [Symbol.dispose](): void {
    this.#signal.removeEventListener("abort", this.end);
  }
}

class WatchedFile extends Notice {
  readonly #watcher: FSWatcher;

  constructor(path: string, signal: AbortSignal) {
    super(signal);
    this.#watcher = watch(path, () => {
      this.note();
    });
    this.#watcher.on("error", this.end);
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#watcher.close();
  }
}
