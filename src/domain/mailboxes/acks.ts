/**
 * The guest's word that it applied what it read: one UDP datagram per mailbox (guest/protocol/README.md, section 2).
 *
 *     datagram ──parseAck──► null: ignored
 *                  │
 *                  ├─ matches no wait yet ──► kept (bounded) ──► looked at again by each new wait
 *                  ▼
 *               claims (bounded) ──sent by the child's machine?──► the wait settles
 *
 * An ack that settled a wait is answered when its sender asks for it (`answer=yes`), and so is each repeat of it from the same sender: one
 * datagram for one, and never to anybody else.
 * Both queues drop their oldest entry when they are full, so that a flood neither blocks the socket nor grows the process.
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import { OperatingError } from "../../errors.ts";
import { DeadlineError, untilAborted, withDeadline } from "../../lib/deadline.ts";

export interface Ack {
  readonly stage: "applied" | "failed";
  readonly mailbox: string;
  readonly nonce: string | null;
  /** The guest's own word for what went wrong; null when it gave none that can be shown. */
  readonly reason: string | null;
  /** Whether the guest wants to hear that its word has come. */
  readonly wantsAnswer: boolean;
}

/** An ack that reached a socket. */
export interface ReceivedAck extends Ack {
  /** `performance.now()` at its arrival, in milliseconds. */
  readonly receivedAtMs: number;
}

export type AckMatch = (ack: Ack) => boolean;

/** Whether a datagram from that address and port was sent by the guest that is waited for. */
export type SenderCheck = (address: string, port: number) => Promise<boolean>;

export interface AckSocketOptions {
  /** Capacity of each of the two queues; 256 unless told. */
  readonly queueLength?: number;
}

export interface AckWaitOptions {
  /** The mailbox's name, for the error's text. */
  readonly mailbox: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface AckSocket {
  readonly address: string;
  readonly port: number;
  /** Datagrams that have satisfied no wait: malformed, foreign, repeated, too late, dropped, or not yet waited for. */
  readonly ignoredCount: number;
  /** Tells who the child is. No wait is satisfied before this was called. */
  setSender(isSender: SenderCheck): void;
  /**
   * The first matching ack from the child, also when it came before this call. Waits run side by side, each against its own
   * deadline.
   * @throws OperatingError ack_timeout when none came in time, ack_failed when the guest reports a failure; the signal's
   * reason when it aborts.
   */
  waitFor(match: AckMatch, options: AckWaitOptions): Promise<ReceivedAck>;
  /** Frees the port and ends all waits. Safe to call again. */
  close(): Promise<void>;
}

const maxDatagramBytes = 1024;
const shownReason = /^[\x21-\x7e]{1,128}$/;

/**
 * Reads one datagram: `key=value` fields in any order, divided by white space. Null when it is anything else: a word that is
 * no field, a repeated key, a stage or mailbox that is missing. Keys that we do not know are passed over.
 */
export function parseAck(text: string): Ack | null {
  const fields = parseFields(text);
  const stage = fields?.get("stage");
  const mailbox = fields?.get("mailbox");
  if (fields === null || mailbox === undefined || (stage !== "applied" && stage !== "failed")) return null;
  const reason = fields.get("reason") ?? "";
  return {
    stage,
    mailbox,
    nonce: fields.get("nonce") ?? null,
    reason: shownReason.test(reason) ? reason : null,
    wantsAnswer: fields.get("answer") === "yes",
  };
}

function parseFields(text: string): Map<string, string> | null {
  const fields = new Map<string, string>();
  for (const word of text.split(/[ \t\r\n\v\f]+/).filter((part) => part !== "")) {
    const divider = word.indexOf("=");
    const key = word.slice(0, divider);
    if (divider < 1 || fields.has(key)) return null;
    fields.set(key, word.slice(divider + 1));
  }
  return fields;
}

/**
 * Matches the ack of one mailbox, exactly and case-sensitively. A nonce in the datagram must be the one that was sent; a
 * datagram without one is accepted unless `requireNonce` is set.
 */
export function ackOf(expected: { mailbox: string; nonce: string; requireNonce: boolean }): AckMatch {
  return (ack) =>
    ack.mailbox === expected.mailbox && (ack.nonce === null ? !expected.requireNonce : ack.nonce === expected.nonce);
}

/** Opens a UDP socket on a free port of exactly this address; the caller closes it. */
export async function openAckSocket(address: string, options: AckSocketOptions = {}): Promise<AckSocket> {
  const family = isIPv6(address) ? 6 : 4;
  // Senders are addresses: looked up at once, an answer leaves before the socket may be closed.
  const socket = createSocket({
    type: `udp${family}`,
    lookup: (sender, _options, done) => {
      done(null, sender, family);
    },
  });
  const acks = new BoundAckSocket(socket, address, options.queueLength ?? 256);
  const listening = once(socket, "listening");
  socket.bind({ address, port: 0, exclusive: true });
  await listening;
  return acks;
}

interface Claim {
  readonly ack: ReceivedAck;
  readonly sender: RemoteInfo;
}

/** Where an ack came from that satisfied a wait: it may come again, when the answer to it was lost. */
interface Heard {
  readonly match: AckMatch;
  readonly address: string;
  readonly port: number;
}

interface Wait {
  readonly match: AckMatch;
  readonly resolve: (ack: ReceivedAck) => void;
  readonly reject: (failure: unknown) => void;
}

class BoundAckSocket implements AckSocket {
  readonly address: string;
  readonly #socket: Socket;
  readonly #queueLength: number;
  readonly #waits = new Set<Wait>();
  #kept: Claim[] = [];
  readonly #claims: Claim[] = [];
  readonly #heard: Heard[] = [];
  #isSender: SenderCheck | null = null;
  #isVerifying = false;
  #receivedCount = 0;
  #acceptedCount = 0;
  #ended: Error | null = null;

