import type { AuditRecord as DomainRecord } from "../../domain/history/audit-log.ts";
import { parseReference } from "../../domain/images/reference.ts";
import { OperatingError } from "../../errors.ts";
import { orNull } from "../call-subject.ts";
import type { Api, ApiContext } from "../context.ts";
import { AuditAnswer, AuditQuery, defaultAuditPage, type AuditRecord } from "../schemas/audit.ts";
import { errorResponses } from "../schemas/error.ts";

/** Who did what. */
export function registerAuditRoutes(app: Api, context: ApiContext): void {
  app.get(
    "/audit",
    {
      config: { scope: "audit:read" },
      schema: {
        operationId: "readAudit",
        tags: ["server"],
        summary: "See who did what",
        description:
          "Every call that changed an instance, a snapshot, an image, a volume or a token, or was refused for a reason of its own, the newest first; each child of a fork is a record, with the names of its mailboxes and a keyed digest of " +
          "each payload. The newest 100,000 records are kept.",
        querystring: AuditQuery,
        response: { 200: AuditAnswer, ...errorResponses() },
      },
    },
    ({ query }): AuditAnswer => {
      const limit = query.limit ?? defaultAuditPage;
      const records = context.domain.audit.list({
        about: query.instance ?? null,
        ...(query.subject === undefined ? {} : { subject: formsOf(query.subject) }),
        since: query.since === undefined ? null : readMoment(query.since),
        before: query.cursor === undefined ? null : Number(query.cursor),
        // One more tells whether there is a next page.
        limit: limit + 1,
      });
      const page = records.slice(0, limit);
      const last = page.at(-1);
      return {
        records: page.map(recordBody),
        next_cursor: records.length > limit && last !== undefined ? String(last.id) : null,
      };
    },
  );
}

/** The schema knows the form and not the calendar. */
function readMoment(text: string): Date {
  const moment = new Date(text);
  if (!Number.isNaN(moment.getTime())) return moment;
  throw new OperatingError("invalid_request", '"since" (query) must be a moment such as 2026-01-31T12:00:00Z.');
}

/** An image may be called by its short name, and stands in the audit under its whole one. */
function formsOf(subject: string): string[] {
  const normalised = orNull(() => parseReference(subject).name);
  return normalised === null ? [subject] : [subject, normalised];
}

function recordBody(record: DomainRecord): AuditRecord {
  return {
    id: record.id,
    at: record.at,
    request_id: record.requestId,
    caller: record.caller,
    action: record.action,
    outcome: record.outcome,
    code: record.code,
    instance_id: record.instanceId,
    instance_name: record.instanceName,
    source_id: record.sourceId,
    source_name: record.sourceName,
    snapshot_id: record.snapshotId,
    subject: record.subject ?? null,
    generation: record.generation,
    mailboxes: record.mailboxes.map(({ name, payloadHmac }) => ({ name, payload_hmac: payloadHmac })),
  };
}
