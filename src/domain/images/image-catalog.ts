import type { ErrorCode } from "../../errors.ts";
import { transaction, type Database } from "../../store/database.ts";
import type { ImageStatus, RunConfig } from "./image.ts";

/** A name, and what it means. */
export interface ImageRow {
  readonly name: string;
  /** Of the manifest that it means, or will when the pull is over. */
  readonly digest: string;
  /** What it meant before the pull in progress, and goes on to mean should that fail. */
  readonly previousDigest: string | null;
  readonly status: ImageStatus;
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
  readonly pull: PullOrder;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: string;
}

/** All that is needed to fetch it, again after a crash; but no credentials, only whether there were some. */
export interface PullOrder {
  readonly location: string;
  readonly registry: string | null;
  readonly platform: string;
  readonly withCredentials: boolean;
  /** Config and layers, as far as they are known before the copy. */
  readonly blobs: readonly { readonly digest: string; readonly size: number }[];
}

/** A root filesystem in the data directory. */
export interface ImageContent {
  readonly digest: string;
  readonly platform: string;
  readonly config: RunConfig;
  /** The manifest, config and layers that it was made of. */
  readonly blobs: readonly string[];
  readonly sizeBytes: number;
}

type ImageChange = Partial<Pick<ImageRow, "status" | "error" | "digest" | "previousDigest" | "pull" | "tags">>;

/** This concern's SQL, and nobody else's. */
export class ImageCatalog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** All that `work` writes, or, when it throws, nothing. */
  together(work: () => void): void {
    transaction(this.#database, work);
  }

  get(name: string): ImageRow | null {
    const row = this.#database.prepare("select * from images where name = ?").get(name);
    return row === undefined ? null : toImageRow(row);
  }

  list(): ImageRow[] {
    return this.#database.prepare("select * from images order by name").all().map(toImageRow);
  }

  /** Writes the row whole. */
  put(row: ImageRow): void {
    this.#database
      .prepare(
        `insert or replace into images (name, digest, previous_digest, status, error, pull, tags, created_at)
         values (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        row.name,
        row.digest,
        row.previousDigest,
        row.status,
        row.error === null ? null : JSON.stringify(row.error),
        JSON.stringify(row.pull),
        JSON.stringify(row.tags),
        row.createdAt,
      );
  }

  /** Does nothing when the name is gone. */
  change(name: string, change: ImageChange): void {
    const row = this.get(name);
    if (row !== null) this.put({ ...row, ...change });
  }

  remove(name: string): void {
    this.#database.prepare("delete from images where name = ?").run(name);
  }

  content(digest: string): ImageContent | null {
    const row = this.#database.prepare("select * from image_contents where digest = ?").get(digest);
    return row === undefined ? null : toImageContent(row);
  }

  contents(): ImageContent[] {
    return this.#database.prepare("select * from image_contents").all().map(toImageContent);
  }

  addContent({ digest, platform, config, blobs, sizeBytes }: ImageContent): void {
    this.#database
      .prepare(
        "insert or replace into image_contents (digest, platform, config, blobs, size_bytes) values (?, ?, ?, ?, ?)",
      )
      .run(digest, platform, JSON.stringify(config), JSON.stringify(blobs), sizeBytes);
  }

  removeContent(digest: string): void {
    this.#database.prepare("delete from image_contents where digest = ?").run(digest);
  }
}

type Row = Record<string, unknown>;

/** The columns were written above, in a database that this process alone holds: their shapes are ours. */
function toImageRow(row: Row): ImageRow {
  return {
    name: String(row["name"]),
    digest: String(row["digest"]),
    previousDigest: typeof row["previous_digest"] === "string" ? row["previous_digest"] : null,
    status: row["status"] as ImageStatus,
    error: fromJson(row["error"]) as ImageRow["error"],
    pull: fromJson(row["pull"]) as PullOrder,
    tags: fromJson(row["tags"]) as ImageRow["tags"],
    createdAt: String(row["created_at"]),
  };
}

function toImageContent(row: Row): ImageContent {
  return {
    digest: String(row["digest"]),
    platform: String(row["platform"]),
    config: fromJson(row["config"]) as RunConfig,
    blobs: fromJson(row["blobs"]) as string[],
    sizeBytes: Number(row["size_bytes"]),
  };
}

function fromJson(text: unknown): unknown {
  return typeof text === "string" ? JSON.parse(text) : null;
}
