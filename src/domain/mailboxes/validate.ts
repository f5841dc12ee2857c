import { OperatingError } from "../../errors.ts";
import { mailboxNamePattern, maxTokenBytes } from "./frame.ts";
import { maxPayloadBytes, systemNamePrefix, type MailboxRequest } from "./mailbox.ts";

/** One mailbox as a caller asks for it. Types are checked by the API's schema; what they mean is checked here. */
export interface MailboxInput {
  readonly name: string;
  readonly token?: string | undefined;
  /** The payload's own characters in the request. */
  readonly payloadText: string;
  readonly wait_for_ack?: boolean | undefined;
  readonly ack_timeout_ms?: number | undefined;
  readonly on_ack_timeout?: "destroy" | "keep" | undefined;
}

/** Where the guest sends its acknowledgement, and the word that it repeats. */
export interface AckTarget {
  readonly host: string;
  readonly port: number;
  readonly nonce: string;
}

/** The most mailboxes of one child. */
export const maxMailboxCount = 16;

export const defaultAckTimeoutMs = 5000;
export const maxAckTimeoutMs = 30000;

/** The keys that `withAckKeys` adds. */
export const ackKeys = ["ack_host", "ack_port", "ack_nonce"] as const;

const namePattern = new RegExp(mailboxNamePattern);

/**
 * Checks the mailboxes of one child and fills in what was left out. Names and tokens are taken raw: nothing is trimmed, and
 * case matters.
 * @throws OperatingError invalid_request, whose sentence names the field and what it must be. It never repeats a token or payload.
 */
export function validateMailboxes(inputs: readonly MailboxInput[]): MailboxRequest[] {
  if (inputs.length > maxMailboxCount) throw invalid("mailboxes", `must have at most ${String(maxMailboxCount)} items`);
  const names = new Set<string>();
  return inputs.map((input, index) => {
    const request = validateMailbox(input, `mailboxes[${String(index)}]`);
    if (names.has(input.name))
      throw invalid(`mailboxes[${String(index)}].name`, `"${input.name}" stands in the list twice`);
    names.add(input.name);
    return request;
  });
}

function validateMailbox(input: MailboxInput, field: string): MailboxRequest {
  const waitForAck = input.wait_for_ack ?? false;
  checkName(input.name, `${field}.name`);
  if (input.token !== undefined) checkToken(input.token, `${field}.token`);
  const payload = checkPayload(input.payloadText, `${field}.payload`);
  if (waitForAck) checkNoAckKeys(payload, `${field}.payload`);
  return {
    name: input.name,
    token: input.token ?? null,
    payloadText: input.payloadText,
    waitForAck,
    ackTimeoutMs: checkAckTimeout(input.ack_timeout_ms ?? 0, `${field}.ack_timeout_ms`),
    onAckTimeout: input.on_ack_timeout ?? "destroy",
  };
}

function checkName(name: string, field: string): void {
  if (!namePattern.test(name)) {
    throw invalid(field, "must be 1 to 64 characters, each a letter of A-Z or a-z, a digit, or one of . _ : -");
  }
  if (name.startsWith(systemNamePrefix))
    throw invalid(field, `must not start with "${systemNamePrefix}": such names are Ramet's own`);
}

function checkToken(token: string, field: string): void {
  if (!token.isWellFormed()) throw invalid(field, "must be well-formed Unicode text");
  const tokenBytes = Buffer.byteLength(token, "utf8");
  if (tokenBytes < 1) throw invalid(field, "must not be empty; leave it out to use the instance's own token");
  if (tokenBytes > maxTokenBytes) throw invalid(field, `must be at most ${String(maxTokenBytes)} bytes of UTF-8`);
}

function checkPayload(text: string, field: string): object {
  if (!text.isWellFormed()) throw invalid(field, "must be well-formed Unicode text");
  const payloadBytes = Buffer.byteLength(text, "utf8");
  if (payloadBytes > maxPayloadBytes) throw tooLarge(field, payloadBytes);
  const payload = parseJson(text, field);
  if (typeof payload !== "object" || payload === null || Array.isArray(payload))
    throw invalid(field, "must be a JSON object");
  return payload;
}

function parseJson(text: string, field: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which is a secret.
    throw invalid(field, "must be a JSON object; it is not JSON");
  }
}

function checkNoAckKeys(payload: object, field: string): void {
  const taken = ackKeys.find((key) => Object.hasOwn(payload, key));
  if (taken !== undefined)
    throw invalid(field, `must not have the key "${taken}": it is added because wait_for_ack is set`);
}

function checkAckTimeout(timeoutMs: number, field: string): number {
  if (timeoutMs < 0) throw invalid(field, "must not be negative");
  if (!Number.isInteger(timeoutMs)) throw invalid(field, "must be a whole number of milliseconds");
  if (timeoutMs > maxAckTimeoutMs) throw invalid(field, `must be at most ${String(maxAckTimeoutMs)}`);
  return timeoutMs === 0 ? defaultAckTimeoutMs : timeoutMs;
}

/**
 * Adds `ack_host`, `ack_port` and `ack_nonce` to a validated payload, behind its own members. All other characters stay as they are.
 * @throws OperatingError invalid_request when the payload is larger than `maxPayloadBytes` with them.
 */
export function withAckKeys(payloadText: string, target: AckTarget): string {
  const end = payloadText.lastIndexOf("}");
  const members = payloadText.slice(0, end);
  const isEmpty = /^\s*\{\s*$/.test(members);
  const added = `"ack_host":${JSON.stringify(target.host)},"ack_port":${String(target.port)},"ack_nonce":${JSON.stringify(target.nonce)}`;
  const text = `${members}${isEmpty ? "" : ","}${added}${payloadText.slice(end)}`;
  const payloadBytes = Buffer.byteLength(text, "utf8");
  if (payloadBytes > maxPayloadBytes) throw tooLarge("payload", payloadBytes, "with the keys for its acknowledgement");
  return text;
}

const addedAckKeys = /,?"ack_host":"[^"\\]*","ack_port":\d+,"ack_nonce":"[^"\\]*"(\}\s*)$/;

/** Takes out again what `withAckKeys` added; null when it is not there. */
export function withoutAckKeys(text: string): string | null {
  return addedAckKeys.test(text) ? text.replace(addedAckKeys, "$1") : null;
}

function tooLarge(field: string, payloadBytes: number, how = "in UTF-8"): OperatingError {
  return invalid(field, `is ${String(payloadBytes)} bytes ${how}; it must be at most ${String(maxPayloadBytes)}`);
}

function invalid(field: string, rule: string): OperatingError {
  return new OperatingError("invalid_request", `${field} ${rule}`, { details: { field } });
}
