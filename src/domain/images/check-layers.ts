import { createReadStream } from "node:fs";
import { normalize } from "node:path/posix";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { OperatingError } from "../../errors.ts";
import { invalidImage } from "./manifest.ts";

/**
 * Looks through the layers before anything is unpacked: a name, or the target of a hard link, that leaves the root by `..` is refused. What
 * only looks outward (a leading `/`, a symbolic link) stays inside when it is unpacked, because umoci resolves every path within the root
 * (as it does for names that go through a link), and inside the VM it means the VM's own root.
 * @param layers files of gzip, or of plain tar.
 * @throws OperatingError `invalid_image`.
 */
export async function checkLayers(layers: readonly string[], name: string, signal: AbortSignal): Promise<void> {
  for (const layer of layers) await checkLayer(layer, name, signal);
}

async function checkLayer(path: string, name: string, signal: AbortSignal): Promise<void> {
  const reader = extract();
  reader.on("entry", (header, content, next) => {
    // When the reader ends with an error, its entry does too; the pipeline reports it, and nobody else need hear of it.
    content.on("error", () => undefined);
    const escape = escapingPath(header);
    if (escape !== null) {
      next(invalidImage(name, `one of its layers reaches out of its root: ${JSON.stringify(escape.slice(0, 200))}`));
      return;
    }
    content.on("end", next);
    content.resume();
  });
  try {
    const bytes = createReadStream(path, { highWaterMark: 1 << 20 });
    if (await isGzip(path)) await pipeline(bytes, createGunzip(), reader, { signal });
    else await pipeline(bytes, reader, { signal });
  } catch (failure) {
    if (failure instanceof OperatingError || signal.aborted) throw failure;
    throw invalidImage(name, "one of its layers is no whole tar archive", failure);
  }
}

/** RFC 1952: the first two bytes. */
async function isGzip(path: string): Promise<boolean> {
  for await (const chunk of createReadStream(path, { end: 1 }))
    return (chunk as Buffer).equals(Buffer.from([0x1f, 0x8b]));
  return false;
}

function escapingPath({ name, type, linkname }: Header): string | null {
  if (leavesRoot(name)) return name;
  // Of a symbolic link the target is text for the guest; of a hard link it names a file of the layers.
  return type === "link" && leavesRoot(linkname) ? linkname : null;
}

/** A leading `/` is the root itself. */
function leavesRoot(path: string): boolean {
  const relative = normalize(path.replace(/^\/+/, "") || ".");
  return relative === ".." || relative.startsWith("../");
}
