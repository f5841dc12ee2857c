import type { EventBus } from "../../observability/event-bus.ts";
import type { Logger } from "../../observability/logger.ts";
import type { BuiltinImage } from "./builtin-image.ts";
import type { PullProgress } from "./image.ts";
import type { ImageCatalog } from "./image-catalog.ts";
import type { ImageFiles } from "./image-files.ts";
import type { PullQueue } from "./pull-queue.ts";
import type { RegistrySettings } from "./registry-access.ts";

/** What the verbs of this folder work with; composed once. */
export interface Images {
  readonly builtin: BuiltinImage;
  readonly catalog: ImageCatalog;
  readonly files: ImageFiles;
  readonly queue: PullQueue;
  /** Of the pulls that run, by digest. */
  readonly progress: Map<string, PullProgress>;
  /** How many are about to take links of a root filesystem, by digest; see `holdImage`. */
  readonly holds: Map<string, number>;
  readonly settings: ImageSettings;
  /** Names of the instances and snapshots that were made of the image of this name. */
  readonly usersOf: (name: string) => readonly string[];
  readonly events: EventBus;
  readonly log: Logger;
}

export interface ImageSettings {
  readonly registries: RegistrySettings;
  /** Images may be read from files in there; null: from none. */
  readonly sourceDirectory: string | null;
  /** A pull that brings no byte for so long has failed. */
  readonly stallMs: number;
  /** How long a registry may take to say what a name means. */
  readonly resolveMs: number;
}

export const defaultImageDeadlines: Pick<ImageSettings, "stallMs" | "resolveMs"> = {
  stallMs: 120_000,
  resolveMs: 60_000,
};
