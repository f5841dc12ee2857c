import type { Duplex } from "node:stream";
import { OperatingError } from "../errors.ts";
import { DeadlineError, untilAborted, withDeadline } from "../lib/deadline.ts";
import { AgentConnection, unreachable, type ChannelOwner } from "./agent-connection.ts";
import {
  encodeBytes,
  encodeConfiguration,
  encodeExecRequest,
  encodeIdentity,
  fieldOf,
  isBoolean,
  isCount,
  isString,
  readEvent,
  readHello,
  readObject,
  type AgentExecRequest,
  type AgentHello,
  type GuestConfiguration,
  type GuestIdentity,
  type JsonObject,
  type WorkloadExitEvent,
} from "./agent-messages.ts";
import { agentProtocolVersion, frameType, maxBodyBytes, type AgentFrame } from "./agent-protocol.ts";
import { ExecChannel, type ExecSession } from "./exec-channel.ts";

export type {
  AgentExecRequest,
  AgentHello,
  ExecExit,
  GuestConfiguration,
  GuestIdentity,
  GuestNetwork,
} from "./agent-messages.ts";
export type { WorkloadExitEvent, WorkloadReport } from "./agent-messages.ts";
export type { ExecSession } from "./exec-channel.ts";

/** How long one answer is waited for. */
export interface AgentWait {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * A session with the agent of one guest. Every call throws OperatingError guest_unreachable when the answer is late, not
 * understood, or the connection ends; and the signal's reason when that aborts.
 */
export interface AgentClient {
  /** What the agent said of itself when the session began. */
  readonly hello: AgentHello;
  /** Settles when the session has ended, whoever ended it. Never rejects. */
  readonly closed: Promise<void>;
  /**
   * Any operation of the protocol. Gives the answer when the guest says `ok`.
   * @throws OperatingError internal_error with the guest's own sentence as the cause when it does not.
   */
  request(op: string, fields: JsonObject, wait: AgentWait): Promise<JsonObject>;
  ping(wait: AgentWait): Promise<{ readonly uptimeMs: number; readonly wallClockNs: bigint }>;
  /** Resolves when the root is mounted and the workload was started. Calling it again changes nothing. */
  configure(configuration: GuestConfiguration, wait: AgentWait): Promise<void>;
  /** Resolves when the guest has begun to shut down; the machine's exit says when it is done. */
  shutdown(graceMs: number, wait: AgentWait): Promise<void>;
  setClock(wallClockNs: bigint, wait: AgentWait): Promise<void>;
  addEntropy(entropy: Uint8Array, wait: AgentWait): Promise<void>;
  /** @throws OperatingError ack_failed when the guest could not apply it; its details hold the guest's reason. */
  applyIdentity(identity: GuestIdentity, wait: AgentWait): Promise<void>;
  /**
   * Resolves when the program runs. `wait` covers its start only; a program whose start was given up is killed.
   * @throws OperatingError invalid_request with the guest's sentence when it cannot be started.
   */
  exec(request: AgentExecRequest, wait: AgentWait): Promise<ExecSession>;
  /**
   * Begins one operation of section 4 of the protocol, with records on its streams: see guest-files.ts.
   * @throws OperatingError `not_supported` when the agent knows no files, `guest_unreachable`.
   */
  files(fields: JsonObject, wait: AgentWait): Promise<ExecSession>;
  /** Gives a function that ends the listening. An event that came before anyone listened is told at once. */
  onEvent(listener: (event: WorkloadExitEvent) => void): () => void;
  /** Ends the session and the stream. Safe to call again. */
  close(): void;
}

/** The guest's SIGKILL and SIGTERM (signal(7)). A file operation takes back what it has begun. */
const sigkill = 9;
const sigterm = 15;

/** Characters of a guest's own words that are passed on. */
const maxGuestWords = 500;

/**
 * Begins a session: says HELLO and resolves with the guest's answer to it. Whatever the stream still holds of an older session
 * is skipped. Takes the stream over; it is destroyed when this fails.
 * @throws OperatingError guest_unreachable when the stream ends first or the agent speaks another version; the signal's reason
 * when it aborts.
 */
export async function connectAgent(stream: Duplex, signal: AbortSignal): Promise<AgentClient> {
  const root = new RootChannel();
  const connection = new AgentConnection(stream, root);
  try {
    connection.sendJson(frameType.hello, 0, { protocol: agentProtocolVersion });
    return new ConnectedAgent(connection, root, await untilAborted(root.hello, signal));
  } catch (failure) {
    connection.end(unreachable("the session with the guest agent did not begin"));
    throw failure;
  }
}

/** Channel 0: the greeting, then events. */
class RootChannel implements ChannelOwner {
  readonly #listeners = new Set<(event: WorkloadExitEvent) => void>();
  readonly #hello = Promise.withResolvers<AgentHello>();
  /** Came right behind the greeting, before anyone could listen. The workload ends once, so there is one at most. */
  #missedEvent: WorkloadExitEvent | null = null;

