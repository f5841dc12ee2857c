import { RawJson } from "./raw-json.ts";
import type { ForkBody, ForkChild, ForkMailbox, ForkManyBody } from "./shapes.ts";

/** A mailbox's payload: an object, or a JSON object's own text, which the guest finds byte for byte. */
export type Payload = RawJson | string | Readonly<Record<string, unknown>>;

/** Payloads by the names of the mailboxes. */
export type Mail = Readonly<Record<string, Payload>>;

/** What one child should be. Fields that are not explained here are those of `POST /instances/{id}/fork`. */
export interface ForkWish extends Omit<ForkBody, "name"> {
  /** Left out: the source's name and something random. Of several, `{index}` in it is the number, from 0; without it the number is added. */
  readonly name?: string | ((index: number) => string);
  /** Mail for the mailboxes that the guest armed with the instance's own token. Others stand in `mailboxes`. */
  readonly mailbox?: Mail | ((index: number) => Mail);
  /** For every mailbox of `mailbox`. */
  readonly wait_for_ack?: boolean;
  readonly ack_timeout_ms?: number;
  readonly on_ack_timeout?: ForkMailbox["on_ack_timeout"];
}

/** Several children of one checkpoint. */
export interface ForkManyWish extends ForkWish {
  /** 1 to 256. */
  readonly count: number;
  readonly mode?: ForkManyBody["mode"];
  readonly idempotency_key?: string;
}

/**
 * The child that a wish means. What it ends up as is always said, since the server's own default depends on the source: `Running`.
 * @throws SyntaxError when a payload's text is no JSON.
 */
export function childOf(source: string, wish: ForkWish): ForkChild {
  const random = `${stem(source)}-${someHex()}`;
  return makeChild(wish, typeof wish.name === "function" ? wish.name(0) : (wish.name ?? random), 0);
}

/**
 * The children that a wish means, each with a name of its own.
 * @throws TypeError for an idempotency key without names: they would be others at the next attempt.
 */
export function childrenOf(source: string, wish: ForkManyWish): ForkChild[] {
  if (wish.idempotency_key !== undefined && wish.name === undefined)
    throw new TypeError("an idempotency_key needs a name that is the same at each attempt");
  const { name = `${stem(source)}-${someHex()}` } = wish;
  const nameOf = typeof name === "function" ? name : (index: number) => numbered(name, index);
  return Array.from({ length: wish.count }, (_, index) => makeChild(wish, nameOf(index), index));
}

function makeChild(wish: ForkWish, name: string, index: number): ForkChild {
  const mailboxes = [...mailOf(wish, index), ...(wish.mailboxes ?? [])];
  return {
    name,
    target_state: wish.target_state ?? "Running",
    ...(mailboxes.length === 0 ? {} : { mailboxes }),
  };
}

function mailOf(wish: ForkWish, index: number): ForkMailbox[] {
  const mail = typeof wish.mailbox === "function" ? wish.mailbox(index) : (wish.mailbox ?? {});
  return Object.entries(mail).map(([name, payload]) => ({
    name,
    payload: typeof payload === "string" ? new RawJson(payload) : payload,
    ...(wish.wait_for_ack === undefined ? {} : { wait_for_ack: wish.wait_for_ack }),
    ...(wish.ack_timeout_ms === undefined ? {} : { ack_timeout_ms: wish.ack_timeout_ms }),
    ...(wish.on_ack_timeout === undefined ? {} : { on_ack_timeout: wish.on_ack_timeout }),
  }));
}

function numbered(name: string, index: number): string {
  return name.includes("{index}") ? name.replaceAll("{index}", String(index)) : `${name}-${index}`;
}

/** Leaves room for what is added: a name has at most 63 characters. */
function stem(source: string): string {
  return source.slice(0, 48);
}

function someHex(): string {
  return crypto.randomUUID().slice(0, 8);
}
