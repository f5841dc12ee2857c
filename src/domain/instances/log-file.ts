import { open, stat, type FileHandle } from "node:fs/promises";
import {
  checkedBytes,
  fits,
  lineFeed,
  nameOfFile,
  placeBehind,
  readPlace,
  textOfLine,
  writePlace,
  type LogPlace,
  type PlacedLine,
} from "../history/log-place.ts";

const chunkBytes = 1 << 16;

/** Of a log's file: it no longer holds what was read of it, its path leads to another one, or neither. */
export type Fate = "cut" | "replaced" | "kept";

/** A file that somebody appends lines to, read line by line from a place. */
export class LogFile implements AsyncDisposable {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #name: string;
  /** Behind the last line that was given out. */
  #place: LogPlace;
  /** What is read and has no line end yet. */
  #unfinished: Buffer[] = [];

  private constructor(path: string, file: FileHandle, name: string) {
    this.#path = path;
    this.#file = file;
    this.#name = name;
    this.#place = { file: name, offset: 0, check: 0 };
  }

  /** Makes the file when there is none. */
  static async open(path: string): Promise<LogFile> {
    const file = await open(path, "a+", 0o600);
    try {
      return new LogFile(path, file, nameOfFile(await file.stat({ bigint: true })));
    } catch (failure) {
      await file.close();
      throw failure;
    }
  }

  /** Behind the last line that was given out. */
  get place(): string {
    return writePlace(this.#place);
  }

  /** Goes on behind a line, if this is the file that it stood in, and still holds it. Otherwise says what became of that. */
  async goTo(text: string): Promise<Fate> {
    const place = readPlace(text);
    if (place.file !== this.#name) return "replaced";
    if (!(await this.#holds(place))) return "cut";
    this.#goTo(place);
    return "kept";
  }

  startOver(): void {
    this.#goTo({ file: this.#name, offset: 0, check: 0 });
  }

  /** Goes to where the last so many lines begin. @param withUnfinished whether one without its end is a line. */
  async goToLast(count: number, withUnfinished: boolean): Promise<void> {
    const { size } = await this.#file.stat();
    const lastByte = size === 0 ? undefined : (await this.#read(size - 1, size))[0];
    // The line feed that ends the last line begins no other.
    let wanted = lastByte === lineFeed || !withUnfinished ? count + 1 : count;
    for (let end = size; end > 0 && wanted > 0; end = Math.max(0, end - chunkBytes)) {
      const chunk = await this.#read(Math.max(0, end - chunkBytes), end);
      for (let at = chunk.lastIndexOf(lineFeed); at !== -1 && wanted > 0;) {
        wanted -= 1;
        if (wanted === 0) {
          this.#goTo(await this.#placeAt(Math.max(0, end - chunkBytes) + at + 1));
          return;
        }
        at = at === 0 ? -1 : chunk.lastIndexOf(lineFeed, at - 1);
      }
    }
    this.startOver();
  }

  /** The lines from here to the end of what is there. */
  async *readLines(): AsyncGenerator<PlacedLine, void, void> {
    let position = this.#place.offset + lengthOf(this.#unfinished);
    for (;;) {
      const chunk = await this.#read(position, position + chunkBytes);
      if (chunk.length === 0) return;
      position += chunk.length;
      let begin = 0;
      for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, begin)) {
        yield this.#finish(chunk.subarray(begin, at + 1));
        begin = at + 1;
      }
      if (begin < chunk.length) this.#unfinished.push(chunk.subarray(begin));
    }
  }

  /** The last line, when it has no end. */
  readUnfinished(): PlacedLine[] {
    if (this.#unfinished.length === 0) return [];
    return [{ text: textOfLine(Buffer.concat(this.#unfinished)), place: null }];
  }

  /** What became of the file since it was read. */
  async whatBecameOfIt(): Promise<Fate> {
    const now = await statOrNull(this.#path);
    if (now !== null && nameOfFile(now) !== this.#name) return "replaced";
    const { size } = await this.#file.stat();
    // Only the beginning of a line was cut away: it is read anew.
    if (size < this.#place.offset + lengthOf(this.#unfinished)) this.#unfinished = [];
    return (await this.#holds(this.#place)) ? "kept" : "cut";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  #finish(end: Buffer): PlacedLine {
    const line = Buffer.concat([...this.#unfinished, end]);
    this.#unfinished = [];
    this.#place = placeBehind(this.#name, line, this.#place.offset + line.length);
    return { text: textOfLine(line), place: this.place };
  }

  #goTo(place: LogPlace): void {
    this.#place = place;
    this.#unfinished = [];
  }

  async #holds(place: LogPlace): Promise<boolean> {
    return fits(place, await this.#read(Math.max(0, place.offset - checkedBytes), place.offset));
  }

  /** @param offset right behind a line feed. */
  async #placeAt(offset: number): Promise<LogPlace> {
    const before = await this.#read(Math.max(0, offset - checkedBytes), offset);
    return placeBehind(this.#name, before.subarray(before.lastIndexOf(lineFeed, -2) + 1), offset);
  }

  /** The bytes of a stretch, as far as they are there. */
  async #read(from: number, to: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafeSlow(to - from);
    const { bytesRead } = await this.#file.read(bytes, 0, bytes.length, from);
    return bytes.subarray(0, bytesRead);
  }
}

function lengthOf(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

async function statOrNull(path: string): Promise<{ readonly ino: bigint; readonly birthtimeNs: bigint } | null> {
  try {
    return await stat(path, { bigint: true });
  } catch (failure) {
    if (failure instanceof Error && "code" in failure && failure.code === "ENOENT") return null;
    throw failure;
  }
}
