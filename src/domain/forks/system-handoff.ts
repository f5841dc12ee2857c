import { randomBytes } from "node:crypto";
import { OperatingError } from "../../errors.ts";
import { encodeIdentity, type GuestIdentity } from "../../guest/agent-messages.ts";
import { LinkedAbort } from "../../lib/linked-abort.ts";
import { setGuestClock } from "../instances/set-guest-clock.ts";
import { withinDeadline } from "../instances/within-deadline.ts";
import type { GuestMemory } from "../../memory/guest-memory.ts";
import type { Dependencies } from "../instances/dependencies.ts";
import type { StoredInstance } from "../instances/instance-store.ts";
import type { LiveMachine } from "../instances/machines.ts";
import { entropyBytes, wallClockNs } from "../instances/run-machine.ts";
import { ackOf, type AckSocket } from "../mailboxes/acks.ts";
import { planDelivery, writeDelivery, type DeliveryPlan } from "../mailboxes/deliver.ts";
import { frameSequence } from "../mailboxes/frame.ts";
import type { MailboxIndex } from "../mailboxes/frame-index.ts";
import { systemMailboxName } from "../mailboxes/mailbox.ts";
import type { NetworkAttachment } from "../networks/network-attachment.ts";
import type { ResumeHandoff } from "./handoff.ts";

/**
 * Gives the guest its own identity:
 *
 *     system mailbox ──► ack in its turn ──────────────────────────► taken
 *         │ none, or unusable    └ none, or "failed" ──► agent channel ──┴──► the handoff fails
 *         └──────────────────────────────────────────────► ▲
 *
 * An ack is one datagram, which may be lost on its way; the agent, asked by its channel, answers for the identity that it has. No guest may
 * go on with its parent's: the handoff fails with `ack_failed` and the guest's reason when it says that it cannot take it, with
 * `guest_unreachable` when it says nothing.
 */
export class SystemHandoff implements ResumeHandoff {
  readonly phase = "identity_ack";
  readonly #deps: Dependencies;
  readonly #stored: StoredInstance;
  readonly #acks: AckSocket;
  readonly #attachment: NetworkAttachment;
  readonly #token: string;
  readonly #generation: string;
  readonly #nonce = randomBytes(16).toString("hex");
  #plan: DeliveryPlan | null = null;
  #mailboxes: MailboxIndex | null = null;

  constructor(
    deps: Dependencies,
    stored: StoredInstance,
    options: { acks: AckSocket; attachment: NetworkAttachment; token: string; generation: string },
  ) {
    this.#deps = deps;
    this.#stored = stored;
    this.#acks = options.acks;
    this.#attachment = options.attachment;
    this.#token = options.token;
    this.#generation = options.generation;
  }

  /** An image without a usable system mailbox (a guest of somebody's own making) is served through the agent channel. */
  preflight(mailboxes: MailboxIndex): void {
    try {
      this.#plan = this.#planFor(mailboxes);
      this.#mailboxes = mailboxes;
    } catch (failure) {
      if (!(failure instanceof OperatingError)) throw failure;
      this.#deps.log.warn({ instanceId: this.#stored.id, code: failure.code }, "handoff.system_mailbox_unusable");
    }
  }

