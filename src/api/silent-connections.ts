import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Watches for connections on which no request has come: browsers and clients open some ahead of need. Node's `server.close()` takes them for
 * active ones and waits until their headers' time is over, a minute or more (`http.Server.closeIdleConnections` leaves them too).
 * With TLS a request's socket is another object than its connection's, so both are known by the peer's address and port.
 * @returns ends those that are there now, and from then on each new one.
 */
export function watchSilentConnections(server: Server): () => void {
  const silent = new Map<string, Socket>();
  let isClosing = false;
  const speaks = ({ socket }: { readonly socket: Socket }): void => {
    silent.delete(peerOf(socket));
  };
  server.on("connection", (socket) => {
    const peer = peerOf(socket);
    if (isClosing) socket.destroy();
    else silent.set(peer, socket);
    socket.once("close", () => {
      if (silent.get(peer) === socket) silent.delete(peer);
    });
  });
  server.on("request", speaks);
  server.on("upgrade", speaks);
  return () => {
    isClosing = true;
    for (const socket of silent.values()) socket.destroy();
  };
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ""} ${String(remotePort)}`;
}
