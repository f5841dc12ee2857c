import { optionalNumber, optionalText } from "../../store/columns.ts";
import { isUniqueViolation, type Database } from "../../store/database.ts";
import { OperatingError } from "../../errors.ts";
import type { MachineSpec, ProcessIdentity } from "../../hypervisors/driver.ts";
import type { InstanceNetwork } from "../networks/instance-network.ts";
import type { HeldMailbox } from "../mailboxes/mailbox.ts";
import type { Due } from "./due.ts";
import type { Instance, Workload, WorkloadExit } from "./instance.ts";
import type { PhaseHistory } from "./phases.ts";
import type { RestartPolicy, RestartStatus } from "./restart-policy.ts";

/** The operations that change files or processes: noted in the row while they run, finished or undone after a crash. */
export type NotedOperation =
  "create" | "start" | "stop" | "standby" | "restore" | "fork" | "checkpoint" | "replace" | "delete";

export interface StoredInstance extends Instance {
  readonly operation: NotedOperation | null;
  /**
   * Of a child that stands still with its mail in memory and has not run: what it waits to be released with. Null for any other. It is of
   * the machine that was registered with it, and means nothing once that has ended.
   */
  readonly held: readonly HeldMailbox[] | null;
  readonly stateError: string | null;
}

/** What a running instance's row may change to; a field left out stays. */
export interface InstanceChange {
  readonly operation?: NotedOperation | null;
  readonly held?: StoredInstance["held"];
  readonly process?: ProcessIdentity | null;
  readonly restingState?: Instance["restingState"];
  readonly workload?: Workload;
  readonly spec?: MachineSpec;
  readonly network?: InstanceNetwork;
  readonly exit?: WorkloadExit | null;
  readonly stateError?: string | null;
  readonly startedAt?: string;
  readonly expiresAtMs?: number | null;
  readonly restartPolicy?: RestartPolicy | null;
  readonly restartStatus?: RestartStatus;
  readonly history?: PhaseHistory;
}

