/** The JSON that travels in the agent channel's frames (guest/protocol/README.md, section 3): what the host says, and what it accepts. */

/** The guest agent said something that its protocol does not allow. */
export class AgentProtocolError extends Error {
  override readonly name = "AgentProtocolError";
}

/** A guest's place in its network. */
export interface GuestNetwork {
  readonly interfaceName: string;
  readonly macAddress: string;
  readonly ipv4: string;
  readonly prefixLength: number;
  readonly gateway: string;
  readonly dns: string;
}

/** Everything that a child must take over before it serves. The same goes into the system mailbox and into `apply_identity`. */
export interface GuestIdentity {
  readonly instanceId: string;
  readonly name: string;
  readonly parentId: string | null;
  /** UUID, new for every resume of every child. */
  readonly generation: string;
  /** 64 random bytes. */
  readonly entropy: Uint8Array;
  readonly wallClockNs: bigint;
  readonly hostname: string;
  /** Null: the machine has no network card. */
  readonly network: GuestNetwork | null;
}

/** What a freshly booted guest is told once. */
export interface GuestConfiguration {
  readonly instanceId: string;
  readonly name: string;
  readonly hostname: string;
  /** Default token of the guest's `mailbox` command. */
  readonly mailboxToken: string;
  /** Token of `ramet.system`. */
  readonly systemToken: string;
  /** The workload; empty for none. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Of the workload; made when the guest has no such directory. Null: `/`. */
  readonly cwd: string | null;
  /** Of the workload: `USER[:GROUP]`, names of the guest's /etc/passwd and /etc/group, or numbers. Null: root. */
  readonly user: string | null;
  /** The signal that asks the workload to end; null: SIGTERM. */
  readonly stopSignal: number | null;
  /** Null: the machine has no network card. */
  readonly network: GuestNetwork | null;
  /** How much of the writable disk is the root's; null: all of it. Behind it the overlays with a size have theirs. */
  readonly diskBytes: number | null;
  /** Mounted before the workload starts, in this order. */
  readonly volumes: readonly GuestVolume[];
  readonly wallClockNs: bigint;
  readonly entropy: Uint8Array;
}

/** A disk to mount. "overlay": what the guest writes goes to its own writable disk. */
export interface GuestVolume {
  readonly serial: string;
  readonly mountPath: string;
  readonly mode: "read_only" | "overlay" | "read_write";
  /** Of an overlay: the size of its own part of the writable disk; null: it lies on the root's. */
  readonly overlayBytes: number | null;
}

/** What HELLO_OK tells of the guest. */
export interface AgentHello {
  readonly agent: string;
  readonly configured: boolean;
  /** The generation that was applied last; null before the first fork. */
  readonly generation: string | null;
  readonly workload: WorkloadReport;
}

export interface WorkloadReport {
  readonly state: "none" | "running" | "exited";
  readonly pid: number | null;
  readonly exitCode: number | null;
  readonly signal: number | null;
  /** Why it could not be started, when that is how it ended. */
  readonly reason: string | null;
}

/** EVENT: the workload ended. */
export interface WorkloadExitEvent {
  readonly event: "workload_exit";
  readonly exitCode: number | null;
  readonly signal: number | null;
  readonly reason: string | null;
}

export interface ExecExit {
  readonly exitCode: number | null;
  readonly signal: number | null;
  readonly timedOut: boolean;
}

