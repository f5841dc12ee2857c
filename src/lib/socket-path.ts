import { closeSync, constants, linkSync, openSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { once } from "node:events";
import { assert } from "./assert.ts";
import { abortReason } from "./deadline.ts";

/*
 * A Unix socket's address holds at most 107 bytes (unix(7)); a data directory may be deeper. An opened directory has a
 * short second name, /proc/self/fd/N, under which its sockets can be bound and connected to.
 */

/** Connects to the socket `name` in `directory`, however long that path is. */
export async function connectInDirectory(directory: string, name: string, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const handle = openDirectory(directory);
  try {
    const socket = connect(shortPath(handle, name));
    await connected(socket, signal);
    return socket;
  } finally {
    closeSync(handle);
  }
}

export interface ListenerForChild {
  /** To be given to the child. */
  readonly descriptor: number;
  /** Takes this process' hands off the socket, once the child was started. To be called once. */
  readonly close: () => void;
}

/**
 * A listening socket at `directory`/`name` for a child that accepts on an inherited descriptor. Connect after `close`: the
 * connection then waits in the socket's queue until the child accepts, and nobody needs to poll for the child to be ready.
 * The name stays; whoever ends the child removes it.
 */
export async function listenForChild(directory: string, name: string): Promise<ListenerForChild> {
  const handle = openDirectory(directory);
  const server = createServer();
  const close = (): void => {
    server.close();
    closeSync(handle);
  };
  try {
    server.listen(shortPath(handle, temporaryName(name)));
    await once(server, "listening");
    // libuv unlinks a socket's first name when it closes the socket; this second one stays.
    linkSync(join(directory, temporaryName(name)), join(directory, name));
  } catch (failure) {
    close();
    throw failure;
  }
  return { descriptor: descriptorOf(server), close };
}

function temporaryName(name: string): string {
  return `${name}.new`;
}

/**
 * Node has no public way to hand a listening socket to a program that is not Node; `_handle.fd` is how its own cluster module
 * gets at it, and it has been there since Node 0.6.
 */
function descriptorOf(server: Server): number {
  const { _handle: handle } = server as unknown as { readonly _handle?: { readonly fd?: unknown } };
  const descriptor = handle?.fd;
  assert(typeof descriptor === "number" && descriptor >= 0, "a listening server has a descriptor");
  return descriptor;
}

function openDirectory(directory: string): number {
  return openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
}

function shortPath(handle: number, name: string): string {
  return `/proc/self/fd/${String(handle)}/${name}`;
}

async function connected(socket: Socket, signal: AbortSignal): Promise<void> {
  const onAbort = (): void => {
    socket.destroy(abortReason(signal));
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await once(socket, "connect");
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
