import type { Command } from "commander";
import type { Io } from "../io.ts";
import { addVerb } from "../verb.ts";
import { addImageGetCommand } from "./image-get.ts";
import { addImageLsCommand } from "./image-ls.ts";
import { addImagePullCommand } from "./image-pull.ts";
import { addImageRmCommand } from "./image-rm.ts";
import { addImageTagCommand } from "./image-tag.ts";

const examples = [
  ["ramet image pull nginx:1.27", "fetch it before it is needed"],
  ["ramet image ls", "what is here, and how far"],
  ["ramet image rm nginx:1.27", "give its space back"],
] as const;

/** `ramet image VERB`: what instances boot from. */
export function addImageCommand(program: Command, io: Io): void {
  const image = addVerb(program, "image", "pull, list, tag and remove images", examples).helpCommand(false);
  for (const add of verbs) add(image, io);
}

const verbs = [addImagePullCommand, addImageLsCommand, addImageGetCommand, addImageTagCommand, addImageRmCommand];
