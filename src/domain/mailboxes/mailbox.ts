/** One mailbox of a fork request, checked by `validate.ts`. `token` is null when the instance's own default is meant. */
export interface MailboxRequest {
  readonly name: string;
  readonly token: string | null;
  /** The caller's own text of a JSON object: it is delivered verbatim, so that key order and large numbers survive. */
  readonly payloadText: string;
  readonly waitForAck: boolean;
  readonly ackTimeoutMs: number;
  readonly onAckTimeout: "destroy" | "keep";
}

/** A mailbox whose mail is in a child's memory and waits there with it: what its release must know, and nothing that is a secret. */
export interface HeldMailbox extends Pick<MailboxRequest, "name" | "waitForAck" | "ackTimeoutMs" | "onAckTimeout"> {
  /** How many frames it has. */
  readonly parts: number;
}

/** What became of one mailbox. `acked` is null when no ack was asked for. */
export interface MailboxOutcome {
  readonly name: string;
  readonly delivered: boolean;
  readonly acked: boolean | null;
  readonly ackMs: number | null;
}

/** Names that begin so are the system's own, and refused to callers. */
export const systemNamePrefix = "ramet.";

/** The mailbox that the guest's agent arms, through which a child learns who it is. */
export const systemMailboxName = `${systemNamePrefix}system`;

/** The most bytes of a payload, as they are written into the frames. */
export const maxPayloadBytes = 65536;