  constructor(socket: Socket, address: string, queueLength: number) {
    this.address = address;
    this.#socket = socket;
    this.#queueLength = queueLength;
    socket.on("message", (datagram, sender) => {
      this.#receive(datagram, sender);
    });
    socket.on("error", (failure) => {
      this.#end(failure);
    });
  }

  get port(): number {
    return this.#socket.address().port;
  }

  get ignoredCount(): number {
    return this.#receivedCount - this.#acceptedCount;
  }

  setSender(isSender: SenderCheck): void {
    this.#isSender = isSender;
    void this.#verifyClaims();
  }

  async waitFor(match: AckMatch, { mailbox, timeoutMs, signal }: AckWaitOptions): Promise<ReceivedAck> {
    const ack = await this.#firstMatch(match, mailbox, timeoutMs, signal);
    if (ack.stage === "failed") throw failed(mailbox, ack.reason);
    return ack;
  }

  async #firstMatch(match: AckMatch, mailbox: string, timeoutMs: number, signal: AbortSignal): Promise<ReceivedAck> {
    if (this.#ended !== null) throw this.#ended;
    const { promise, resolve, reject } = Promise.withResolvers<ReceivedAck>();
    const wait = { match, resolve, reject };
    this.#waits.add(wait);
    try {
      this.#reclaim(match);
      return await withDeadline(signal, timeoutMs, "the acknowledgement", (bounded) => untilAborted(promise, bounded));
    } catch (failure) {
      throw failure instanceof DeadlineError ? timedOut(mailbox, timeoutMs) : failure;
    } finally {
      this.#waits.delete(wait);
    }
  }

  async close(): Promise<void> {
    if (this.#ended !== null) return;
    const closed = once(this.#socket, "close");
    this.#end(new DOMException("the socket for acknowledgements was closed", "AbortError"));
    await closed;
  }

  #end(reason: Error): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    this.#socket.close();
    for (const wait of this.#waits) wait.reject(reason);
    this.#kept = [];
    this.#claims.length = 0;
  }

  #receive(datagram: Buffer, sender: RemoteInfo): void {
    this.#receivedCount += 1;
    const ack = datagram.length > maxDatagramBytes ? null : parseAck(datagram.toString("utf8"));
    if (ack === null) return;
    if (this.#isRepeated(ack, sender)) {
      this.#answer(ack, sender);
      return;
    }
    const claim = { ack: { ...ack, receivedAtMs: performance.now() }, sender };
    this.#enqueue(this.#waitFor(ack) === null ? this.#kept : this.#claims, claim);
    void this.#verifyClaims();
  }

  #enqueue(queue: Claim[], claim: Claim): void {
    queue.push(claim);
    if (queue.length > this.#queueLength) queue.shift();
  }

  #isRepeated(ack: Ack, sender: RemoteInfo): boolean {
    return this.#heard.some(
      ({ match, address, port }) => address === sender.address && port === sender.port && match(ack),
    );
  }

  /** One datagram for one, to a guest that was found to be the sender. That it did not leave is what a repeat is for. */
  #answer(ack: Ack, { address, port }: RemoteInfo): void {
    if (!ack.wantsAnswer || this.#ended !== null) return;
    const nonce = ack.nonce === null ? "" : ` nonce=${ack.nonce}`;
    this.#socket.send(`stage=heard mailbox=${ack.mailbox}${nonce}`, port, address, () => undefined);
  }

  #waitFor(ack: Ack): Wait | null {
    for (const wait of this.#waits) if (wait.match(ack)) return wait;
    return null;
  }

  /** Acks may come before anyone waits for them: the guest is resumed first. */
  #reclaim(match: AckMatch): void {
    const { claimed = [], rest = [] } = Object.groupBy(this.#kept, ({ ack }) => (match(ack) ? "claimed" : "rest"));
    this.#kept = rest;
    for (const claim of claimed) this.#enqueue(this.#claims, claim);
    void this.#verifyClaims();
  }

  /** Never rejects: a failing sender check fails the wait that needed it. One check at a time, so that a flood starts no more. */
  async #verifyClaims(): Promise<void> {
    const isSender = this.#isSender;
    if (isSender === null || this.#isVerifying) return;
    this.#isVerifying = true;
    for (let claim = this.#claims.shift(); claim !== undefined; claim = this.#claims.shift()) {
      await this.#verify(claim, isSender);
    }
    this.#isVerifying = false;
  }

  async #verify({ ack, sender }: Claim, isSender: SenderCheck): Promise<void> {
    if (this.#waitFor(ack) === null) return;
    try {
      if (!(await isSender(sender.address, sender.port))) return;
      const wait = this.#waitFor(ack);
      if (wait === null) return;
      this.#waits.delete(wait);
      this.#acceptedCount += 1;
      this.#heard.push({ match: wait.match, address: sender.address, port: sender.port });
      this.#answer(ack, sender);
      wait.resolve(ack);
    } catch (failure) {
      this.#waitFor(ack)?.reject(failure);
    }
  }
}

function timedOut(mailbox: string, timeoutMs: number): OperatingError {
  const message = `the guest did not acknowledge mailbox "${mailbox}" within ${String(timeoutMs)} ms`;
  return new OperatingError("ack_timeout", message, { details: { mailbox, timeoutMs } });
}

function failed(mailbox: string, reason: string | null): OperatingError {
  const message = `the guest could not apply mailbox "${mailbox}"${reason === null ? "" : `: ${reason}`}`;
  return new OperatingError("ack_failed", message, { details: { mailbox, reason } });
}
