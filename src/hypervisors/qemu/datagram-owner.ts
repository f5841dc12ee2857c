import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * Whether process `pid` has a UDP socket over IPv4 whose local port is `port`. Every guest behind user-mode networking reaches
 * the host from the same address, so the port's owner is what tells one guest from another, and from any other program.
 * From /proc/PID/net/udp (kernel: networking/proc_net_tcp, same layout) and the socket inodes in /proc/PID/fd. They are read at once: these
 * are memory of the kernel, and a trip through the thread pool for each of a VMM's eighty descriptors took 3 ms of each ack.
 */
export function ownsUdpPort(pid: number, port: number): boolean {
  const inodes = inodesOfPort(readFileSync(`/proc/${String(pid)}/net/udp`, "latin1"), port);
  if (inodes.length === 0) return false;
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`));
  const directory = `/proc/${String(pid)}/fd`;
  return readdirSync(directory).some((name) => wanted.has(targetOf(`${directory}/${name}`) ?? ""));
}

/** The inodes of the sockets in the text of /proc/net/udp that are bound to this local port. */
export function inodesOfPort(text: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const inodes: string[] = [];
  for (const line of text.split("\n").slice(1)) {
    const fields = line.trim().split(/\s+/);
    const [, localAddress = "", , , , , , , , inode = "0"] = fields;
    // Inode 0 is a socket that nobody holds any more.
    if (localAddress.endsWith(suffix) && inode !== "0") inodes.push(inode);
  }
  return inodes;
}

function targetOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (failure) {
    // A descriptor may be closed between the listing and this look.
    if ((failure as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw failure;
  }
}
