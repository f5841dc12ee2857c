import type { StatementSync } from "node:sqlite";
import type { Database } from "../store/database.ts";

/** A token as it is kept: all but its secret. Times are Unix ms. */
export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly grants: readonly string[];
  /** The id of the caller who made it. */
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
  readonly lastUsedAtMs: number | null;
  readonly revokedAtMs: number | null;
}

/** This concern's SQL, and nobody else's. */
export class ApiTokenStore {
  readonly #database: Database;
  /** Asked for every request, and so prepared once. */
  readonly #byId: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    this.#byId = database.prepare("select * from api_tokens where id = ?");
  }

  insert(token: ApiToken, secretDigest: Buffer): void {
    const { id, name, grants, createdBy, createdAtMs, expiresAtMs } = token;
    this.#database
      .prepare(
        `insert into api_tokens (id, name, secret_digest, grants, created_by, created_at_ms, expires_at_ms)
         values (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(id, name, secretDigest, JSON.stringify(grants), createdBy, createdAtMs, expiresAtMs);
  }

  get(id: string): ApiToken | null {
    return this.getWithDigest(id)?.token ?? null;
  }

  getWithDigest(id: string): { readonly token: ApiToken; readonly secretDigest: Uint8Array } | null {
    const row = this.#byId.get(id);
    return row === undefined ? null : { token: toApiToken(row), secretDigest: row["secret_digest"] as Uint8Array };
  }

  /** Oldest first. */
  list(): ApiToken[] {
    return this.#database.prepare("select * from api_tokens order by created_at_ms, id").all().map(toApiToken);
  }

  revoke(id: string, revokedAtMs: number): void {
    this.#database.prepare("update api_tokens set revoked_at_ms = ? where id = ?").run(revokedAtMs, id);
  }

  setLastUsed(id: string, lastUsedAtMs: number): void {
    this.#database.prepare("update api_tokens set last_used_at_ms = ? where id = ?").run(lastUsedAtMs, id);
  }

  /** Forgets those that were revoked or expired before this time. */
  removeEndedBefore(ms: number): void {
    this.#database.prepare("delete from api_tokens where revoked_at_ms < ?1 or expires_at_ms < ?1").run(ms);
  }
}

/** The columns were written by `insert`, in a database that this process alone holds: their shapes are ours. */
function toApiToken(row: Record<string, unknown>): ApiToken {
  return {
    id: String(row["id"]),
    name: String(row["name"]),
    grants: JSON.parse(String(row["grants"])) as string[],
    createdBy: String(row["created_by"]),
    createdAtMs: Number(row["created_at_ms"]),
    expiresAtMs: numberOrNull(row["expires_at_ms"]),
    lastUsedAtMs: numberOrNull(row["last_used_at_ms"]),
    revokedAtMs: numberOrNull(row["revoked_at_ms"]),
  };
}

function numberOrNull(value: unknown): number | null {
  return value === null ? null : Number(value);
}
