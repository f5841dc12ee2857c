import type { Api, ApiContext } from "../context.ts";
import { serveExec } from "../exec-socket.ts";
import { recordSocket } from "../record-operations.ts";
import { refusePlainHttp, refuseUnlessAllowed, webSocketResponses } from "../websocket-route.ts";
import { InstanceParams, NoQuery } from "../schemas/common.ts";

/** Run a program in a running instance, over a WebSocket. */
export function registerExecRoutes(app: Api, context: ApiContext): void {
  app.route({
    method: "GET",
    url: "/instances/:id/exec",
    config: { upgrade: true, scope: "instance:write" },
    schema: {
      operationId: "execInInstance",
      tags: ["guest"],
      summary: "Run a program in a running instance",
      description:
        "A WebSocket (RFC 6455). The client's first text frame is `{command, env?, cwd?, tty?, rows?, cols?, timeout?, framed?}`; then binary frames carry the streams, both ways: raw, or, with " +
        "`framed: true`, each starting with one byte, 0 stdin, 1 stdout, 2 stderr (an empty stdin message ends the input). Later text frames of the client: `{resize: {cols, rows}}`, `{signal: n}`, " +
        "`{eof: true}`. The server's last text frame is `{exitCode, signal, timedOut}`, then it closes with 1000; or `{error: {code, message}}`, then it closes with 1011. " +
        "A client that leaves ends the program. See docs/reference/api.md.",
      params: InstanceParams,
      querystring: NoQuery,
      response: webSocketResponses,
    },
    preHandler: refuseUnlessAllowed(context, "exec"),
    handler: refusePlainHttp,
    wsHandler: (socket, request) =>
      recordSocket(context, request, "exec", () => serveExec(socket, request.params.id, request.log, context)),
  });
}
