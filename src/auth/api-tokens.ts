/**
 * The API's own bearer tokens:
 *
 *     ramet_ <id> _ <secret>           the id finds the row; the secret's SHA-256 is compared with the row's
 *            24 of a-z0-9   43 of base64url: 256 random bits
 *
 *     live ──revoke──► revoked         both end at once: every open stream of the token is told
 *      └────time─────► expired
 *
 * Ended ones are listed for a month and then forgotten.
 */
import { hash, randomBytes, randomInt, timingSafeEqual } from "node:crypto";
import { OperatingError } from "../errors.ts";
import { runAt } from "../lib/run-at.ts";
import type { Database } from "../store/database.ts";
import type { Authority } from "./authority.ts";
import { ApiTokenStore, type ApiToken } from "./api-token-store.ts";
import { covers, type Grant } from "./scopes.ts";

export type { ApiToken } from "./api-token-store.ts";

/** The last use is written this long after it at most: a write for each request would cost each a flush of the disk. */
const lastUseWrittenWithinMs = 60_000;
const endedKeptMs = 30 * 24 * 60 * 60 * 1000;
const idAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
const tokenPattern = /^ramet_(?<id>[a-z0-9]{24})_(?<secret>[A-Za-z0-9_-]{43})$/;

export interface ApiTokenRequest {
  readonly name: string;
  readonly grants: readonly Grant[];
  /** Unix ms. Null: as long as its maker's authority, which may be for ever. */
  readonly expiresAtMs: number | null;
}

/** Makes, lists, revokes and checks tokens. Close it before the database. */
export class ApiTokens {
  readonly #store: ApiTokenStore;
  readonly #ends = new Map<string, Set<() => void>>();
  readonly #uses = new Map<string, number>();
  #writeUses: (() => void) | null = null;

  constructor(database: Database) {
    this.#store = new ApiTokenStore(database);
    this.#store.removeEndedBefore(Date.now() - endedKeptMs);
  }

  /**
   * Makes a token that may do no more, and live no longer, than its maker.
   * @returns the token's text, which is kept nowhere and cannot be shown again.
   * @throws OperatingError `forbidden` when it would exceed its maker, `invalid_request` when it would be over already.
   */
  create(request: ApiTokenRequest, maker: Authority): { readonly token: ApiToken; readonly text: string } {
    const exceeding = request.grants.find((grant) => !covers(maker.grants, grant));
    if (exceeding !== undefined) throw exceeds(`the scope ${exceeding}`);
    if (outlives(request.expiresAtMs, maker.expiresAtMs)) throw exceeds("a later end");
    const now = Date.now();
    if (request.expiresAtMs !== null && request.expiresAtMs <= now) {
      throw new OperatingError("invalid_request", '"expires_at" must be in the future.');
    }
    const secret = randomBytes(32).toString("base64url");
    const token: ApiToken = {
      id: newTokenId(),
      name: request.name,
      grants: [...new Set(request.grants)],
      createdBy: maker.caller.id,
      createdAtMs: now,
      expiresAtMs: request.expiresAtMs ?? maker.expiresAtMs,
      lastUsedAtMs: null,
      revokedAtMs: null,
    };
    this.#store.insert(token, digestOf(secret));
    return { token, text: `ramet_${token.id}_${secret}` };
  }

