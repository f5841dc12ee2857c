import type { RawJson } from "./raw-json.ts";

export type InstanceState = "Initializing" | "Running" | "Paused" | "Stopped" | "Standby" | "Unknown";

/** An instance as the server tells it. */
export interface Instance {
  readonly id: string;
  readonly name: string;
  readonly state: InstanceState;
  readonly state_error: string | null;
  readonly image: string;
  readonly memory: string;
  readonly memory_bytes: number;
  readonly vcpus: number;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly hypervisor: string;
  readonly accelerator: string;
  readonly created_at: string;
  readonly parent_id: string | null;
  /** How many forks lie between it and an instance that was booted. */
  readonly depth: number;
  readonly has_memory_image: boolean;
  readonly exit: InstanceExit | null;
  readonly network: {
    readonly enabled: boolean;
    readonly mode: string;
    /** Null without network. */
    readonly mac: string | null;
    readonly ip: string | null;
    readonly ports: readonly ForwardedPort[];
  };
}

export interface ForwardedPort {
  readonly host_port: number;
  readonly guest_port: number;
  readonly protocol: string;
}

export interface InstanceExit {
  readonly exit_code: number | null;
  readonly signal: number | null;
  readonly reason: string;
}

/** Milliseconds by phase. Which phases there are is the server's business. */
export type Timings = Readonly<Record<string, number>>;

export interface TimedInstance extends Instance {
  readonly timings_ms: Timings;
}

export interface ForkedInstance extends TimedInstance {
  readonly mailboxes: readonly MailboxOutcome[];
  readonly start: string;
  readonly source_pause_ms: SourcePause;
}

/** How long a running source stood still, by phase and as `total`; null when it was not running. */
export type SourcePause = Timings | null;

export interface ResumedInstance extends TimedInstance {
  /** Of a child that was held with its mail; empty for any other. */
  readonly mailboxes: readonly MailboxOutcome[];
}

/** Why one of several failed, in the words of RametApiError. */
export interface PartialError {
  readonly code: string;
  readonly message: string;
}

/** One child of a fork of many, or one instance of a resume of many. Either `instance` or `error` is null. */
export interface PartialResult {
  readonly instance: Instance | null;
  readonly mailboxes: readonly MailboxOutcome[];
  readonly timings_ms: Timings;
  readonly error: PartialError | null;
}

export interface ForkManyAnswer {
  /** In the order of the request. */
  readonly children: readonly (PartialResult & { readonly name: string; readonly start: string | null })[];
  readonly timings_ms: Timings;
  readonly source_pause_ms: SourcePause;
}

export interface ResumeManyAnswer {
  /** In the order of the request; `id` is what was asked for. */
  readonly instances: readonly (PartialResult & { readonly id: string })[];
}

export type SnapshotKind = "Standby" | "Stopped";

/** A named checkpoint that outlives its instance. */
export interface Snapshot {
  readonly id: string;
  readonly name: string;
  /** `Stopped` holds the disk alone. */
  readonly kind: SnapshotKind;
  readonly source_instance_id: string;
  readonly source_instance_name: string;
  readonly image: string;
  readonly memory: string;
  readonly memory_bytes: number;
  readonly vcpus: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly created_at: string;
  readonly size_bytes: number;
}

export interface TakenSnapshot extends Snapshot {
  readonly timings_ms: Timings;
  readonly source_pause_ms: SourcePause;
}

/** What became of one mailbox. `acked` is null when no ack was asked for. */
export interface MailboxOutcome {
  readonly name: string;
  readonly delivered: boolean;
  readonly acked: boolean | null;
  readonly ack_ms: number | null;
}

/** A mailbox that an instance in standby holds. */
export interface MailboxListing {
  readonly name: string;
  readonly parts: number;
  readonly armed: boolean;
  readonly capacity_bytes: number;
}

export interface CreateInstanceBody {
  readonly name: string;
  readonly image: string;
  /** Such as "512MB"; KB, MB, GB are powers of 1024. */
  readonly memory?: string;
  readonly vcpus?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cmd?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly network?: NetworkWish;
  /** False leaves the instance Stopped. */
  readonly start?: boolean;
}

export interface NetworkWish {
  readonly mode?: "user" | "bridge";
  /** Of mode user: forwarded from 127.0.0.1 of the server's host; one that is free when `host_port` is left out. */
  readonly ports?: readonly {
    readonly host_port?: number;
    readonly guest_port: number;
    readonly protocol?: "tcp" | "udp";
  }[];
}

