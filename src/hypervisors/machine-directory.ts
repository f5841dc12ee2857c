import { closeSync, constants, fstatSync, openSync, readlinkSync, statSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { assert } from "../lib/assert.ts";
import { MachineLostError } from "./driver.ts";

/**
 * A machine's directory, held open under a name that stays true while the directory is renamed: `path` is /proc/self/fd/N
 * (proc(5)). Whoever still reached a machine by the directory's old name could meet the sockets of another machine there.
 */
export class MachineDirectory {
  readonly #path: string;
  readonly #handle: number;
  #isClosed = false;

  constructor(path: string) {
    this.#handle = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    this.#path = `/proc/self/fd/${String(this.#handle)}`;
  }

  /** For this process only, and only while the directory is held: the descriptor's number may be another's later. */
  get path(): string {
    if (this.#isClosed) throw new MachineLostError("the machine has ended");
    return this.#path;
  }

  get isHeld(): boolean {
    return !this.#isClosed;
  }

  /** What `path` is called from within this directory, which may have been renamed; unchanged when it lies elsewhere. */
  nameOf(path: string): string {
    assert(!this.#isClosed, "a directory is asked for names while it is held");
    const own = fstatSync(this.#handle);
    for (let parent = dirname(path); ; parent = dirname(parent)) {
      const { dev, ino } = statSync(parent);
      if (dev === own.dev && ino === own.ino) return relative(parent, path);
      if (parent === dirname(parent)) return path;
    }
  }

  /** Where the file lies that is called `name` from within this directory, by the directory's present name. */
  pathOf(name: string): string {
    return resolve(readlinkSync(this.path), name);
  }

  /** Safe to call again. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#handle);
  }
}
