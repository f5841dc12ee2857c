/**
 * The commands and events of QEMU that we use, with the fields that we read (QEMU, docs/interop/qemu-qmp-ref). An answer is
 * trusted to have these fields: they have been stable since QEMU 2.x and the conformance suite runs against the real program.
 */
export interface QmpCommands {
  qmp_capabilities: { arguments: undefined; returns: object };
  "query-status": { arguments: undefined; returns: { readonly status: RunState; readonly running: boolean } };
  "query-version": {
    arguments: undefined;
    returns: { readonly qemu: { readonly major: number; readonly minor: number; readonly micro: number } };
  };
  "query-machines": { arguments: undefined; returns: readonly { readonly name: string; readonly alias?: string }[] };
  stop: { arguments: undefined; returns: object };
  cont: { arguments: undefined; returns: object };
  /** The answer is what a person at the monitor would read: nothing when all went well. */
  "human-monitor-command": { arguments: { readonly "command-line": string }; returns: string };
  quit: { arguments: undefined; returns: object };
  "query-block": {
    arguments: undefined;
    returns: readonly { readonly qdev?: string; readonly inserted?: { readonly "node-name"?: string } }[];
  };
  "blockdev-add": { arguments: BlockNode; returns: object };
  "blockdev-del": { arguments: { readonly "node-name": string }; returns: object };
  "blockdev-snapshot": { arguments: { readonly node: string; readonly overlay: string }; returns: object };
  /** All options of the nodes, those that change and those that stay. */
  "blockdev-reopen": { arguments: { readonly options: readonly BlockNode[] }; returns: object };
  "block-stream": {
    arguments: {
      readonly "job-id": string;
      readonly device: string;
      readonly "base-node": string;
      readonly "backing-file": string;
      /** Bytes in a second. */
      readonly speed: number;
    };
    returns: object;
  };
  "query-named-block-nodes": {
    arguments: { readonly flat: boolean };
    returns: readonly {
      readonly "node-name"?: string;
      readonly file: string;
      readonly ro: boolean;
      /** How many nodes lie below it; 0 in a flat answer. */
      readonly backing_file_depth: number;
      readonly image?: BlockImage;
    }[];
  };
  /**
   * Since QEMU 7.2. Marked as unstable: what is read of it is what every virtqueue has by the specification, the guest-physical address of its
   * used ring; 0 when the guest's driver has not set it up.
   */
  "x-query-virtio-queue-status": {
    arguments: { readonly path: string; readonly queue: number };
    returns: { readonly "vring-used": number; readonly "used-idx": number };
  };
  /** Of a machine that was started with `-incoming defer`. */
  "migrate-incoming": { arguments: { readonly uri: string }; returns: object };
  "xen-save-devices-state": { arguments: { readonly filename: string; readonly live: boolean }; returns: object };
}

/** A block device backend, as -blockdev and blockdev-add take it (QEMU, BlockdevOptions). */
export type BlockNode = Readonly<Record<string, unknown>>;

/** Of a qcow2 node (QEMU, ImageInfo). */
export interface BlockImage {
  readonly "virtual-size": number;
  readonly "format-specific"?: { readonly data?: { readonly corrupt?: boolean } };
}

export type QmpCommandName = keyof QmpCommands;

/** Those of QEMU's run states that a machine of ours can be seen in; any other is a failure. */
export type RunState = "inmigrate" | "prelaunch" | "paused" | "running" | "shutdown" | "io-error" | "internal-error";

export interface QmpEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}