  get hello(): Promise<AgentHello> {
    return this.#hello.promise;
  }

  onFrame(frame: AgentFrame): void {
    if (frame.type === frameType.helloOk) this.#onHello(frame.body);
    if (frame.type === frameType.event) this.#onEvent(frame.body);
  }

  onEnd(failure: Error): void {
    this.#hello.reject(failure);
  }

  listen(listener: (event: WorkloadExitEvent) => void): () => void {
    this.#listeners.add(listener);
    const missed = this.#missedEvent;
    this.#missedEvent = null;
    if (missed !== null) listener(missed);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #onHello(body: Uint8Array): void {
    const { protocol, ...hello } = readHello(body);
    if (protocol === agentProtocolVersion) this.#hello.resolve(hello);
    else
      this.#hello.reject(
        unreachable(
          `the guest agent speaks protocol ${String(protocol)}, this server speaks ${String(agentProtocolVersion)}`,
        ),
      );
  }

  #onEvent(body: Uint8Array): void {
    const event = readEvent(body);
    if (event === null) return;
    if (this.#listeners.size === 0) this.#missedEvent = event;
    for (const listener of this.#listeners) listener(event);
  }
}

/** One request: its channel is kept until the guest answers, even when nobody waits any more. */
class RequestChannel implements ChannelOwner {
  readonly #connection: AgentConnection;
  readonly #channel: number;
  readonly #answered = Promise.withResolvers<JsonObject>();

  constructor(connection: AgentConnection) {
    this.#connection = connection;
    this.#channel = connection.claim(this);
  }

  request(body: Uint8Array): Promise<JsonObject> {
    this.#connection.send(frameType.request, this.#channel, body);
    return this.#answered.promise;
  }

  onFrame(frame: AgentFrame): void {
    if (frame.type !== frameType.response) return;
    const answer = readObject(frame.body);
    fieldOf(answer, "ok", isBoolean);
    this.#connection.release(this.#channel);
    this.#answered.resolve(answer);
  }

  onEnd(failure: Error): void {
    this.#answered.reject(failure);
  }
}

class ConnectedAgent implements AgentClient {
  readonly hello: AgentHello;
  readonly #connection: AgentConnection;
  readonly #root: RootChannel;

  constructor(connection: AgentConnection, root: RootChannel, hello: AgentHello) {
    this.#connection = connection;
    this.#root = root;
    this.hello = hello;
  }

  get closed(): Promise<void> {
    return this.#connection.closed;
  }

  async request(op: string, fields: JsonObject, wait: AgentWait): Promise<JsonObject> {
    const answer = await this.#answer(op, fields, wait);
    if (answer["ok"] === true) return answer;
    const cause = new Error(guestWords(answer));
    throw new OperatingError("internal_error", `the guest agent could not do "${op}"`, { cause });
  }

  async ping(wait: AgentWait): Promise<{ uptimeMs: number; wallClockNs: bigint }> {
    const answer = await this.request("ping", {}, wait);
    try {
      return {
        uptimeMs: fieldOf(answer, "uptime_ms", isCount),
        wallClockNs: BigInt(fieldOf(answer, "wall_clock_ns", isDecimal)),
      };
    } catch (failure) {
      throw unreachable("the guest agent's answer was not understood", failure);
    }
  }

  async configure(configuration: GuestConfiguration, wait: AgentWait): Promise<void> {
    await this.request("configure", encodeConfiguration(configuration), wait);
  }

  async shutdown(graceMs: number, wait: AgentWait): Promise<void> {
    await this.request("shutdown", { grace_ms: graceMs }, wait);
  }