/** A program to run beside the workload. */
export interface AgentExecRequest {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | null;
  readonly tty: { readonly cols: number; readonly rows: number } | null;
  /** After this the guest kills the program; null for never. */
  readonly timeoutMs: number | null;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** The identity in the words of the protocol: the system mailbox's payload without its ack keys. */
export function encodeIdentity(identity: GuestIdentity): JsonObject {
  return {
    instance_id: identity.instanceId,
    name: identity.name,
    parent: identity.parentId,
    generation: identity.generation,
    entropy: encodeBytes(identity.entropy),
    wall_clock_ns: identity.wallClockNs.toString(),
    hostname: identity.hostname,
    network: encodeNetwork(identity.network),
  };
}

export function encodeConfiguration(configuration: GuestConfiguration): JsonObject {
  return {
    instance_id: configuration.instanceId,
    name: configuration.name,
    hostname: configuration.hostname,
    mailbox_token: configuration.mailboxToken,
    system_token: configuration.systemToken,
    argv: configuration.argv,
    env: configuration.env,
    ...(configuration.cwd === null ? {} : { cwd: configuration.cwd }),
    ...(configuration.user === null ? {} : { user: configuration.user }),
    ...(configuration.stopSignal === null ? {} : { stop_signal: configuration.stopSignal }),
    network: encodeNetwork(configuration.network),
    ...(configuration.diskBytes === null ? {} : { disk_bytes: configuration.diskBytes }),
    volumes: configuration.volumes.map(encodeVolume),
    wall_clock_ns: configuration.wallClockNs.toString(),
    entropy: encodeBytes(configuration.entropy),
  };
}

function encodeVolume({ serial, mountPath, mode, overlayBytes }: GuestVolume): JsonObject {
  return { serial, path: mountPath, mode, ...(overlayBytes === null ? {} : { overlay_bytes: overlayBytes }) };
}

export function encodeExecRequest({ argv, env, cwd, tty, timeoutMs }: AgentExecRequest): JsonObject {
  return {
    argv,
    env,
    ...(cwd === null ? {} : { cwd }),
    ...(tty === null ? {} : { tty: true, cols: tty.cols, rows: tty.rows }),
    ...(timeoutMs === null ? {} : { timeout_ms: timeoutMs }),
  };
}

function encodeNetwork(network: GuestNetwork | null): JsonObject | null {
  if (network === null) return null;
  return {
    interface: network.interfaceName,
    mac: network.macAddress,
    ipv4: network.ipv4,
    prefix: network.prefixLength,
    gateway: network.gateway,
    dns: network.dns,
  };
}

export function encodeBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

/** The JSON object in a frame's body. */
export function readObject(body: Uint8Array): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch (cause) {
    throw new AgentProtocolError("the guest agent sent a body that is not JSON", { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new AgentProtocolError("the guest agent sent a body that is not a JSON object");
  }
  return { ...value };
}

export function readHello(body: Uint8Array): AgentHello & { readonly protocol: number } {
  const hello = readObject(body);
  const workload = fieldOf(hello, "workload", isObject);
  return {
    protocol: fieldOf(hello, "protocol", isInteger),
    agent: fieldOf(hello, "agent", isString),
    configured: fieldOf(hello, "configured", isBoolean),
    generation: fieldOf(hello, "generation", isString) || null,
    workload: {
      state: fieldOf(workload, "state", isWorkloadState),
      pid: optionalInteger(workload, "pid"),
      exitCode: optionalInteger(workload, "exit_code"),
      signal: optionalInteger(workload, "signal"),
      reason: optionalText(workload, "reason"),
    },
  };
}

/** Null for an event that this host does not know. */
export function readEvent(body: Uint8Array): WorkloadExitEvent | null {
  const event = readObject(body);
  if (fieldOf(event, "event", isString) !== "workload_exit") return null;
  return {
    event: "workload_exit",
    exitCode: optionalInteger(event, "exit_code"),
    signal: optionalInteger(event, "signal"),
    reason: optionalText(event, "reason"),
  };
}

export function readExit(body: Uint8Array): ExecExit {
  const exit = readObject(body);
  return {
    exitCode: optionalInteger(exit, "exit_code"),
    signal: optionalInteger(exit, "signal"),
    timedOut: fieldOf(exit, "timed_out", isBoolean),
  };
}

/** Room that the guest gives back on one stream. */
export function readWindow(body: Uint8Array): { readonly stream: string; readonly bytes: number } {
  const window = readObject(body);
  return { stream: fieldOf(window, "stream", isString), bytes: fieldOf(window, "bytes", isCount) };
}

/** One field of an object that the guest sent, of the type that the protocol gives it. */
export function fieldOf<Value>(object: JsonObject, key: string, is: (value: unknown) => value is Value): Value {
  const value = object[key];
  if (!is(value))
    throw new AgentProtocolError(`the guest agent sent a message whose field "${key}" is missing or of a wrong type`);
  return value;
}

function optionalInteger(object: JsonObject, key: string): number | null {
  return object[key] === undefined || object[key] === null ? null : fieldOf(object, key, isInteger);
}

/** A field that may be absent or null. @throws as `fieldOf` for anything but a text. */
export function optionalText(object: JsonObject, key: string): string | null {
  return object[key] === undefined || object[key] === null ? null : fieldOf(object, key, isString);
}

export function isString(value: unknown): value is string {
  return typeof value === "string";
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWorkloadState(value: unknown): value is WorkloadReport["state"] {
  return value === "none" || value === "running" || value === "exited";
}
