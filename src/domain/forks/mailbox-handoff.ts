import { randomBytes } from "node:crypto";
import { OperatingError } from "../../errors.ts";
import { LinkedAbort } from "../../lib/linked-abort.ts";
import type { GuestMemory } from "../../memory/guest-memory.ts";
import type { Dependencies } from "../instances/dependencies.ts";
import type { LiveMachine } from "../instances/machines.ts";
import { ackOf, type AckSocket } from "../mailboxes/acks.ts";
import { planDelivery, writeDelivery, type Delivery, type DeliveryPlan } from "../mailboxes/deliver.ts";
import type { MailboxIndex } from "../mailboxes/frame-index.ts";
import type { HeldMailbox, MailboxOutcome, MailboxRequest } from "../mailboxes/mailbox.ts";
import { withAckKeys } from "../mailboxes/validate.ts";
import type { NetworkAttachment } from "../networks/network-attachment.ts";
import type { ResumeHandoff } from "./handoff.ts";

/** A mailbox of the request with the word that its ack repeats. */
interface Addressed {
  readonly request: MailboxRequest;
  readonly nonce: string;
}

/** Delivers the callers' mailboxes and waits for the acks that were asked for, all at once, each against its own deadline. */
export class MailboxHandoff implements ResumeHandoff {
  readonly phase = "mailbox_ack";
  readonly #deps: Dependencies;
  readonly #addressed: readonly Addressed[];
  readonly #acks: AckSocket;
  readonly #attachment: NetworkAttachment;
  readonly #defaultToken: string;
  readonly #generation: string;
  #plan: DeliveryPlan | null = null;
  #outcomes: MailboxOutcome[] = [];

  constructor(
    deps: Dependencies,
    requests: readonly MailboxRequest[],
    options: { acks: AckSocket; attachment: NetworkAttachment; defaultToken: string; generation: string },
  ) {
    this.#deps = deps;
    this.#addressed = requests.map((request) => ({ request, nonce: randomBytes(16).toString("hex") }));
    this.#acks = options.acks;
    this.#attachment = options.attachment;
    this.#defaultToken = options.defaultToken;
    this.#generation = options.generation;
  }

  /** What became of each mailbox, in the request's order; complete after `afterResume`. */
  get outcomes(): readonly MailboxOutcome[] {
    return this.#outcomes;
  }

  /** What must be known of each mailbox when the guest is to be resumed later, perhaps by another server. Complete after `preflight`. */
  get held(): readonly HeldMailbox[] {
    return this.#addressed.map(({ request: { name, waitForAck, ackTimeoutMs, onAckTimeout } }) => {
      const parts = this.#plan?.parts.filter(({ frame }) => frame.name === name).length ?? 0;
      return { name, parts, waitForAck, ackTimeoutMs, onAckTimeout };
    });
  }

  preflight(mailboxes: MailboxIndex): void {
    const deliveries = this.#addressed.map((addressed) => this.#toDelivery(addressed));
    this.#plan = planDelivery(mailboxes, deliveries, this.#generation);
  }

  async prepare(memory: GuestMemory): Promise<void> {
    if (this.#plan !== null) await writeDelivery(memory, this.#plan);
  }

  async afterResume(live: LiveMachine, signal: AbortSignal): Promise<void> {
    const { resumedAtMs } = live;
    using either = new LinkedAbort(signal);
    const waits = this.#addressed.map(async (addressed) => {
      try {
        const outcome = await this.#waitForAck(addressed, resumedAtMs, either.signal);
        const { name: mailbox, acked, ackMs } = outcome;
        if (acked === true)
          this.#deps.events.publish({ type: "mailbox.acked", instanceId: live.instanceId, mailbox, ackMs });
        return outcome;
      } catch (failure) {
        // The child will be ended: nobody waits for the other acks any more.
        either.abort(failure);
        throw failure;
      }
    });
    const settled = await Promise.allSettled(waits);
    // The first failure is the reason of those that it ended.
    if (settled.some(({ status }) => status === "rejected")) either.signal.throwIfAborted();
    this.#outcomes = await Promise.all(waits);
  }

  #toDelivery({ request, nonce }: Addressed): Delivery {
    const text = request.waitForAck
      ? withAckKeys(request.payloadText, { host: this.#ackHost(request), port: this.#acks.port, nonce })
      : request.payloadText;
    return { name: request.name, token: request.token ?? this.#defaultToken, payload: Buffer.from(text, "utf8") };
  }

  #ackHost({ name }: MailboxRequest): string {
    const { ackHost } = this.#attachment;
    if (ackHost !== null) return ackHost;
    const message = `mailbox ${name}: wait_for_ack needs a network, and this instance has none: leave it out`;
    throw new OperatingError("invalid_request", message);
  }

  async #waitForAck({ request, nonce }: Addressed, resumedAtMs: number, signal: AbortSignal): Promise<MailboxOutcome> {
    const { name, waitForAck, ackTimeoutMs, onAckTimeout } = request;
    if (!waitForAck) return { name, delivered: true, acked: null, ackMs: null };
    const match = ackOf({ mailbox: name, nonce, requireNonce: this.#deps.settings.requireAckNonce });
    try {
      const ack = await this.#acks.waitFor(match, { mailbox: name, timeoutMs: ackTimeoutMs, signal });
      return { name, delivered: true, acked: true, ackMs: Math.max(0, ack.receivedAtMs - resumedAtMs) };
    } catch (failure) {
      const isTimeout = failure instanceof OperatingError && failure.code === "ack_timeout";
      if (isTimeout && onAckTimeout === "keep") return { name, delivered: true, acked: false, ackMs: null };
      throw failure;
    }
  }
}
