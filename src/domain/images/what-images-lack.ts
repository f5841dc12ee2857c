import { hasTool } from "./run-tool.ts";

/** What this host lacks to pull images, as a sentence without its end; null when it lacks nothing. */
export function whatImagesLack(): string | null {
  // chown(2): only root gives files away.
  if (process.getuid?.() !== 0)
    return "only root can unpack files with the owners that an image gives them: run the server as root";
  const missing = ["skopeo", "umoci"].filter((tool) => !hasTool(tool));
  if (!hasTool("mkfs.erofs") && !hasTool("mksquashfs"))
    missing.push("mkfs.erofs (erofs-utils) and no mksquashfs (squashfs-tools)");
  return missing.length === 0
    ? null
    : `this host has no ${missing.join(", no ")}: run ./ramet setup as root, or install what is missing`;
}
