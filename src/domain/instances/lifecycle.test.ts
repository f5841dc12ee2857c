import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatingError } from "../../errors.ts";
import { instanceStates, type InstanceState } from "./instance.ts";
import { judge, type Operation } from "./lifecycle.ts";

/** "go", "done", or "-" for a refusal, in the order of `instanceStates`: Initializing Running Paused Stopped Standby Unknown. */
const table: Record<Operation, string> = {
  start: "done done - go - -",
  startAnew: "- - - go - -",
  stop: "go go go done - -",
  standby: "- go - - done -",
  restore: "done done - - go -",
  fork: "- - - go go -",
  forkRunning: "- go - go go -",
  restoreSnapshot: "- go go go go -",
  snapshot: "- go - go go -",
  snapshotMemory: "- go - - go -",
  snapshotDisk: "- - - go - -",
  pause: "- go done - - -",
  resume: "- done go - - -",
  exec: "- go - - - -",
  files: "- go - - - -",
  mailboxes: "- - - - go -",
  delete: "go go go go go go",
};

function verdict(operation: Operation, state: InstanceState): string {
  try {
    return judge(operation, state, "base");
  } catch (failure) {
    assert(failure instanceof OperatingError && failure.code === "invalid_state", "a refusal is invalid_state");
    assert.match(failure.message, new RegExp(`base: it is ${state}; .+`), "a refusal names the state and what to do");
    return "-";
  }
}

for (const [operation, expected] of Object.entries(table)) {
  test(`${operation} is legal, already done or refused in each state`, () => {
    const verdicts = instanceStates.map((state) => verdict(operation as Operation, state));
    assert.equal(verdicts.join(" "), expected);
  });
}
