/**
 * A fake guest's disk: files by name, with real bytes in the layers' files. A layer is a line of JSON for each write:
 *
 *     layer-1    {"name":"a","text":"1"}      sealed: this machine reads it
 *     layer-2    {"name":"a","text":"2"}      written: the last line of the topmost layer that has the name counts
 *
 * The lowest layer, the blank one, is never looked into. The others are read when they are opened; the open file is what a layer is
 * known by, so that its directory may be renamed.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync, statSync, writeSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { assert } from "../../lib/assert.ts";
import { RefusedError } from "../driver.ts";

interface Write {
  readonly name: string;
  readonly text: string;
}

interface Layer {
  readonly handle: number;
  /** What it holds, by name. */
  readonly files: Map<string, string>;
}

export class FakeDisk {
  /** Without the blank one, oldest first; the last one is written. */
  #layers: Layer[];

  constructor(layers: readonly string[]) {
    const overlay = layers.at(-1);
    assert(overlay !== undefined && layers.length > 1, "a writable disk is a raw base with at least one overlay");
    this.#layers = [...layers.slice(1, -1).map(openSealed), openOverlay(overlay)];
  }

  /** Where the file lies that is written. */
  get writtenPath(): string {
    return readlinkSync(`/proc/self/fd/${String(this.#top.handle)}`);
  }

  get #top(): Layer {
    const top = this.#layers.at(-1);
    assert(top !== undefined, "a disk has a layer that is written");
    return top;
  }

  read(name: string): string | null {
    return this.#layers.findLast(({ files }) => files.has(name))?.files.get(name) ?? null;
  }

  write(name: string, text: string): void {
    writeSync(this.#top.handle, `${JSON.stringify({ name, text })}\n`);
    this.#top.files.set(name, text);
  }

  /** Writes go to the overlay at `path` from now on. */
  seal(path: string): void {
    const next = openOverlay(path);
    const sealed = openSealed(this.writtenPath);
    closeSync(this.#top.handle);
    this.#layers.splice(-1, 1, sealed, next);
  }

  /** What lay below the layer `above` is read from `merged` from now on. */
  replaceBelow(above: string, merged: string): void {
    const { dev, ino } = statSync(above);
    const index = this.#layers.findIndex(({ handle }) => {
      const own = fstatSync(handle);
      return own.dev === dev && own.ino === ino;
    });
    if (index < 1) throw new RefusedError(`the machine's disk has no layer ${above} with layers below it`);
    if (index === 1) return;
    const next = openSealed(merged);
    for (const { handle } of this.#layers.slice(0, index)) closeSync(handle);
    this.#layers = [next, ...this.#layers.slice(index)];
  }

  close(): void {
    for (const { handle } of this.#layers) closeSync(handle);
  }
}

/** Writes the lines of all layers but the blank one to a new file, oldest first. */
export async function flattenFakeDisk(layers: readonly string[], path: string): Promise<void> {
  const lines = await Promise.all(layers.slice(1).map((layer) => readFile(layer)));
  await writeFile(path, Buffer.concat(lines), { flag: "wx", mode: 0o600 });
}

function openSealed(path: string): Layer {
  return { handle: openSync(path, constants.O_RDONLY), files: readLayer(path) };
}

/** Only a file that is there already: a VMM makes none either. */
function openOverlay(path: string): Layer {
  return { handle: openSync(path, constants.O_WRONLY | constants.O_APPEND), files: readLayer(path) };
}

function readLayer(path: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (line === "") continue;
    const { name, text } = JSON.parse(line) as Write;
    files.set(name, text);
  }
  return files;
}
