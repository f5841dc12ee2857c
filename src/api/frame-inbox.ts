import type { WebSocket } from "@fastify/websocket";

export interface Frame {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

/**
 * The messages of a socket, from its very beginning: the first is waited for, later ones are kept until somebody receives
 * them. In between the socket is paused, so that what a client sends ahead stays with the client.
 */
export class FrameInbox {
  readonly #socket: WebSocket;
  readonly #first = Promise.withResolvers<Frame>();
  #isFirst = true;
  #early: Frame[] = [];
  #receive: ((frame: Frame) => void) | null = null;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data, isBinary) => {
      this.#take({ data: toBuffer(data), isBinary });
    });
  }

  /** Resolves with the first message, if there ever is one. */
  get first(): Promise<Frame> {
    return this.#first.promise;
  }

  /** Hands over the messages after the first: those that are there, and from now on each as it comes. */
  receive(receive: (frame: Frame) => void): void {
    this.#receive = receive;
    const early = this.#early;
    this.#early = [];
    for (const frame of early) receive(frame);
    this.#socket.resume();
  }

  #take(frame: Frame): void {
    if (this.#isFirst) {
      this.#isFirst = false;
      this.#socket.pause();
      this.#first.resolve(frame);
    } else if (this.#receive === null) {
      this.#early.push(frame);
    } else {
      this.#receive(frame);
    }
  }
}

/** What `ws` gives depends on its `binaryType`; its default is one Buffer. */
function toBuffer(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