/** This concern's SQL, and nobody else's. */
export class InstanceStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Reserves id and name. @throws OperatingError `name_conflict` when another instance has the name. */
  insert(instance: StoredInstance): void {
    try {
      this.#database
        .prepare(
          `insert into instances (id, name, image, workload, tags, spec, network, created_at, parent_id, resting_state, operation, process, workload_exit, state_error,
             held, started_at, expires_at_ms, restart_policy, restart_status, history)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          instance.id,
          instance.name,
          instance.image,
          JSON.stringify(instance.workload),
          JSON.stringify(instance.tags),
          JSON.stringify(instance.spec),
          JSON.stringify(instance.network),
          instance.createdAt,
          instance.parentId,
          instance.restingState,
          instance.operation,
          toJson(instance.process),
          toJson(instance.exit),
          instance.stateError,
          toJson(instance.held),
          instance.startedAt,
          instance.expiresAtMs,
          toJson(instance.restartPolicy),
          JSON.stringify(instance.restartStatus),
          toJson(instance.history),
        );
    } catch (cause) {
      // An address that is given twice is our own mistake.
      if (!isUniqueViolation(cause) || !String(cause).includes("instances.name")) throw cause;
      throw nameConflict(instance.name, cause);
    }
  }

  update(id: string, change: InstanceChange): void {
    const columns: [string, string | number | null][] = [];
    if (change.operation !== undefined) columns.push(["operation", change.operation]);
    if (change.held !== undefined) columns.push(["held", toJson(change.held)]);
    if (change.process !== undefined) columns.push(["process", toJson(change.process)]);
    if (change.restingState !== undefined) columns.push(["resting_state", change.restingState]);
    if (change.workload !== undefined) columns.push(["workload", JSON.stringify(change.workload)]);
    if (change.spec !== undefined) columns.push(["spec", JSON.stringify(change.spec)]);
    if (change.network !== undefined) columns.push(["network", JSON.stringify(change.network)]);
    if (change.exit !== undefined) columns.push(["workload_exit", toJson(change.exit)]);
    if (change.stateError !== undefined) columns.push(["state_error", change.stateError]);
    if (change.startedAt !== undefined) columns.push(["started_at", change.startedAt]);
    if (change.expiresAtMs !== undefined) columns.push(["expires_at_ms", change.expiresAtMs]);
    if (change.restartPolicy !== undefined) columns.push(["restart_policy", toJson(change.restartPolicy)]);
    if (change.restartStatus !== undefined) columns.push(["restart_status", JSON.stringify(change.restartStatus)]);
    if (change.history !== undefined) columns.push(["history", JSON.stringify(change.history)]);
    if (columns.length === 0) return;
    const assignments = columns.map(([column]) => `${column} = ?`).join(", ");
    this.#database
      .prepare(`update instances set ${assignments} where id = ?`)
      .run(...columns.map(([, value]) => value), id);
  }

  remove(id: string): void {
    this.#database.prepare("delete from instances where id = ?").run(id);
  }

  get(id: string): StoredInstance | null {
    return this.#one("select * from instances where id = ?", id);
  }

  /** Whether an instance has it. */
  hasName(name: string): boolean {
    return this.#database.prepare("select 1 from instances where name = ?").get(name) !== undefined;
  }

  /** By its id, else by its name. */
  getByReference(reference: string): StoredInstance | null {
    return this.#one(`select * from instances ${byReference}`, reference);
  }

  /** Who that is, and nothing else of it. */
  identityOf(reference: string): { readonly id: string; readonly name: string } | null {
    const row = this.#database.prepare(`select id, name from instances ${byReference}`).get(reference);
    return row === undefined ? null : { id: String(row["id"]), name: String(row["name"]) };
  }

  /** At most two, which is enough to know whether the prefix is unique. */
  findByIdPrefix(prefix: string): StoredInstance[] {
    const rows = this.#database
      .prepare("select * from instances where substr(id, 1, length(?1)) = ?1 limit 2")
      .all(prefix);
    return rows.map(toInstance);
  }

  list(): StoredInstance[] {
    return this.#database.prepare("select * from instances order by created_at, rowid").all().map(toInstance);
  }

  /** Those that are to be deleted by themselves, the earliest first. */
  listExpiring(): Due[] {
    return this.#due("expires_at_ms");
  }

  /** Those that are to be started again, the earliest first. */
  listRestarting(): Due[] {
    return this.#due("restart_status ->> 'nextAttemptAtMs'");
  }

  #due(time: string): Due[] {
    const query = `select id, ${time} as at_ms from instances where ${time} is not null order by at_ms`;
    const rows = this.#database.prepare(query).all();
    return rows.map((row) => ({ instanceId: String(row["id"]), atMs: Number(row["at_ms"]) }));
  }

  #one(query: string, parameter: string): StoredInstance | null {
    const row = this.#database.prepare(query).get(parameter);
    return row === undefined ? null : toInstance(row);
  }
}

/** For whoever wants a name that another instance has. */
export function nameConflict(name: string, cause?: unknown): OperatingError {
  const message = `the name ${name} is taken: choose another, or delete that instance`;
  return new OperatingError("name_conflict", message, { cause });
}

/** A name may look like somebody else's id: the id goes first. */
const byReference = "where id = ?1 or name = ?1 order by id = ?1 desc limit 1";

type Row = Record<string, unknown>;

/** The columns were written by `insert` and `update`, in a database that this process alone holds: their shapes are ours. */
function toInstance(row: Row): StoredInstance {
  return {
    id: String(row["id"]),
    name: String(row["name"]),
    image: String(row["image"]),
    workload: fromJson(row["workload"]) as Workload,
    tags: fromJson(row["tags"]) as Record<string, string>,
    spec: fromJson(row["spec"]) as MachineSpec,
    network: fromJson(row["network"]) as InstanceNetwork,
    createdAt: String(row["created_at"]),
    parentId: optionalText(row["parent_id"]),
    restingState: row["resting_state"] as Instance["restingState"],
    operation: row["operation"] as NotedOperation | null,
    held: fromJson(row["held"]) as StoredInstance["held"],
    process: fromJson(row["process"]) as ProcessIdentity | null,
    exit: fromJson(row["workload_exit"]) as WorkloadExit | null,
    stateError: optionalText(row["state_error"]),
    startedAt: optionalText(row["started_at"]),
    expiresAtMs: optionalNumber(row["expires_at_ms"]),
    restartPolicy: fromJson(row["restart_policy"]) as RestartPolicy | null,
    restartStatus: fromJson(row["restart_status"]) as RestartStatus,
    history: fromJson(row["history"]) as PhaseHistory | null,
  };
}

function toJson(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

function fromJson(text: unknown): unknown {
  return typeof text === "string" ? JSON.parse(text) : null;
}
