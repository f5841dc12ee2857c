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
  readonly has_memory_image: boolean;
  readonly exit: InstanceExit | null;
  readonly network: { readonly mode: string; readonly mac: string; readonly ipv4: string };
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
  /** False leaves the instance Stopped. */
  readonly start?: boolean;
}

export interface StartOverrides {
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface ForkBody {
  readonly name: string;
  readonly target_state?: "Running" | "Standby" | "Stopped";
  readonly mailboxes?: readonly ForkMailbox[];
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
  readonly source?: "app" | "vmm";
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
