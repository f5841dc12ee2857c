/**
 * A fake guest's disk: files by name, with real bytes in the layers' files. A layer is a line of JSON for each write:
 *
 *     layer-1    {"name":"a","text":"1"}      sealed: this machine reads it
 *     layer-2    {"name":"a","text":"2"}      written: the last line of the topmost layer that has the name counts
 *
 * The lowest layer, the blank one, is never looked into.
 */
import { closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { assert } from "../../lib/assert.ts";

interface Write {
  readonly name: string;
  readonly text: string;
}

export class FakeDisk {
  /** What all layers together hold. */
  readonly #files = new Map<string, string>();
  #overlay: number;

  constructor(layers: readonly string[]) {
    const overlay = layers.at(-1);
    assert(overlay !== undefined && layers.length > 1, "a writable disk is a raw base with at least one overlay");
    for (const layer of layers.slice(1)) readLayer(layer, this.#files);
    this.#overlay = openOverlay(overlay);
  }

  read(name: string): string | null {
    return this.#files.get(name) ?? null;
  }

  write(name: string, text: string): void {
    writeSync(this.#overlay, `${JSON.stringify({ name, text })}\n`);
    this.#files.set(name, text);
  }

  /** Writes go to the overlay at `path` from now on. */
  seal(path: string): void {
    const next = openOverlay(path);
    closeSync(this.#overlay);
    this.#overlay = next;
  }

  close(): void {
    closeSync(this.#overlay);
  }
}

/** Writes the lines of all layers but the blank one to a new file, oldest first. */
export async function flattenFakeDisk(layers: readonly string[], path: string): Promise<void> {
  const lines = await Promise.all(layers.slice(1).map((layer) => readFile(layer)));
  await writeFile(path, Buffer.concat(lines), { flag: "wx", mode: 0o600 });
}

/** Only a file that is there already: a VMM makes none either. */
function openOverlay(path: string): number {
  return openSync(path, constants.O_WRONLY | constants.O_APPEND);
}

function readLayer(path: string, into: Map<string, string>): void {
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (line === "") continue;
    const { name, text } = JSON.parse(line) as Write;
    into.set(name, text);
  }
}
