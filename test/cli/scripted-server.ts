import type { AddressInfo } from "node:net";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { WebSocketServer, type WebSocket } from "ws";

/** What the server answers to one request; a string is sent as it is. */
export interface ScriptedAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly contentType?: string;
  /** The body is sent, and the connection stays open. */
  readonly isEndless?: boolean;
  /** The answer waits for this. */
  readonly after?: Promise<unknown>;
}

export interface SeenRequest {
  readonly line: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface ScriptedServer {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
}

/**
 * A server that answers from a table of `METHOD path?query`, or `METHOD path` for any query, anew at each request where that is a
 * function, and 404 to the rest. With `exec`, upgrades are accepted and the function talks; without it they get the table's answer.
 */
export async function startScriptedServer(
  t: TestContext,
  answers: Readonly<Record<string, ScriptedAnswer | (() => ScriptedAnswer)>>,
  exec?: (socket: WebSocket, firstFrame: string) => void,
): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  const record = (request: IncomingMessage, body: string): ScriptedAnswer => {
    const line = `${request.method ?? ""} ${request.url ?? ""}`;
    seen.push({ line, authorization: request.headers.authorization, body });
    const answer = answers[line] ?? answers[line.split("?")[0] ?? ""];
    if (typeof answer === "function") return answer();
    return answer ?? { status: 404, body: { code: "not_found", message: `nothing is scripted for ${line}` } };
  };
  const server = createServer((request, response) => {
    void text(request).then(async (body) => {
      const answer = record(request, body);
      await answer.after;
      response.writeHead(answer.status, {
        "content-type": answer.contentType ?? "application/json",
        "x-request-id": "request-1",
      });
      if (answer.isEndless === true) response.write(bodyOf(answer));
      else response.end(bodyOf(answer));
    });
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    const answer = record(request, "");
    if (exec === undefined) {
      socket.end(
        `HTTP/1.1 ${answer.status} No\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n${bodyOf(answer)}`,
      );
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.once("message", (frame: Buffer) => {
        exec(webSocket, frame.toString("utf8"));
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(async () => {
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

function bodyOf({ body }: ScriptedAnswer): string {
  return typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body);
}