export interface StartOverrides {
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export type TargetState = "Running" | "Paused" | "Standby" | "Stopped";

/** One child. `Paused` holds it with its mail in until it is resumed. */
export interface ForkChild {
  readonly name: string;
  readonly target_state?: TargetState;
  readonly mailboxes?: readonly ForkMailbox[];
}

/** Of an instance; a snapshot takes a ForkChild. */
export interface ForkBody extends ForkChild {
  /** Whether a running instance may be forked. */
  readonly from_running?: boolean;
}

/** Of a snapshot. */
export interface SnapshotForkManyBody {
  /** 1 to 256. */
  readonly children: readonly ForkChild[];
  readonly mode?: "all_or_nothing" | "each";
  /** The same body under the same key gives the first answer again. */
  readonly idempotency_key?: string;
}

/** Of an instance. */
export interface ForkManyBody extends SnapshotForkManyBody {
  readonly from_running?: boolean;
}

export interface TakeSnapshotBody {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface SnapshotFilter {
  /** The whole id. */
  readonly sourceInstanceId?: string;
  readonly name?: string;
  readonly kind?: SnapshotKind;
}

export interface ForkMailbox {
  readonly name: string;
  /** Left out: the instance's own default token. */
  readonly token?: string;
  /** RawJson travels byte for byte; an object is written by JSON.stringify. */
  readonly payload: RawJson | Readonly<Record<string, unknown>>;
  readonly wait_for_ack?: boolean;
  readonly ack_timeout_ms?: number;
  readonly on_ack_timeout?: "destroy" | "keep";
}

export interface ListFilter {
  readonly state?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface WaitAnswer {
  readonly instance: Instance;
  /** False when the time ran out, or the instance came to rest in another state. */
  readonly reached: boolean;
}

export interface LogOptions {
  /** `app` is the instance's console (the default), `vmm` what the hypervisor wrote. */
  readonly source?: "app" | "vmm" | "hypeman";
  /** How many of the last lines to begin with; all when left out. */
  readonly tail?: number;
  /** Goes on with new lines until the signal aborts or the server ends. */
  readonly follow?: boolean;
}

export interface ExecBody {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly tty?: boolean;
  readonly rows?: number;
  readonly cols?: number;
  /** Seconds; the guest ends the command when they are over. */
  readonly timeout?: number;
}

/** Children kept ready of one source. */
export interface WarmSlots {
  readonly count: number;
  readonly ready: number;
  /** Why fewer are ready than are wanted; null when all are. */
  readonly shortfall: "being_made" | "forks_under_way" | "no_memory_to_spare" | "source_unavailable" | "failed" | null;
}

/** Where an instance came from, and what came from it. */
export interface Lineage {
  readonly id: string;
  readonly name: string;
  readonly depth: number;
  /** The nearest first; those that are gone by the name they had. */
  readonly ancestors: readonly { readonly id: string; readonly name: string; readonly exists: boolean }[];
  readonly snapshot_id: string | null;
  readonly children: readonly { readonly id: string; readonly name: string; readonly state: InstanceState }[];
  readonly descendant_count: number;
}

interface EventHead {
  /** Where a later call goes on from: see `EventOptions.after`. */
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly at: string;
}

interface InstanceEventHead extends EventHead {
  readonly instance_id: string;
}

interface ForkEventHead extends InstanceEventHead {
  /** The child's. */
  readonly name: string;
  readonly parent_id: string;
}

export type RametEvent =
  | (InstanceEventHead & {
      readonly type: "instance.state";
      readonly name: string;
      /** Null for an instance that is new. */
      readonly from: InstanceState | null;
      readonly to: InstanceState;
    })
  | (InstanceEventHead & { readonly type: "instance.deleted"; readonly name: string })
  | (ForkEventHead & { readonly type: "fork.phase"; readonly phase: string; readonly ms: number })
  | (ForkEventHead & { readonly type: "fork.done"; readonly timings_ms: Timings })
  | (ForkEventHead & { readonly type: "fork.failed"; readonly code: string })
  | (InstanceEventHead & { readonly type: "mailbox.acked"; readonly mailbox: string; readonly ack_ms: number | null })
  | (InstanceEventHead & {
      readonly type: "workload.exited";
      readonly exit_code: number | null;
      readonly signal: number | null;
    })
  /** Events are missing here: look at the instances again. */
  | (EventHead & { readonly type: "gap"; readonly reason: "restarted" | "expired" });

export interface EventOptions {
  /** Only events of these types; `gap` always comes. */
  readonly types?: readonly string[];
  /** Only events about this instance and about forks of it. */
  readonly instance?: string;
  /** The id of the last event that was seen: goes on behind it. Left out: only what is new. */
  readonly after?: string;
  readonly signal?: AbortSignal;
}

export interface ServerCapabilities {
  readonly version: string;
  readonly hypervisors: readonly {
    readonly name: string;
    readonly version: string;
    readonly machine_type: string;
    readonly cpu_model: string;
    readonly accelerator: string;
    readonly capabilities: Readonly<Record<string, boolean>>;
  }[];
}

export interface CreateTokenBody {
  readonly name: string;
  readonly scopes: readonly string[];
  /** RFC 3339. Left out: when the token of the caller ends, or never. */
  readonly expires_at?: string;
}

/** A bearer token, without its secret. */
export interface Token {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly created_by: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly revoked_at: string | null;
}

export interface CreatedToken extends Token {
  readonly token: string;
}
