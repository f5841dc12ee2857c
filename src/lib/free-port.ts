import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

/** Whether this user can bind the port of this address now: it is free, and not one that the kernel keeps from this user. */
export async function isPortFree(protocol: "tcp" | "udp", address: string, port: number): Promise<boolean> {
  return (await tryPort(protocol, address, port)) !== null;
}

/** A port that was free a moment ago. Nothing keeps it so: whoever binds it must be ready to ask again. */
export async function findFreePort(protocol: "tcp" | "udp", address: string): Promise<number> {
  const port = await tryPort(protocol, address, 0);
  if (port === null) throw new Error(`the kernel has no free ${protocol} port on ${address}`);
  return port;
}

/** Binds and lets go again. @returns the port; null when it cannot be had. */
async function tryPort(protocol: "tcp" | "udp", address: string, port: number): Promise<number | null> {
  try {
    return protocol === "tcp" ? await tryTcp(address, port) : await tryUdp(address, port);
  } catch (failure) {
    const { code = "" } = failure as NodeJS.ErrnoException;
    if (["EADDRINUSE", "EACCES"].includes(code)) return null;
    throw failure;
  }
}

async function tryTcp(address: string, port: number): Promise<number> {
  const server = createServer();
  server.listen({ host: address, port, exclusive: true });
  await once(server, "listening");
  const bound = server.address();
  server.close();
  await once(server, "close");
  return typeof bound === "object" && bound !== null ? bound.port : port;
}

async function tryUdp(address: string, port: number): Promise<number> {
  const socket = createSocket("udp4");
  socket.bind({ address, port, exclusive: true });
  try {
    await once(socket, "listening");
    return socket.address().port;
  } finally {
    socket.close();
  }
}
