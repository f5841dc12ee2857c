/**
 * Who did what to which instance. A fork's row is written with the child's own, in one transaction, and closed when its outcome is known:
 *
 *     begun ──► ok, held when the child rests in wait of its resume
 *       ├─────► failed      with the code that the caller was answered
 *       └─────► unknown     the server ended in between
 *
 * Of a payload there is an HMAC-SHA256 with this server's own key, and nothing else: a bare digest of a short payload could be guessed.
 */
import { createHmac } from "node:crypto";
import type { OriginCaller } from "../../observability/origin.ts";
import { currentOrigin } from "../../observability/origin.ts";
import { optionalText } from "../../store/columns.ts";
import type { Database } from "../../store/database.ts";

export type AuditOutcome = "begun" | "ok" | "failed" | "unknown";

/** A mailbox that was written, by its name. */
export interface AuditedMailbox {
  readonly name: string;
  /** Hexadecimal HMAC-SHA256 of the payload as the caller wrote it. */
  readonly payloadHmac: string;
}

/** What a call was about that is no instance. Of what was to be made, and was not, there is no id. */
export interface AuditSubject {
  readonly kind: "image" | "snapshot" | "volume" | "token";
  /** Of an image, its digest. */
  readonly id: string | null;
  /** At the time; of an image, normalised. */
  readonly name: string;
}

/** What is noted. What a kind of action has nothing to say of is null. */
export interface AuditEntry {
  readonly action: string;
  readonly outcome: AuditOutcome;
  readonly code: string | null;
  /** What was made or changed; of a fork, the child. */
  readonly instanceId: string | null;
  readonly instanceName: string | null;
  /** What a fork was made of. */
  readonly sourceId: string | null;
  readonly sourceName: string | null;
  readonly snapshotId: string | null;
  readonly subject?: AuditSubject | null;
  /** Of the resume that a fork ended in. */
  readonly generation: string | null;
  readonly mailboxes: readonly AuditedMailbox[];
}

export interface AuditRecord extends AuditEntry {
  readonly id: number;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** Null for what the server did by itself. */
  readonly requestId: string | null;
  readonly caller: OriginCaller | null;
}

export interface AuditQuery {
  /** An instance or a snapshot: its id, or its name at the time. Null: of all. */
  readonly about: string | null;
  /** An image, a snapshot, a volume or a token: its id, or its name at the time, in any of these forms. Absent: of all. */
  readonly subject?: readonly string[];
  /** Not before this moment. */
  readonly since: Date | null;
  /** Only records with a smaller id: the last one of the page before. */
  readonly before: number | null;
  readonly limit: number;
}

export interface AuditLogOptions {
  /** Keys the digests of payloads. */
  readonly key: Uint8Array;
  /** How many of the newest records are kept. */
  readonly maxRecords?: number;
}

const defaultMaxRecords = 100_000;
/** How often, in records, old ones are removed. */
const pruneEvery = 256;

/** This concern's SQL, and nobody else's. */
export class AuditLog {
  readonly #database: Database;
  readonly #key: Uint8Array;
  readonly #maxRecords: number;

  /** Records that an earlier server left open become `unknown`. */
  constructor(database: Database, { key, maxRecords }: AuditLogOptions) {
    this.#database = database;
    this.#key = key;
    this.#maxRecords = maxRecords ?? defaultMaxRecords;
    database.exec("update audit set outcome = 'unknown' where outcome = 'begun'");
  }

  /** What is noted of mail. */
  describeMail(mailboxes: readonly { readonly name: string; readonly payloadText: string }[]): AuditedMailbox[] {
    return mailboxes.map(({ name, payloadText }) => ({
      name,
      payloadHmac: createHmac("sha256", this.#key).update(payloadText).digest("hex"),
    }));
  }

  /** Adds a record, with the time and the request that is being served. May be part of a transaction. */
  add(entry: AuditEntry): void {
    const origin = currentOrigin();
    if (origin !== null) origin.isAudited = true;
    const { lastInsertRowid } = this.#database
      .prepare(
        `insert into audit (at, request_id, caller_id, caller_name, action, outcome, code, instance_id, instance_name, source_id, source_name, snapshot_id, subject_kind, subject_id, subject_name, generation, mailboxes)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        new Date().toISOString(),
        origin?.requestId ?? null,
        origin?.caller?.id ?? null,
        origin?.caller?.name ?? null,
        entry.action,
        entry.outcome,
        entry.code,
        entry.instanceId,
        entry.instanceName,
        entry.sourceId,
        entry.sourceName,
        entry.snapshotId,
        entry.subject?.kind ?? null,
        entry.subject?.id ?? null,
        entry.subject?.name ?? null,
        entry.generation,
        entry.mailboxes.length === 0 ? null : JSON.stringify(entry.mailboxes),
      );
    if (Number(lastInsertRowid) % pruneEvery === 0) this.#prune(Number(lastInsertRowid));
  }

  /** Closes the record of the fork that made this child; false when there is none, or it is closed already with another outcome than failure. */
  closeFork(childId: string, outcome: "ok" | "failed", code: string | null): boolean {
    const { changes } = this.#database
      .prepare(
        `update audit set outcome = ?, code = coalesce(?, code) where instance_id = ? and action = 'fork' and outcome in ('begun', 'failed')`,
      )
      .run(outcome, code, childId);
    return Number(changes) > 0;
  }

  /** The newest first. */
  list({ about, subject, since, before, limit }: AuditQuery): AuditRecord[] {
    const rows = this.#database
      .prepare(
        `select * from audit where (?1 is null or ?1 in (instance_id, instance_name, source_id, source_name, snapshot_id))
         and (?2 is null or at >= ?2) and (?3 is null or id < ?3)
         and (?5 is null or exists (select 1 from json_each(?5) where value in (subject_id, subject_name))) order by id desc limit ?4`,
      )
      .all(about, since?.toISOString() ?? null, before, limit, subject === undefined ? null : JSON.stringify(subject));
    return rows.map(toRecord);
  }

  #prune(newest: number): void {
    this.#database.prepare("delete from audit where id <= ?").run(newest - this.#maxRecords);
  }
}

/** The columns were written by `add`: their shapes are ours. */
function toRecord(row: Record<string, unknown>): AuditRecord {
  const callerId = optionalText(row["caller_id"]);
  const mailboxes = optionalText(row["mailboxes"]);
  return {
    id: Number(row["id"]),
    at: String(row["at"]),
    requestId: optionalText(row["request_id"]),
    caller: callerId === null ? null : { id: callerId, name: optionalText(row["caller_name"]) ?? callerId },
    action: String(row["action"]),
    outcome: row["outcome"] as AuditOutcome,
    code: optionalText(row["code"]),
    instanceId: optionalText(row["instance_id"]),
    instanceName: optionalText(row["instance_name"]),
    sourceId: optionalText(row["source_id"]),
    sourceName: optionalText(row["source_name"]),
    snapshotId: optionalText(row["snapshot_id"]),
    subject: toSubject(row),
    generation: optionalText(row["generation"]),
    mailboxes: mailboxes === null ? [] : (JSON.parse(mailboxes) as AuditedMailbox[]),
  };
}

function toSubject(row: Record<string, unknown>): AuditSubject | null {
  const [kind, name] = [optionalText(row["subject_kind"]), optionalText(row["subject_name"])];
  if (kind === null || name === null) return null;
  return { kind: kind as AuditSubject["kind"], id: optionalText(row["subject_id"]), name };
}