  async prepare(memory: GuestMemory): Promise<void> {
    if (this.#plan !== null) await writeDelivery(memory, this.#plan);
  }

  /** The same mailbox once more, with the time of now. @param memory of a machine that `prepare` has written to and that has not run since. */
  async refresh(memory: GuestMemory): Promise<void> {
    if (this.#mailboxes === null) return;
    const { parts, ...plan } = this.#planFor(this.#mailboxes);
    const delivered = parts.map((part) => ({ ...part, frame: { ...part.frame, sequence: frameSequence.delivered } }));
    await writeDelivery(memory, { ...plan, parts: delivered });
  }

  async afterResume(live: LiveMachine, signal: AbortSignal, overdue: Promise<void>): Promise<void> {
    const canAck = this.#plan !== null && this.#attachment.ackHost !== null;
    const missing = canAck ? await this.#waitForAck(signal, overdue) : "unasked";
    if (missing !== null) await this.#applyThroughAgent(live, missing, signal);
    // It took the time of its resume for now; on a busy host that may be seconds ago.
    if (performance.now() - live.resumedAtMs > lateMs) await setGuestClock(this.#deps, live, signal);
  }

  #planFor(mailboxes: MailboxIndex): DeliveryPlan {
    const { ackHost } = this.#attachment;
    // Without a network no datagram comes: the agent's channel tells then whether the mail was taken.
    const ack = ackHost === null ? {} : { ack_host: ackHost, ack_port: this.#acks.port, ack_nonce: this.#nonce };
    const payload = Buffer.from(JSON.stringify({ ...encodeIdentity(this.#identity()), ...ack }));
    return planDelivery(mailboxes, [{ name: systemMailboxName, token: this.#token, payload }], this.#generation);
  }

  /** Null when it came, else why not: what it was instead, or that the guest has had its turn without it. */
  async #waitForAck(signal: AbortSignal, overdue: Promise<void>): Promise<OperatingError | "overdue" | null> {
    const match = ackOf({ mailbox: systemMailboxName, nonce: this.#nonce, requireNonce: true });
    const timeoutMs = this.#deps.settings.deadlines.systemAckMs;
    using waiting = new LinkedAbort(signal);
    const acked = this.#acks.waitFor(match, { mailbox: systemMailboxName, timeoutMs, signal: waiting.signal });
    const isOverdue = overdue.then(() => "overdue" as const);
    try {
      if ((await Promise.race([acked, isOverdue])) !== "overdue") return null;
      this.#warnOfMissingAck("overdue", null);
      return "overdue";
    } catch (failure) {
      if (!(failure instanceof OperatingError) || signal.aborted) throw failure;
      this.#warnOfMissingAck(failure.code, reasonOf(failure));
      return failure;
    } finally {
      waiting.abort();
      await Promise.allSettled([acked]);
    }
  }

  #warnOfMissingAck(code: string, reason: string | null): void {
    // Datagrams that came and were not taken for the ack tell a lost one from one that was never sent.
    const facts = { instanceId: this.#stored.id, code, reason, ignoredDatagrams: this.#acks.ignoredCount };
    this.#deps.log.warn(facts, "handoff.identity_ack_missing");
  }

  async #applyThroughAgent(
    live: LiveMachine,
    missing: OperatingError | "overdue" | "unasked",
    signal: AbortSignal,
  ): Promise<void> {
    const { agentMs, systemAckMs } = this.#deps.settings.deadlines;
    // One that is overdue may be busy with its own programs that belong to its identity: it has all the time that its ack had.
    const timeoutMs = missing === "overdue" ? systemAckMs + agentMs : agentMs;
    try {
      await withinDeadline(signal, timeoutMs, "the guest's agent", async (limited) => {
        const agent = await live.agent.client(limited);
        await agent.applyIdentity(this.#identity(), { timeoutMs, signal: limited });
      });
    } catch (cause) {
      if (signal.aborted) throw cause;
      const refusal = [cause, missing].find(isRefusal);
      throw refusal === undefined ? unanswered(cause) : refused(refusal);
    }
  }

  /** Made anew for each way: the clock is the time of the telling, and entropy is never used twice. */
  #identity(): GuestIdentity {
    const { id, name, parentId } = this.#stored;
    return {
      instanceId: id,
      name,
      parentId,
      generation: this.#generation,
      entropy: randomBytes(entropyBytes),
      wallClockNs: wallClockNs(),
      hostname: name,
      network: this.#attachment.guest,
    };
  }
}

/** In the guest's own words: which hook of its failed and how, for example. They never hold what a hook printed. */
function refused(cause: OperatingError): OperatingError {
  const reason = reasonOf(cause);
  const message = `the guest could not take its own identity and was ended: ${reason ?? "it gave no reason"}`;
  return new OperatingError("ack_failed", message, { cause, details: { mailbox: systemMailboxName, reason } });
}

function unanswered(cause: unknown): OperatingError {
  const message =
    "the guest did not take its own identity, neither from its system mailbox nor from its agent: it was ended";
  return new OperatingError("guest_unreachable", message, { cause });
}

function isRefusal(failure: unknown): failure is OperatingError {
  return failure instanceof OperatingError && failure.code === "ack_failed";
}

function reasonOf({ details }: OperatingError): string | null {
  const reason = details?.["reason"];
  return typeof reason === "string" ? reason : null;
}

const lateMs = 500;
