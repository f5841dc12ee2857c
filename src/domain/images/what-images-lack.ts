import { hasTool } from "./run-tool.ts";

/** What this host lacks to pull images, as a sentence; null when it lacks nothing. */
export async function whatImagesLack(): Promise<string | null> {
  if (process.getuid?.() !== 0) return "only root can unpack files with the owners that an image gives them";
  const wanted = ["skopeo", "umoci"];
  const missing: string[] = [];
  for (const tool of wanted) if (!(await hasTool(tool, "--version"))) missing.push(tool);
  if (!(await hasTool("mkfs.erofs", "--help")) && !(await hasTool("mksquashfs", "-version")))
    missing.push("mkfs.erofs (erofs-utils) or mksquashfs (squashfs-tools)");
  return missing.length === 0 ? null : `this host has no ${missing.join(", ")}; ./ramet setup as root brings them`;
}
