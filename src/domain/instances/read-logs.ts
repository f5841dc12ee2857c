import { watch, type FSWatcher } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { filesOf, type Dependencies } from "./dependencies.ts";
import { findInstance } from "./find-instance.ts";

export interface LogOptions {
  /** "app": what the guest's console showed; "vmm": what the virtual machine monitor said. */
  readonly source: "app" | "vmm";
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
  const path = filesOf(deps, instanceId).logPath(options.source);
  await using file = await open(path, "a+", 0o600);
  // Watching starts before the first read, so that nothing written in between is missed.
  using changed = options.follow ? watchFile(path, signal) : null;
  using _ = deps.changes.listen(instanceId, () => {
    if (deps.store.get(instanceId) === null) changed?.end();
  });
  const lines = new LineReader(file);
  const present = await lines.readNew();
  yield* options.tail === null ? present : present.slice(Math.max(0, present.length - options.tail));
  while (changed !== null && (await changed.next())) yield* await lines.readNew();
  yield* lines.rest();
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

/** Whether the file may have grown since the last question; false once it is over. */
interface Growth extends Disposable {
  next(): Promise<boolean>;
  end(): void;
}

function watchFile(path: string, signal: AbortSignal): Growth {
  let grown = false;
  let over = signal.aborted;
  let wake = (): void => undefined;
  const end = (): void => {
    over = true;
    wake();
  };
  const watcher: FSWatcher = watch(path, () => {
    grown = true;
    wake();
  });
  watcher.on("error", end);
  signal.addEventListener("abort", end, { once: true });
  return {
    async next() {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      wake = () => {
        resolve(undefined);
      };
      if (!grown && !over) await promise;
      grown = false;
      return !over;
    },
    end,
    [Symbol.dispose]() {
      signal.removeEventListener("abort", end);
      watcher.close();
    },
  };
}
