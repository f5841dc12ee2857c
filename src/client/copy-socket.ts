/**
 * One entry or one tree over one WebSocket, as the API's reference describes it (docs/reference/api.md, Files):
 *
 *     to the guest    ── text {direction: "to", guest_path, …} ──►  ── binary … ──►  ── text {type: "end"} ──►  ◄── text {type: "result"} ──
 *     from the guest  ── text {direction: "from", guest_path, …} ──►  ◄── text {type: "header"} ── ◄── binary … ── ◄── text {type: "end"} ──  …
 *
 * Either way {type: "error"} may come instead. The reader takes one message after the other; while it is busy the socket is paused.
 */
import type { WebSocket } from "ws";
import { RametAnswerError, RametApiError, RametConnectionError, RametCopyError } from "./errors.ts";
import type { Connection } from "./http.ts";
import { asError, bytesOf, openSocket, sent } from "./web-socket.ts";

/** What a text message of the server says. */
export type CopyWord =
  | {
      readonly type: "header";
      readonly path: string;
      readonly mode: number;
      readonly is_dir: boolean;
      readonly link_target?: string;
      readonly mtime: number;
    }
  | { readonly type: "end"; readonly final: boolean }
  | { readonly type: "result"; readonly success: boolean; readonly error?: string };

export type CopyMessage = { readonly type: "data"; readonly bytes: Buffer } | CopyWord;

/** With more than this unread, the socket is paused. */
const mostUnread = 16;

/** An open copy. */
export class CopySocket implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #signal: AbortSignal | undefined;
  readonly #socket: WebSocket;
  readonly #unread: CopyMessage[] = [];
  #failure: Error | null = null;
  #wake: (() => void) | null = null;

  private constructor(connection: Connection, socket: WebSocket, signal: AbortSignal | undefined) {
    this.#connection = connection;
    this.#socket = socket;
    this.#signal = signal;
    socket.on("message", (data, isBinary) => {
      this.#receive(bytesOf(data), isBinary);
    });
    socket.once("close", () => {
      this.#fail(
        signal?.aborted === true
          ? asError(signal.reason)
          : new RametConnectionError(`the connection to ${connection.baseUrl} ended before the copy did`),
      );
    });
  }

  /** @throws RametApiError for a refusal, RametConnectionError when no server is reached. */
  static async open(
    connection: Connection,
    reference: string,
    request: object,
    signal: AbortSignal | undefined,
  ): Promise<CopySocket> {
    const { socket, opened } = openSocket(connection, reference, "cp", signal);
    const copy = new CopySocket(connection, socket, signal);
    await opened;
    await sent(socket, JSON.stringify(request));
    return copy;
  }

  /** Whether the server has said something, or is gone: what is sent now would be for nobody. */
  get hasNews(): boolean {
    return this.#failure !== null || this.#unread.length > 0;
  }

  send(message: Buffer | object): Promise<void> {
    return sent(this.#socket, Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  /** The next message. @throws RametCopyError or RametApiError that the server sent, RametConnectionError when the connection broke. */
  async next(): Promise<CopyMessage> {
    for (;;) {
      const message = this.#unread.shift();
      if (this.#unread.length < mostUnread && this.#socket.isPaused) this.#socket.resume();
      if (message !== undefined) return message;
      if (this.#failure !== null) throw this.#failure;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    // Whoever leaves early ends the copy in the guest too.
    this.#socket.terminate();
    return Promise.resolve();
  }

  #receive(bytes: Buffer, isBinary: boolean): void {
    if (isBinary) this.#unread.push({ type: "data", bytes });
    else this.#take(bytes.toString("utf8"));
    if (this.#unread.length >= mostUnread) this.#socket.pause();
    this.#wakeUp();
  }

  #take(text: string): void {
    const word = wordOf(text);
    if (word === null)
      this.#fail(new RametAnswerError(`no Ramet server at ${this.#connection.baseUrl} would say that`));
    else if (word instanceof Error) this.#fail(word);
    else this.#unread.push(word);
  }

  /** The first failure is the reason; what follows comes of it. */
  #fail(failure: Error): void {
    this.#failure ??= this.#signal?.aborted === true ? asError(this.#signal.reason) : failure;
    this.#wakeUp();
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }
}

/** The server is trusted in the fields of what it says, beyond their being there; not in the paths, which are the guest's. */
function wordOf(text: string): CopyWord | Error | null {
  let word: { readonly type?: unknown; readonly message?: unknown; readonly path?: unknown; readonly code?: unknown };
  try {
    word = JSON.parse(text) as typeof word;
  } catch {
    return null;
  }
  if (word.type === "header" || word.type === "end" || word.type === "result") return word as CopyWord;
  if (word.type !== "error" || typeof word.message !== "string") return null;
  // What the guest says of the path comes under this code too; other codes are about the instance or the server.
  if (typeof word.code === "string" && word.code !== "invalid_request")
    return new RametApiError({ code: word.code, status: 0, message: word.message });
  return new RametCopyError(word.message, typeof word.path === "string" ? word.path : "");
}
