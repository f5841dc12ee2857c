import { filesOf, type Dependencies } from "../instances/dependencies.ts";
import { findInstance } from "../instances/find-instance.ts";
import { judge } from "../instances/lifecycle.ts";
import { listMailboxes as summarize, type MailboxSummary } from "../mailboxes/frame-index.ts";
import { openImage } from "./open-image.ts";

/**
 * The callers' mailboxes that a Standby instance's memory image holds; never tokens or payloads.
 * @throws OperatingError `invalid_state` for an instance without memory image.
 */
export async function listMailboxes(deps: Dependencies, id: string, signal: AbortSignal): Promise<MailboxSummary[]> {
  const instance = findInstance(deps, id);
  judge("mailboxes", instance.state, instance.name);
  using _lock = deps.lock.acquire(instance.id, "fork", "shared");
  const { mailboxes } = await openImage(deps.log, filesOf(deps, instance.id).imageDirectory, signal);
  return summarize(mailboxes);
}
