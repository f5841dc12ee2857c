import { connectAgent, type AgentClient } from "../../guest/agent-client.ts";
import type { Machine } from "../../hypervisors/driver.ts";
import { DeadlineError, untilAborted, withDeadline } from "../../lib/deadline.ts";

/** How long the agent may take to answer a greeting before it is said again. */
const defaultGreetingMs = 3000;

/**
 * The connection to one machine's agent, opened when it is first needed and again after it broke. Whoever asks while it is being opened
 * shares the attempt.
 */
export class AgentLink {
  readonly #machine: Pick<Machine, "connectAgent">;
  readonly #greetingMs: number;
  readonly #onConnected: (client: AgentClient) => void;
  readonly #closing = new AbortController();
  #attempt: Promise<AgentClient> | null = null;
  #waiting = 0;
  #abandon = new AbortController();

  /** @param onConnected called for each new connection, before anybody uses it; subscribes to its events. */
  constructor(
    machine: Pick<Machine, "connectAgent">,
    onConnected: (client: AgentClient) => void,
    options: { readonly greetingMs?: number } = {},
  ) {
    this.#machine = machine;
    this.#greetingMs = options.greetingMs ?? defaultGreetingMs;
    this.#onConnected = onConnected;
  }

  /** The connected agent. @throws OperatingError `guest_unreachable`, or the signal's reason. */
  async client(signal: AbortSignal): Promise<AgentClient> {
    for (;;) {
      signal.throwIfAborted();
      this.#attempt ??= this.#open();
      const { signal: abandoned } = this.#abandon;
      try {
        return await this.#share(this.#attempt, signal);
      } catch (failure) {
        // Those who came before gave this attempt up, which is none of this caller's business.
        if (!abandoned.aborted || signal.aborted || this.#closing.signal.aborted) throw failure;
      }
    }
  }

  async #share(attempt: Promise<AgentClient>, signal: AbortSignal): Promise<AgentClient> {
    this.#waiting += 1;
    try {
      return await untilAborted(attempt, signal);
    } finally {
      this.#waiting -= 1;
      // Nobody waits any more: a half-open attempt must not hold the machine's one agent connection.
      if (this.#waiting === 0 && signal.aborted) this.#abandon.abort(signal.reason);
    }
  }

  /** Ends the connection; the link is not used again. */
  close(): void {
    this.#closing.abort(new Error("the machine was released"));
    this.#attempt?.then(
      (client) => {
        client.close();
      },
      () => undefined,
    );
  }

  /** A greeting that falls between a guest's opening of its port and the host's connection may be lost: it is said again on a new connection. */
  async #greet(signal: AbortSignal): Promise<AgentClient> {
    for (;;) {
      try {
        return await withDeadline(signal, this.#greetingMs, "the agent's greeting", async (limited) =>
          connectAgent(await this.#machine.connectAgent(limited), limited),
        );
      } catch (failure) {
        // Those who wait have deadlines of their own, which end the attempt and are no reason to greet again.
        if (!(failure instanceof DeadlineError) || signal.aborted) throw failure;
      }
    }
  }

  async #open(): Promise<AgentClient> {
    this.#abandon = new AbortController();
    const signal = AbortSignal.any([this.#closing.signal, this.#abandon.signal]);
    try {
      const client = await this.#greet(signal);
      this.#onConnected(client);
      void client.closed.then(() => {
        this.#attempt = null;
      });
      return client;
    } catch (failure) {
      this.#attempt = null;
      throw failure;
    }
  }
}
