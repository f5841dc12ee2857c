import { createHash } from "node:crypto";
import { OperatingError } from "../../errors.ts";
import type { Database } from "../../store/database.ts";

/** How long a key is remembered. */
const keptMs = 24 * 60 * 60 * 1000;

/**
 * Gives a repeated call the first one's answer. Of a request only a digest is kept, and answers hold no
 * payloads.
 */
export class IdempotencyStore {
  readonly #database: Database;
  readonly #underWay = new Map<string, { readonly digest: string; readonly answer: Promise<unknown> }>();

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Runs `work` for the first call with this key and remembers its answer, unless it fails; a second call meanwhile waits for the same answer.
   * @param request the exact request, for which the key stands from then on.
   * @throws OperatingError `name_conflict` when the key was used for another request.
   */
  async once<Answer>(key: string, request: string, work: () => Promise<Answer>): Promise<Answer> {
    const digest = createHash("sha256").update(`${key}\0${request}`).digest("hex");
    const present = this.#underWay.get(key);
    if (present !== undefined) return (await sameRequest(key, present.digest, digest, present.answer)) as Answer;
    const stored = this.#database.prepare("select digest, answer from idempotency_keys where key = ?").get(key);
    if (stored !== undefined) {
      const answer: unknown = JSON.parse(String(stored["answer"]));
      return (await sameRequest(key, String(stored["digest"]), digest, Promise.resolve(answer))) as Answer;
    }
    const answer = work();
    this.#underWay.set(key, { digest, answer });
    try {
      this.#remember(key, digest, await answer);
      return await answer;
    } finally {
      this.#underWay.delete(key);
    }
  }

  #remember(key: string, digest: string, answer: unknown): void {
    const now = Date.now();
    this.#database.prepare("delete from idempotency_keys where created_at_ms < ?").run(now - keptMs);
    this.#database
      .prepare("insert into idempotency_keys (key, digest, answer, created_at_ms) values (?, ?, ?, ?)")
      .run(key, digest, JSON.stringify(answer), now);
  }
}

async function sameRequest(key: string, kept: string, digest: string, answer: Promise<unknown>): Promise<unknown> {
  if (kept === digest) return await answer;
  throw new OperatingError("name_conflict", `the idempotency key ${key} was used for another request: use a new key`);
}
