/**
 * Which operation may follow which state: pure rules, no execution.
 *
 *                 create                    standby
 *        (none) ────────► Initializing ──► Running ─────────► Standby
 *                            ▲     │          │  ▲               │ │
 *                      start │     │ stop     │  └── restore ────┘ │ fork (the parent stays)
 *                            │     ▼          ▼                    ▼
 *                          Stopped ◄──────── stop               (child) Running, Standby or Stopped
 *
 * Paused is passed through inside standby and restore. Unknown can only be deleted. Everything can be deleted.
 */
import { OperatingError } from "../../errors.ts";
import type { InstanceState } from "./instance.ts";

interface Rule {
  readonly from: readonly InstanceState[];
  /** Already in the target state: the call answers 200 and does nothing. */
  readonly alreadyThere: readonly InstanceState[];
  /** What to do when the state is another one. */
  readonly remedy: string;
}

const rules = {
  start: {
    from: ["Stopped"],
    alreadyThere: ["Running", "Initializing"],
    remedy: "only a Stopped instance starts; restore a Standby one",
  },
  startAnew: {
    from: ["Stopped"],
    alreadyThere: [],
    remedy: "only a Stopped instance starts with another workload; stop it first",
  },
  stop: {
    from: ["Running", "Initializing", "Paused"],
    alreadyThere: ["Stopped"],
    remedy: "only a running instance stops; restore a Standby one first, or delete it",
  },
  standby: {
    from: ["Running"],
    alreadyThere: ["Standby"],
    remedy: "only a Running instance goes to standby; wait for it, or start it",
  },
  restore: {
    from: ["Standby"],
    alreadyThere: ["Running", "Initializing"],
    remedy: "only a Standby instance is restored; start a Stopped one",
  },
  fork: {
    from: ["Standby", "Stopped"],
    alreadyThere: [],
    remedy: "put it in standby first, or say from_running to fork it while it runs",
  },
  forkRunning: {
    from: ["Running", "Standby", "Stopped"],
    alreadyThere: [],
    remedy: "an instance is forked while it runs or rests; wait until it does",
  },
  restoreSnapshot: {
    from: ["Running", "Paused", "Standby", "Stopped"],
    alreadyThere: [],
    remedy: "wait until it runs or rests",
  },
  snapshot: {
    from: ["Running", "Standby", "Stopped"],
    alreadyThere: [],
    remedy: "an instance is captured while it runs or rests; wait until it does",
  },
  snapshotMemory: {
    from: ["Running", "Standby"],
    alreadyThere: [],
    remedy: "a snapshot of kind Standby holds memory: start the instance, or take one of kind Stopped of its disk",
  },
  snapshotDisk: {
    from: ["Stopped"],
    alreadyThere: [],
    remedy: "a snapshot of kind Stopped holds a disk at rest: stop the instance, or take one of kind Standby",
  },
  pause: {
    from: ["Running"],
    alreadyThere: ["Paused"],
    remedy: "only a Running instance is paused; start or restore it",
  },
  resume: {
    from: ["Paused"],
    alreadyThere: ["Running"],
    remedy: "only a Paused instance is resumed; restore a Standby one",
  },
  exec: {
    from: ["Running"],
    alreadyThere: [],
    remedy: "only a Running instance executes commands; start or restore it, and wait for Running",
  },
  files: {
    from: ["Running"],
    alreadyThere: [],
    remedy: "only a Running instance shows its files; start or restore it, and wait for Running",
  },
  mailboxes: {
    from: ["Standby"],
    alreadyThere: [],
    remedy: "mailboxes are listed from a memory image; put the instance in standby first",
  },
  delete: {
    from: ["Initializing", "Running", "Paused", "Stopped", "Standby", "Unknown"],
    alreadyThere: [],
    remedy: "",
  },
} as const satisfies Record<string, Rule>;

export type Operation = keyof typeof rules;

/**
 * Says whether the operation has work to do in this state ("go") or has nothing left to do ("done").
 * @throws OperatingError `invalid_state` that says what to do instead.
 */
export function judge(operation: Operation, state: InstanceState, name: string): "go" | "done" {
  const rule: Rule = rules[operation];
  if (rule.from.includes(state)) return "go";
  if (rule.alreadyThere.includes(state)) return "done";
  throw new OperatingError("invalid_state", `cannot ${verbs[operation]} ${name}: it is ${state}; ${rule.remedy}`, {
    details: { state },
  });
}

const verbs: Record<Operation, string> = {
  start: "start",
  startAnew: "start",
  stop: "stop",
  standby: "put in standby",
  restore: "restore",
  fork: "fork",
  forkRunning: "fork",
  restoreSnapshot: "restore a snapshot of",
  snapshot: "capture",
  snapshotMemory: "capture",
  snapshotDisk: "capture",
  pause: "pause",
  resume: "resume",
  exec: "run a command in",
  files: "reach the files of",
  mailboxes: "list the mailboxes of",
  delete: "delete",
};
