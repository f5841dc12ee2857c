import { readdir, readFile, readlink } from "node:fs/promises";

/**
 * Whether process `pid` has a UDP socket over IPv4 whose local port is `port`. Every guest behind user-mode networking reaches
 * the host from the same address, so the port's owner is what tells one guest from another, and from any other program.
 * From /proc/PID/net/udp (kernel: networking/proc_net_tcp, same layout) and the socket inodes in /proc/PID/fd.
 */
export async function ownsUdpPort(pid: number, port: number): Promise<boolean> {
  const inodes = inodesOfPort(await readFile(`/proc/${String(pid)}/net/udp`, "latin1"), port);
  if (inodes.length === 0) return false;
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`));
  const directory = `/proc/${String(pid)}/fd`;
  const targets = await Promise.all((await readdir(directory)).map((name) => targetOf(`${directory}/${name}`)));
  return targets.some((target) => target !== null && wanted.has(target));
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

async function targetOf(path: string): Promise<string | null> {
  try {
    return await readlink(path);
  } catch (failure) {
    // A descriptor may be closed between the listing and this look.
    if ((failure as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw failure;
  }
}
