import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { WebSocket } from "ws";
import { connectionError, errorOfAnswer } from "./errors.ts";
import { type Connection, refuseDots, urlOf } from "./http.ts";

const largestServerMessageBytes = 16 * 1024 * 1024;

/** A connection that is being opened: it is listened to from the start, for a first message may come with the upgrade's answer. */
export interface OpeningSocket {
  readonly socket: WebSocket;
  /**
   * Resolves when the server took the upgrade.
   * @throws RametApiError for a refusal, RametConnectionError when no server is reached, the signal's reason when it aborts.
   */
  readonly opened: Promise<void>;
}

/** A WebSocket to one of the instance's calls, with our token. Aborting the signal ends it. */
export function openSocket(
  connection: Connection,
  reference: string,
  call: "exec" | "cp",
  signal: AbortSignal | undefined,
): OpeningSocket {
  signal?.throwIfAborted();
  refuseDots(reference);
  const url = urlOf(connection, `/instances/${encodeURIComponent(reference)}/${call}`);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url, {
    ...connection.trust?.tls,
    headers: connection.token === undefined ? {} : { authorization: `Bearer ${connection.token}` },
    perMessageDeflate: false,
    maxPayload: largestServerMessageBytes,
  });
  const abort = (): void => {
    socket.terminate();
  };
  signal?.addEventListener("abort", abort, { once: true });
  socket.once("close", () => signal?.removeEventListener("abort", abort));
  return { socket, opened: opened(socket, connection, signal) };
}

function opened(socket: WebSocket, connection: Connection, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(signal?.aborted === true ? asError(signal.reason) : asError(error));
    };
    socket.once("open", resolve);
    socket.on("error", (error) => {
      fail(connectionError(connection.baseUrl, error));
    });
    socket.once("unexpected-response", (_request, response) => {
      // Handling this event hands us the connection: it must be ended here.
      refusalOf(response)
        .then(fail, fail)
        .finally(() => {
          socket.terminate();
        });
    });
  });
}

async function refusalOf(response: IncomingMessage): Promise<Error> {
  const requestId = response.headers["x-request-id"];
  return errorOfAnswer(
    response.statusCode ?? 0,
    await text(response),
    typeof requestId === "string" ? requestId : undefined,
  );
}

/** A message's bytes, in whatever form the library gives them. */
export function bytesOf(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** Resolves when the bytes were handed to the kernel, or when the connection is gone: whoever waits for its end hears of that. */
export function sent(socket: WebSocket, message: Buffer | string): Promise<void> {
  if (socket.readyState !== WebSocket.OPEN) return Promise.resolve();
  return new Promise((resolve) => {
    socket.send(message, () => {
      resolve();
    });
  });
}

export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
