import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Watches for connections on which no request has come: browsers and clients open some ahead of need. Node's `server.close()` takes them for
 * active ones and waits until their headers' time is over, a minute or more (`http.Server.closeIdleConnections` leaves them too).
 * @returns ends those that are there now, and from then on each new one.
 */
export function watchSilentConnections(server: Server): () => void {
  const silent = new Set<Socket>();
  let isClosing = false;
  const speaks = ({ socket }: { readonly socket: Socket }): void => {
    silent.delete(socket);
  };
  server.on("connection", (socket) => {
    if (isClosing) socket.destroy();
    else silent.add(socket);
    socket.once("close", () => silent.delete(socket));
  });
  server.on("request", speaks);
  server.on("upgrade", speaks);
  return () => {
    isClosing = true;
    for (const socket of silent) socket.destroy();
  };
}
