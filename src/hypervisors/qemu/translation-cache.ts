/**
 * The memory into which QEMU translates a guest's code under software emulation, seen from outside (QEMU 7.2, tcg/region.c):
 *
 *     /proc/PID/maps     …  rwxp 00000000 00:00 0      the only mapping that is written and executed; none with KVM
 *                        ├─ filled from its beginning ──►                         ┤
 *
 * It has no pages at first, and huge ones where the kernel gives them on request: each 2 MiB of code then waits until the host has found and
 * cleared as much.
 */
import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";

/** What a child's code takes until it has taken its identity and its mail, as whole huge pages. */
const firstBytes = 10 << 20;

const chunkBytes = 1 << 20;

/**
 * Lets the host find pages for the beginning of a paused QEMU's translation cache: each is written with what it holds. Takes tens of
 * milliseconds, of the thread pool. Does nothing where there is no cache.
 * @returns how many bytes have pages now. @throws when the process has ended or may not be looked into.
 */
export async function prefaultTranslationCache(pid: number): Promise<number> {
  const cache = findTranslationCache(readFileSync(`/proc/${String(pid)}/maps`, "latin1"));
  if (cache === null) return 0;
  const length = Math.min(cache.length, firstBytes);
  await using memory = await open(`/proc/${String(pid)}/mem`, "r+");
  const buffer = Buffer.allocUnsafeSlow(chunkBytes);
  for (let done = 0; done < length;) {
    const at = cache.address + done;
    const { bytesRead } = await memory.read(buffer, 0, Math.min(chunkBytes, length - done), at);
    if (bytesRead === 0) throw new Error(`process ${String(pid)} ended while its memory was prepared`);
    await memory.write(buffer, 0, bytesRead, at);
    done += bytesRead;
  }
  return length;
}

/** In the text of /proc/PID/maps (proc(5)): the largest anonymous mapping that is written and executed; null when there is none. */
export function findTranslationCache(maps: string): { readonly address: number; readonly length: number } | null {
  let largest = null;
  for (const [, from = "", to = ""] of maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rwxp 0+ 00:00 0 *$/gm)) {
    const address = Number.parseInt(from, 16);
    const length = Number.parseInt(to, 16) - address;
    if (length > (largest?.length ?? 0)) largest = { address, length };
  }
  return largest;
}
