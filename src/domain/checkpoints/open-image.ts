import { openImage as openMemory } from "../../memory/image-reader.ts";
import { indexMailboxes, type MailboxIndex } from "../mailboxes/frame-index.ts";
import { readManifest, type Manifest } from "./manifest.ts";
import { imageFiles } from "./memory-image.ts";

/** A memory image as far as a fork must know it before anything is started. */
export interface OpenedImage {
  readonly manifest: Manifest;
  readonly mailboxes: MailboxIndex;
}

/** Reads the manifest and the mailbox frames of the memory image in `directory`: a page for each frame, and none of the rest. */
export async function openImage(directory: string): Promise<OpenedImage> {
  const manifest = await readManifest(directory);
  await using memory = await openMemory(imageFiles(directory));
  return { manifest, mailboxes: await indexMailboxes(memory, memory.frames) };
}
