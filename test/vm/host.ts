/** What a test looks at on the host, behind the server's back. */
import { createHash } from "node:crypto";
import { createReadStream, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/** Every process that works in `directory` or below it: a VMM is started in its instance's directory. Zombies have no such link. */
export function processesIn(directory: string): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    const workingDirectory = workingDirectoryOf(pid);
    return workingDirectory === directory || workingDirectory.startsWith(`${directory}/`);
  });
}

/** Empty when the process is gone. A directory that was removed below a process is still named, with a mark behind it (proc(5)). */
function workingDirectoryOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, "");
  } catch (failure) {
    const code = (failure as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES") return "";
    throw failure;
  }
}

export interface OpenFile {
  /** The name that it has now, with a mark behind it when it was removed (proc(5)). */
  readonly path: string;
  readonly isWritable: boolean;
}

/** What a process has open. It may close something while the list is read: that is left out. */
export function openFilesOf(pid: number): OpenFile[] {
  const home = `/proc/${pid}`;
  return readdirSync(join(home, "fd")).flatMap((descriptor) => {
    try {
      const path = readlinkSync(join(home, "fd", descriptor));
      // The flags of open(2), octal.
      const flags = /^flags:\t(\d+)$/m.exec(readFileSync(join(home, "fdinfo", descriptor), "utf8"))?.[1] ?? "";
      return [{ path, isWritable: (Number.parseInt(flags, 8) & 0o3) !== 0 }];
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw failure;
    }
  });
}

/** Ends one process for certain; fine when it is gone. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code !== "ESRCH") throw failure;
  }
}

/** SHA-256 of a file's bytes, hexadecimal. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}

/** Bytes on disk of everything below `directory`; a file with several names counts once. `st_blocks` is in units of 512 (stat(2)). */
export async function diskBytesOf(directory: string): Promise<number> {
  const blocks = new Map<string, number>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const { dev, ino, blocks: count } = await lstat(join(entry.parentPath, entry.name));
    blocks.set(`${dev}:${ino}`, count);
  }
  return [...blocks.values()].reduce((sum, count) => sum + count, 0) * 512;
}