  async setClock(wallClockNs: bigint, wait: AgentWait): Promise<void> {
    await this.request("set_clock", { wall_clock_ns: wallClockNs.toString() }, wait);
  }

  async addEntropy(entropy: Uint8Array, wait: AgentWait): Promise<void> {
    await this.request("add_entropy", { entropy: encodeBytes(entropy) }, wait);
  }

  async applyIdentity(identity: GuestIdentity, wait: AgentWait): Promise<void> {
    const answer = await this.#answer("apply_identity", { identity: encodeIdentity(identity) }, wait);
    if (answer["ok"] === true) return;
    const reason = guestWords(answer);
    throw new OperatingError("ack_failed", `the guest could not apply its new identity: ${reason}`, {
      details: { reason },
    });
  }

  async exec(request: AgentExecRequest, wait: AgentWait): Promise<ExecSession> {
    const body = encodeRequest("exec", encodeExecRequest(request));
    return await this.#begin("exec", body, { wait, endSignal: sigkill }, (words) => {
      return new OperatingError("invalid_request", `the program could not be started: ${words}`);
    });
  }

  async files(fields: JsonObject, wait: AgentWait): Promise<ExecSession> {
    return await this.#begin("files", encodeRequest("files", fields), { wait, endSignal: sigterm }, filesRefused);
  }

  onEvent(listener: (event: WorkloadExitEvent) => void): () => void {
    return this.#root.listen(listener);
  }

  close(): void {
    this.#connection.end(unreachable("the connection to the guest agent was closed"));
  }

  async #begin(
    op: string,
    body: Buffer,
    { wait, endSignal }: { readonly wait: AgentWait; readonly endSignal: number },
    refusal: (guestWords: string) => OperatingError,
  ): Promise<ExecSession> {
    wait.signal.throwIfAborted();
    const channel = new ExecChannel(this.#connection, endSignal);
    try {
      const answer = await inTime(op, wait, () => channel.request(body));
      if (answer["ok"] === true) return channel.session(fieldOf(answer, "pid", isCount));
      throw refusal(guestWords(answer));
    } catch (failure) {
      channel.abandon();
      throw failure;
    }
  }

  #answer(op: string, fields: JsonObject, wait: AgentWait): Promise<JsonObject> {
    return inTime(op, wait, () => {
      const body = encodeRequest(op, fields);
      return new RequestChannel(this.#connection).request(body);
    });
  }
}

function encodeRequest(op: string, fields: JsonObject): Buffer {
  const body = Buffer.from(JSON.stringify({ op, ...fields }), "utf8");
  if (body.length <= maxBodyBytes) return body;
  const message = `the request is ${String(body.length)} bytes for the guest agent; arguments and environment must be at most ${String(maxBodyBytes)} together`;
  throw new OperatingError("invalid_request", message);
}

/** The answer within its deadline. An answer that comes later is dropped. */
async function inTime(
  op: string,
  { timeoutMs, signal }: AgentWait,
  ask: () => Promise<JsonObject>,
): Promise<JsonObject> {
  try {
    return await withDeadline(signal, timeoutMs, `the guest agent's answer to "${op}"`, (bounded) =>
      untilAborted(ask(), bounded),
    );
  } catch (failure) {
    if (!(failure instanceof DeadlineError)) throw failure;
    throw unreachable(`the guest agent did not answer "${op}" within ${String(timeoutMs)} ms`, failure);
  }
}

/** An agent of a memory image that was made by an older server does not know files. */
function filesRefused(words: string): OperatingError {
  const isOld = words.includes("does not know that op");
  return isOld
    ? new OperatingError(
        "not_supported",
        "the agent in this guest is older than this server and cannot copy files: stop the instance and start it anew, or use exec",
      )
    : new OperatingError("guest_unreachable", `the guest could not begin the file operation: ${words}`);
}

/** What the guest says went wrong, in bounds: it is the guest's text, not ours. */
function guestWords(answer: JsonObject): string {
  const words = isString(answer["error"]) ? answer["error"] : "the guest gave no reason";
  return words.replaceAll(/\p{Cc}/gu, " ").slice(0, maxGuestWords);
}

function isDecimal(value: unknown): value is string {
  return isString(value) && /^\d{1,20}$/.test(value);
}
