/**
 * What is kept of a child from its first moment on: its row, which reserves its name, where it came from, and who asked for it with what mail.
 *
 *      planned ──insert──► inserted ──closeForks──► the fork is done
 *         │                    └──────noteFailure──► failed: the row goes with the child
 *         └──noteFailure──► failed: it never had a row
 */
import type { Dependencies } from "../instances/dependencies.ts";
import { nameConflict, type StoredInstance } from "../instances/instance-store.ts";
import type { AuditEntry } from "../history/audit-log.ts";
import type { MailboxRequest } from "../mailboxes/mailbox.ts";
import type { ForkSource } from "./fork-source.ts";

/** Whose child it is, as the record keeps it. */
export type ChildOrigin = Pick<ForkSource, "parentId" | "parentName" | "snapshotId">;

export class ChildRecord {
  readonly child: StoredInstance;
  readonly #deps: Dependencies;
  readonly #origin: ChildOrigin;
  readonly #mailboxes: readonly MailboxRequest[];
  #isInserted = false;

  constructor(deps: Dependencies, origin: ChildOrigin, child: StoredInstance, mailboxes: readonly MailboxRequest[]) {
    this.#deps = deps;
    this.#origin = origin;
    this.child = child;
    this.#mailboxes = mailboxes;
  }

  /** That `insert`, called in the same turn, finds the name free. @throws OperatingError `name_conflict`. */
  assertNameFree(): void {
    const { name } = this.child;
    if (!this.#isInserted && this.#deps.store.hasName(name)) throw nameConflict(name);
  }

  /**
   * All of it or nothing, once. It is on the disk when the fork is answered: after a power cut before that there is neither a row nor a guest.
   * Whoever waits for changes is the caller's to tell.
   * @param generation the UUID of its resume; null for a child that no machine is restored for.
   * @throws OperatingError `name_conflict`.
   */
  insert(generation: string | null): void {
    if (this.#isInserted) return;
    const { parentId, parentName, snapshotId } = this.#origin;
    this.#deps.transaction(() => {
      this.#deps.store.insert(this.child);
      this.#deps.lineage.insert({ child: this.child, parent: { id: parentId, name: parentName }, snapshotId });
      this.#deps.audit.add({ ...this.#describe(generation), outcome: "begun", code: null });
    }, "with_next");
    this.#isInserted = true;
  }

  /** There will be no such child. */
  noteFailure(code: string): void {
    if (this.#isInserted) this.#deps.audit.closeFork(this.child.id, "failed", code);
    else this.#deps.audit.add({ ...this.#describe(null), outcome: "failed", code });
  }

  #describe(generation: string | null) {
    const { parentId, parentName, snapshotId } = this.#origin;
    return {
      action: "fork",
      instanceId: this.child.id,
      instanceName: this.child.name,
      sourceId: parentId,
      sourceName: parentName,
      snapshotId,
      generation,
      mailboxes: this.#deps.audit.describeMail(this.#mailboxes),
    } satisfies Partial<AuditEntry>;
  }
}
