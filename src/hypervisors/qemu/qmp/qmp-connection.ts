/**
 * One QMP session: answers matched to commands by id, events handed to listeners, and death.
 *
 *     connect ─► greeting ─► qmp_capabilities ─► ready ─► closed
 *                                                         every pending command is rejected with QEMU's last words
 *
 * QEMU 7.2 reads its monitor a byte at a time, 5 µs each. When nothing is pending it is given what every next command begins with, so that who waits for
 * one waits for its name alone; a session that ends meanwhile takes that along (QEMU, monitor_qmp_event):
 *
 *     {"id":7,"execute":"  ─────time passes─────►  cont"}
 */
import type { Socket } from "node:net";
import { untilAborted } from "../../../lib/deadline.ts";
import { MachineLostError, RefusedError } from "../../driver.ts";
import type { QmpCommandName, QmpCommands, QmpEvent } from "./qmp-commands.ts";
import { openQmpTransport, type QmpTransport } from "./qmp-transport.ts";

/** QEMU understood a command and refused or failed it, in its own words. */
export class QmpCommandError extends RefusedError {
  override readonly name = "QmpCommandError";
  readonly command: string;
  /** QEMU's error class: GenericError, CommandNotFound, DeviceNotFound, … */
  readonly errorClass: string;

  constructor(command: string) {
    super(command);
    this.command = command;
    this.errorClass = "";
  }
}

interface PendingCommand {
  readonly command: string;
  /** Made when the command was sent, so that its stack shows who sent it and not the socket. */
  readonly refusal: QmpCommandError;
  readonly loss: MachineLostError;
  readonly resolve: (value: unknown) => void;
  readonly reject: (failure: Error) => void;
}

export class QmpConnection {
  /** Settles when the session has ended, however it came about. Never rejects. */
  readonly closed: Promise<void>;
  readonly #transport: QmpTransport;
  readonly #lastWords: () => string;
  readonly #pending = new Map<number, PendingCommand>();
  readonly #eventListeners = new Set<(event: QmpEvent) => void>();
  readonly #greeting = Promise.withResolvers<undefined>();
  readonly #closed = Promise.withResolvers<undefined>();
  #nextId = 1;
  /** How much of the next command QEMU has. */
  #begunLength = 0;
  #isClosed = false;

