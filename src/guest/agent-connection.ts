import { randomInt } from "node:crypto";
import type { Duplex } from "node:stream";
import { OperatingError } from "../errors.ts";
import { AgentProtocolError } from "./agent-messages.ts";
import { encodeFrame, FrameScanner, type AgentFrame } from "./agent-protocol.ts";

/** Whoever owns a channel: it takes the frames that come in on it. */
export interface ChannelOwner {
  onFrame(frame: AgentFrame): void;
  /** The connection ended; no frame follows. */
  onEnd(failure: Error): void;
}

const maxChannel = 0xffff;

/**
 * One session over one byte stream: frames out, frames in to the owner of their channel, and the end told to all. Owns the
 * stream. A guest that breaks the protocol ends the session.
 */
export class AgentConnection {
  readonly #stream: Duplex;
  readonly #session = randomInt(1, 2 ** 32);
  readonly #scanner = new FrameScanner(this.#session);
  readonly #owners = new Map<number, ChannelOwner>();
  readonly #closed = Promise.withResolvers<undefined>();
  #lastChannel = 0;
  #failure: Error | null = null;

  /** @param root takes the frames of channel 0. */
  constructor(stream: Duplex, root: ChannelOwner) {
    this.#stream = stream;
    this.#owners.set(0, root);
    stream.on("data", (chunk: Buffer) => {
      this.#receive(chunk);
    });
    stream.on("error", (failure) => {
      this.end(unreachable("the connection to the guest agent broke", failure));
    });
    for (const event of ["end", "close"]) {
      stream.on(event, () => {
        this.end(unreachable("the guest agent closed its connection"));
      });
    }
  }

  /** Settles when the session has ended. Never rejects. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Why the session ended; null while it goes on. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Gives a channel that nobody uses. The owner keeps it until `release`. */
  claim(owner: ChannelOwner): number {
    if (this.#failure !== null) throw this.#failure;
    if (this.#owners.size > maxChannel) {
      throw new OperatingError("instance_busy", "all channels of the guest agent's connection are in use");
    }
    do this.#lastChannel = (this.#lastChannel % maxChannel) + 1;
    while (this.#owners.has(this.#lastChannel));
    this.#owners.set(this.#lastChannel, owner);
    return this.#lastChannel;
  }

  release(channel: number): void {
    this.#owners.delete(channel);
  }

  /** Sends a frame; the callback comes when the stream has room for more. Nothing happens after the end. */
  send(type: number, channel: number, body: Uint8Array, onWritten?: () => void): void {
    if (this.#failure !== null) {
      onWritten?.();
      return;
    }
    // A failed write also arrives as the stream's error, which ends the session.
    this.#stream.write(encodeFrame({ session: this.#session, type, channel, body }), () => onWritten?.());
  }

  sendJson(type: number, channel: number, message: object): void {
    this.send(type, channel, Buffer.from(JSON.stringify(message), "utf8"));
  }

  end(failure: Error): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    this.#stream.destroy();
    const owners = [...this.#owners.values()];
    this.#owners.clear();
    for (const owner of owners) owner.onEnd(failure);
    this.#closed.resolve(undefined);
  }

  #receive(chunk: Buffer): void {
    try {
      // Frames without an owner are late ones, of a channel that was released.
      for (const frame of this.#scanner.push(chunk)) this.#owners.get(frame.channel)?.onFrame(frame);
    } catch (failure) {
      if (!(failure instanceof AgentProtocolError)) throw failure;
      this.end(unreachable("the guest agent broke its protocol", failure));
    }
  }
}

/** The guest cannot be talked to, for a reason that an operator may see. */
export function unreachable(message: string, cause?: unknown): OperatingError {
  return new OperatingError("guest_unreachable", message, cause === undefined ? {} : { cause });
}
