import type { Dependencies } from "../instances/dependencies.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import type { AuditEntry } from "../history/audit-log.ts";
import type { MailboxRequest } from "../mailboxes/mailbox.ts";
import type { ForkSource } from "./fork-source.ts";

/** What the audit keeps of a fork beside who is whose child. */
export interface ForkMail {
  readonly mailboxes: readonly MailboxRequest[];
  readonly generation: string | null;
}

/**
 * Reserves the child's name, notes where it came from and who asked for it with what mail: all or nothing. It is on the disk when the
 * fork is answered: after a power cut before that there is neither a row nor a guest. Whoever waits for changes is the caller's to tell.
 * @throws OperatingError `name_conflict`.
 */
export function insertChild(
  deps: Dependencies,
  { parentId, parentName, snapshotId }: Pick<ForkSource, "parentId" | "parentName" | "snapshotId">,
  child: StoredInstance,
  mail: ForkMail,
): void {
  deps.transaction(() => {
    deps.store.insert(child);
    deps.lineage.insert({ child, parent: { id: parentId, name: parentName }, snapshotId });
    const source = { sourceId: parentId, sourceName: parentName, snapshotId };
    deps.audit.add({ ...describeFork(deps, child, mail), ...source, outcome: "begun", code: null });
  }, "with_next");
}

function describeFork(deps: Dependencies, { id, name }: StoredInstance, { mailboxes, generation }: ForkMail) {
  return {
    action: "fork",
    instanceId: id,
    instanceName: name,
    generation,
    mailboxes: deps.audit.describeMail(mailboxes),
  } satisfies Partial<AuditEntry>;
}

/** Notes a child that failed before it had a row. */
export function auditUnborn(
  deps: Dependencies,
  { parentId, parentName, snapshotId }: Pick<ForkSource, "parentId" | "parentName" | "snapshotId">,
  child: StoredInstance,
  mail: ForkMail,
  code: string,
): void {
  const source = { sourceId: parentId, sourceName: parentName, snapshotId };
  deps.audit.add({ ...describeFork(deps, child, mail), ...source, outcome: "failed", code });
}