  private constructor(socket: Socket, lastWords: () => string) {
    this.closed = this.#closed.promise;
    this.#lastWords = lastWords;
    // Nobody may be waiting for the greeting any more when the connection ends.
    this.#greeting.promise.catch(() => undefined);
    this.#transport = openQmpTransport(socket, {
      onMessage: (message) => {
        this.#onMessage(message);
      },
      onClose: (cause) => {
        this.#onClose(cause);
      },
    });
  }

  /**
   * Takes over a connected socket and resolves when QEMU takes commands. QEMU serves one session at a time: a second one
   * waits here for the first to end.
   * @param lastWords what QEMU wrote last to stderr, for the errors of pending commands.
   * @param begin may send first commands. They are carried out in order (QEMU, docs/interop/qmp-spec), so they need not wait for an
   * answer each: a QEMU that still starts finds them when it gets there.
   */
  static async open(
    socket: Socket,
    lastWords: () => string,
    signal: AbortSignal,
    begin: (connection: QmpConnection) => void = () => undefined,
  ): Promise<QmpConnection> {
    const connection = new QmpConnection(socket, lastWords);
    try {
      const negotiated = connection.execute("qmp_capabilities", undefined, signal);
      begin(connection);
      await Promise.all([untilAborted(connection.#greeting.promise, signal), negotiated]);
      return connection;
    } catch (failure) {
      connection.close();
      throw failure;
    }
  }

  /**
   * Sends a command and gives what it returned. An abort ends the wait, not the command: QEMU cannot take one back.
   * @throws QmpCommandError in QEMU's words; MachineLostError when QEMU ends first; the signal's reason.
   */
  async execute<Name extends QmpCommandName>(
    command: Name,
    args: QmpCommands[Name]["arguments"],
    signal: AbortSignal,
  ): Promise<QmpCommands[Name]["returns"]> {
    signal.throwIfAborted();
    const refusal = new QmpCommandError(command);
    const loss = new MachineLostError(`QEMU ended before it answered ${command}`);
    if (this.#isClosed) throw this.#explain(loss);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const id = this.#nextId++;
    this.#pending.set(id, { command, refusal, loss, resolve, reject });
    const text = `${beginningOf(id)}${command}"${args === undefined ? "" : `,"arguments":${JSON.stringify(args)}`}}`;
    this.#transport.send(`${text.slice(this.#begunLength)}\n`);
    this.#begunLength = 0;
    return (await untilAborted(promise, signal)) as QmpCommands[Name]["returns"];
  }

  /** Calls the listener for every event from now on; the function returned ends that. */
  onEvent(listener: (event: QmpEvent) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  /**
   * The first event from now on that the predicate accepts.
   * @throws MachineLostError when the session ends first; the signal's reason.
   */
  async waitForEvent(what: string, accepts: (event: QmpEvent) => boolean, signal: AbortSignal): Promise<QmpEvent> {
    const loss = new MachineLostError(`QEMU ended before ${what}`);
    const { promise, resolve } = Promise.withResolvers<QmpEvent>();
    const stopListening = this.onEvent((event) => {
      if (accepts(event)) resolve(event);
    });
    const lost = this.closed.then(() => {
      throw this.#explain(loss);
    });
    try {
      return await untilAborted(Promise.race([promise, lost]), signal);
    } finally {
      stopListening();
    }
  }

  /** Ends the session; QEMU goes on. */
  close(): void {
    this.#transport.close();
  }

  #onMessage(message: Readonly<Record<string, unknown>>): void {
    if ("QMP" in message) this.#greeting.resolve(undefined);
    else if (typeof message["event"] === "string") this.#onEvent(message["event"], message["data"]);
    else if (typeof message["id"] === "number") this.#onAnswer(message["id"], message);
    else throw new Error("QEMU sent a message that is no greeting, no event and no answer to a command of ours");
  }

  #onEvent(event: string, data: unknown): void {
    const fields = typeof data === "object" && data !== null ? (data as Record<string, unknown>) : {};
    for (const listener of [...this.#eventListeners]) listener({ event, data: fields });
  }

  #onAnswer(id: number, message: Readonly<Record<string, unknown>>): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) throw new Error(`QEMU answered command ${String(id)}, which is not pending`);
    this.#pending.delete(id);
    if ("error" in message) pending.reject(describeRefusal(pending, message["error"]));
    else pending.resolve(message["return"]);
    if (this.#pending.size === 0) this.#beginNext();
  }

  #beginNext(): void {
    const beginning = beginningOf(this.#nextId);
    this.#transport.send(beginning);
    this.#begunLength = beginning.length;
  }

  #onClose(cause: Error | null): void {
    this.#isClosed = true;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    const greetingLoss = this.#explain(new MachineLostError("QEMU ended before it took commands"), cause);
    this.#greeting.reject(greetingLoss);
    for (const { loss, reject } of pending) {
      reject(loss.explain(greetingLoss.lastWords, cause));
    }
    this.#closed.resolve(undefined);
  }

  #explain(loss: MachineLostError, cause: Error | null = null): MachineLostError {
    return loss.explain(this.#lastWords(), cause);
  }
}

/** What does not depend on which command it is. */
function beginningOf(id: number): string {
  return `{"id":${String(id)},"execute":"`;
}

function describeRefusal(pending: PendingCommand, error: unknown): QmpCommandError {
  const { class: errorClass, desc } = error as { readonly class: string; readonly desc: string };
  return Object.assign(pending.refusal, { message: `QEMU refused ${pending.command}: ${desc}`, errorClass });
}
