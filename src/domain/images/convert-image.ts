import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import { OperatingError } from "../../errors.ts";
import { flush } from "../../lib/flush.ts";
import { hasTool, missingTool, runTool, ToolError } from "./run-tool.ts";

/**
 * Makes the read-only root filesystem of the image `image` in an OCI layout: umoci lays its layers over each other (whiteouts, hard links,
 * owners, extended attributes), and mkfs.erofs, or mksquashfs where there is none, packs the result. Not compressed: what a guest reads is in
 * the host's page cache once for all instances, and an emulated processor is slow at unpacking. Times are kept: Python for one compiles a
 * module again whose source looks newer than what it compiled.
 * @param layout a directory beside which the work is done.
 * @returns the path of the filesystem, flushed, in `directory`.
 * @throws OperatingError `invalid_image`, `insufficient_resources`.
 */
export async function convertImage(
  directory: string,
  layout: string,
  name: string,
  signal: AbortSignal,
): Promise<string> {
  const tree = join(directory, "tree");
  const root = join(directory, "root");
  try {
    await runTool(directory, "umoci", ["raw", "unpack", "--image", `${layout}:image`, tree], signal);
    await packTree(directory, tree, root, signal);
  } catch (failure) {
    if (!(failure instanceof ToolError)) throw failure;
    throw translate(failure, name);
  }
  await rm(tree, { recursive: true, force: true });
  await chmod(root, 0o400);
  await flush(root);
  return root;
}

async function packTree(directory: string, tree: string, root: string, signal: AbortSignal): Promise<void> {
  if (hasTool("mkfs.erofs")) {
    await runTool(directory, "mkfs.erofs", ["--quiet", "--preserve-mtime", root, tree], signal);
    return;
  }
  const asItIs = ["-noI", "-noD", "-noF", "-noX", "-no-duplicates", "-noappend", "-no-progress", "-quiet"];
  await runTool(directory, "mksquashfs", [tree, root, ...asItIs], signal);
}

function translate(failure: ToolError, name: string): OperatingError {
  if (failure.missing !== null) return missingTool(failure.missing);
  const words = failure.words.split("\n").at(-1)?.slice(-300) ?? "";
  if (/no space left on device|disk quota exceeded|ENOSPC|\[Error 28\]/i.test(failure.words))
    return new OperatingError(
      "insufficient_resources",
      `the disk of the data directory is too full to unpack ${name}: give it more space`,
      { cause: failure },
    );
  return new OperatingError("invalid_image", `${name} cannot be unpacked (${words})`, { cause: failure });
}
