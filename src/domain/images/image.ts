import type { ErrorCode } from "../../errors.ts";

/** What an image says of running it (OCI image-spec, config.md), as far as a VM needs it. */
export interface RunConfig {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Null: `/`. */
  readonly workingDir: string | null;
  /** `USER[:GROUP]`, each a name of the image's /etc/passwd or /etc/group, or a number. Null: root. */
  readonly user: string | null;
  /** As signal(7) writes it, such as `SIGQUIT`. Null: SIGTERM. */
  readonly stopSignal: string | null;
  /** `PORT/tcp` or `PORT/udp`. */
  readonly exposedPorts: readonly string[];
}

/** A root filesystem that instances can be made of. */
export interface Image extends RunConfig {
  readonly name: string;
  /** Of the manifest that it was made from; for the built-in image, of its root filesystem. */
  readonly digest: string;
  /** `os/arch[/variant]`. */
  readonly platform: string;
  /** Read-only root filesystem; instances take links of it. */
  readonly rootPath: string;
}

/** An image that must not go away meanwhile; disposed of by whoever has links of its files, or wants none. */
export interface HeldImage extends Disposable {
  readonly image: Image;
}

export const imageStatuses = ["pending", "pulling", "converting", "ready", "failed"] as const;
export type ImageStatus = (typeof imageStatuses)[number];

/** Bytes of the layers that are here, of those that there are. */
export interface PullProgress {
  readonly receivedBytes: number;
  readonly totalBytes: number;
}

/** An image as a caller sees it: what it is called, how far it is, and, once ready, what it runs. */
export interface ImageView {
  readonly name: string;
  readonly digest: string;
  readonly status: ImageStatus;
  /** Why the last pull failed; a ready image may have one, when only its renewal failed. */
  readonly error: string | null;
  readonly errorCode: ErrorCode | null;
  /** From 1; null when it does not wait. */
  readonly queuePosition: number | null;
  readonly progress: PullProgress | null;
  readonly platform: string;
  readonly config: RunConfig | null;
  /** Of the root filesystem. */
  readonly sizeBytes: number | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: string;
}

/** What runs when an image says nothing: as root, in `/`, and nothing. */
export const plainRunConfig: RunConfig = {
  entrypoint: [],
  cmd: [],
  env: {},
  workingDir: null,
  user: null,
  stopSignal: null,
  exposedPorts: [],
};
