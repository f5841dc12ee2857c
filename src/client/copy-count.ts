/** What a copy has done. */
export interface CopyTally {
  readonly files: number;
  readonly directories: number;
  readonly links: number;
  readonly bytes: number;
  readonly skipped: readonly { readonly path: string; readonly why: string }[];
}

/** Counts, and tells of it. */
export class CopyCount implements CopyTally {
  files = 0;
  directories = 0;
  links = 0;
  bytes = 0;
  readonly skipped: { readonly path: string; readonly why: string }[] = [];
  readonly #tell: (tally: CopyTally) => void;

  constructor(tell: ((tally: CopyTally) => void) | undefined) {
    this.#tell = tell ?? (() => undefined);
  }

  add(kind: "files" | "directories" | "links"): void {
    this[kind] += 1;
    this.#tell(this);
  }

  addBytes(bytes: number): void {
    this.bytes += bytes;
    this.#tell(this);
  }

  skip(path: string, why: string): void {
    this.skipped.push({ path, why });
    this.#tell(this);
  }
}
