import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { FastifyReply } from "fastify";

/** Well under what clients and proxies call dead. */
const heartbeatMs = 20_000;

/** Answers with events (WHATWG HTML, section 9.2) as they come, each of them the text that one of the functions below gives. */
export function sendEvents(reply: FastifyReply, events: AsyncIterable<string>): FastifyReply {
  // The connection would otherwise stay open, idle, while the server closes.
  reply.headers({
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    connection: "close",
  });
  return reply.send(Readable.from(withHeartbeats(events, heartbeatMs)));
}

/**
 * An event without a name. A log line is a JSON string, as Hypeman's clients read it: whatever it holds, a carriage return of a progress bar too,
 * comes through as it is. Without an id a reader goes on from the one before.
 */
export function lineEvent(line: string, id: string | null): string {
  return `${id === null ? "" : `id: ${id}\n`}data: ${JSON.stringify(line)}\n\n`;
}

/** An event with a name, an id to go on from, and a JSON value. None of the three can hold a line's end. */
export function namedEvent(event: { readonly id: string; readonly name: string; readonly data: unknown }): string {
  return `id: ${event.id}\nevent: ${event.name}\ndata: ${JSON.stringify(event.data)}\n\n`;
}

/** Sets where a reader goes on from, and is no event to it: one without data is not dispatched (section 9.2.6). */
export function positionEvent(id: string): string {
  return `id: ${id}\n\n`;
}

/** A failure after the first byte, when no status can be sent any more. */
export function errorEvent(error: { readonly code: string; readonly message: string }): string {
  return `event: error\ndata: ${JSON.stringify({ code: error.code, message: error.message })}\n\n`;
}

/** A line that readers of events skip. */
export function commentEvent(text: string): string {
  return `: ${text}\n\n`;
}

/**
 * The events as they come, and a comment whenever none came for `silenceMs`: clients and proxies give up a stream that stays silent for
 * minutes (Node's own fetch after five).
 */
export async function* withHeartbeats(events: AsyncIterable<string>, silenceMs: number): AsyncGenerator<string> {
  const iterator = events[Symbol.asyncIterator]();
  try {
    for (let next = iterator.next(); ;) {
      const turn = await orSilence(next, silenceMs);
      if (turn === "silence") {
        yield commentEvent("nothing new");
        continue;
      }
      if (turn.done === true) return;
      yield turn.value;
      next = iterator.next();
    }
  } finally {
    await iterator.return?.();
  }
}

async function orSilence<Value>(next: Promise<Value>, silenceMs: number): Promise<Value | "silence"> {
  const timer = new AbortController();
  // A timer that was aborted rejects after the race is over.
  const silence = delay(silenceMs, "silence" as const, { signal: timer.signal }).catch(() => "silence" as const);
  try {
    return await Promise.race([next, silence]);
  } finally {
    timer.abort();
  }
}