  /** All of the last month, oldest first, the ended ones too. */
  list(): ApiToken[] {
    return this.#store
      .list()
      .map((token) => ({ ...token, lastUsedAtMs: this.#uses.get(token.id) ?? token.lastUsedAtMs }));
  }

  /**
   * @param reference its id, the name that one live token has, or the beginning of one id.
   * @throws OperatingError `not_found`, `ambiguous`.
   */
  find(reference: string): ApiToken {
    const exact = this.#store.get(reference);
    if (exact !== null) return exact;
    const all = this.#store.list();
    const named = all.filter((token) => token.name === reference && token.revokedAtMs === null && !hasExpired(token));
    const found = named.length > 0 ? named : all.filter(({ id }) => reference !== "" && id.startsWith(reference));
    const [first, second] = found;
    if (first === undefined) {
      const message = "there is no token with this id, name or id prefix: list them with GET /tokens";
      throw new OperatingError("not_found", message);
    }
    if (second !== undefined) throw new OperatingError("ambiguous", "several tokens are called so: give the id");
    return first;
  }

  /**
   * Ends a token and all that is open under it. One that is revoked stays so, and that is no error.
   * @param reference as `find` takes it.
   * @throws OperatingError `not_found`, `ambiguous`, `forbidden` when it may do more than who wants it gone.
   */
  revoke(reference: string, revoker: Authority): ApiToken {
    const token = this.find(reference);
    if (!token.grants.every((grant) => covers(revoker.grants, grant as Grant))) {
      throw new OperatingError("forbidden", "that token may do more than yours: revoke it with one that covers it");
    }
    if (token.revokedAtMs === null) this.#store.revoke(token.id, Date.now());
    for (const end of [...(this.#ends.get(token.id) ?? [])]) end();
    return token;
  }

  /**
   * Whose authority this is. Null when the text does not have the form of a token of ours.
   * @throws OperatingError `unauthorized` when it has, and is unknown, revoked or expired.
   */
  authorityOf(text: string): Authority | null {
    const { id, secret } = tokenPattern.exec(text)?.groups ?? {};
    if (id === undefined || secret === undefined) return null;
    const kept = this.#store.getWithDigest(id);
    // Compared in constant time; that an id is unknown may show, for an id alone opens nothing.
    if (kept === null || !timingSafeEqual(kept.secretDigest, digestOf(secret)))
      throw refused("is unknown to this server");
    const { token } = kept;
    if (token.revokedAtMs !== null) throw refused("was revoked");
    if (hasExpired(token)) throw refused("has expired");
    this.#noteUse(id);
    return {
      caller: { id, name: token.name },
      grants: token.grants,
      expiresAtMs: token.expiresAtMs,
      onEnd: (end) => this.#onEnd(token, end),
    };
  }

  /** Writes what is noted of last uses. */
  close(): void {
    this.#writeUses?.();
  }

  #onEnd(token: ApiToken, end: () => void): () => void {
    const ends = this.#ends.get(token.id) ?? new Set();
    this.#ends.set(token.id, ends.add(end));
    // It may have been revoked between its check and now.
    const isOver = this.#store.get(token.id)?.revokedAtMs !== null;
    const dueMs = isOver ? 0 : token.expiresAtMs;
    const takeBack = dueMs === null ? null : runAt(dueMs, end);
    return () => {
      takeBack?.();
      ends.delete(end);
      if (ends.size === 0 && this.#ends.get(token.id) === ends) this.#ends.delete(token.id);
    };
  }

  #noteUse(id: string): void {
    this.#uses.set(id, Date.now());
    if (this.#writeUses !== null) return;
    const write = (): void => {
      takeBack();
      this.#writeUses = null;
      for (const [used, ms] of this.#uses) this.#store.setLastUsed(used, ms);
      this.#uses.clear();
    };
    const takeBack = runAt(Date.now() + lastUseWrittenWithinMs, write);
    this.#writeUses = write;
  }
}

function newTokenId(): string {
  return Array.from({ length: 24 }, () => idAlphabet[randomInt(idAlphabet.length)]).join("");
}

function digestOf(secret: string): Buffer {
  return hash("sha256", secret, "buffer");
}

function hasExpired(token: ApiToken): boolean {
  return token.expiresAtMs !== null && token.expiresAtMs <= Date.now();
}

function outlives(expiresAtMs: number | null, makerExpiresAtMs: number | null): boolean {
  return expiresAtMs !== null && makerExpiresAtMs !== null && expiresAtMs > makerExpiresAtMs;
}

function exceeds(what: string): OperatingError {
  return new OperatingError("forbidden", `a token cannot make one with more than it has itself: yours lacks ${what}`);
}

function refused(what: string): OperatingError {
  return new OperatingError("unauthorized", `This bearer token ${what}; ask for a new one.`);
}
