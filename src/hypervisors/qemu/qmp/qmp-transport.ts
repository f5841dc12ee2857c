import type { Socket } from "node:net";

/**
 * QMP's framing: each message is one JSON object on one line, ended by CR LF (QEMU, docs/interop/qmp-spec). This cuts the
 * byte stream into objects and knows nothing of what they mean.
 */
export interface QmpTransport {
  /** A message with its line feed, at once or piece by piece. */
  send(text: string): void;
  close(): void;
}

export interface QmpTransportListener {
  onMessage(message: Readonly<Record<string, unknown>>): void;
  /** Called once, after the last message: the peer or we closed, or what came was no QMP. */
  onClose(cause: Error | null): void;
}

export function openQmpTransport(socket: Socket, listener: QmpTransportListener): QmpTransport {
  const lines = new LineSplitter();
  let failure: Error | null = null;
  socket.on("data", (chunk: Buffer) => {
    try {
      for (const line of lines.push(chunk)) listener.onMessage(parseMessage(line));
    } catch (cause) {
      socket.destroy(cause as Error);
    }
  });
  socket.on("error", (cause) => {
    failure = cause;
  });
  socket.once("close", () => {
    listener.onClose(failure);
  });
  return {
    send: (text) => {
      socket.write(text);
    },
    close: () => {
      socket.destroy();
    },
  };
}

/** Cuts a byte stream at line feeds. Bytes, not text, are joined, so a character that spans two chunks stays whole. */
export class LineSplitter {
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  *push(chunk: Buffer): Generator<string> {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      const line = Buffer.concat([...this.#pending, chunk.subarray(start, end)])
        .toString("utf8")
        .trim();
      this.#pending = [];
      this.#pendingBytes = 0;
      start = end + 1;
      if (line !== "") yield line;
    }
    this.#keep(chunk.subarray(start));
  }

  #keep(rest: Buffer): void {
    if (rest.length === 0) return;
    this.#pendingBytes += rest.length;
    if (this.#pendingBytes > longestLineBytes)
      throw new Error(`a QMP line is longer than ${String(longestLineBytes)} bytes`);
    this.#pending.push(rest);
  }
}

const lineFeed = 0x0a;
// The longest answer we ask for, query-machines, has about 20 kB.
const longestLineBytes = 16 * 1024 * 1024;

function parseMessage(line: string): Readonly<Record<string, unknown>> {
  const message: unknown = JSON.parse(line);
  if (typeof message !== "object" || message === null) throw new Error("a QMP line is no JSON object");
  return message as Record<string, unknown>;
}
