/** Snapshots by the calendar; the test turns the clock. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Check } from "typebox/value";
import { ScheduleAnswer } from "../../src/api/schemas/snapshot-schedule.ts";
import { HandClock } from "../fixtures/hand-clock.ts";
import {
  expectError,
  makeRunning,
  makeStandby,
  makeStopped,
  startTestServer,
  type Answer,
  type TestServer,
} from "./helpers.ts";

const minute = 60_000;
const hour = 60 * minute;

interface Timed {
  readonly server: TestServer;
  readonly clock: HandClock;
}

async function startTimed(context: TestContext): Promise<Timed> {
  const clock = new HandClock();
  return { clock, server: await startTestServer(context, { clock }) };
}

async function set(server: TestServer, id: string, body: object): Promise<ScheduleAnswer> {
  return schedule(await server.call("PUT", `/instances/${id}/snapshot-schedule`, { body }));
}

async function show(server: TestServer, id: string): Promise<ScheduleAnswer> {
  return schedule(await server.call("GET", `/instances/${id}/snapshot-schedule`));
}

function schedule(answer: Answer): ScheduleAnswer {
  assert.equal(answer.status, 200, answer.text);
  assert.ok(Check(ScheduleAnswer, answer.body), answer.text);
  return answer.body;
}

/** Turns the clock and lets the scheduler do what is due. */
async function turn({ server, clock }: Timed, toMs: number): Promise<void> {
  await server.scheduler.whenAsleep();
  clock.turnTo(toMs);
  await server.scheduler.whenAsleep();
}

async function turnToNext(timed: Timed, id: string): Promise<void> {
  await turn(timed, Date.parse((await show(timed.server, id)).next_run_at));
}

function names(server: TestServer): string[] {
  return server.domain.snapshots.list({}).map(({ name }) => name);
}

test("a snapshot is taken when it is due, of the kind that the instance's state allows", async (context) => {
  const timed = await startTimed(context);
  const { server, clock } = timed;
  await makeRunning(server, "running");
  await makeStandby(server, "asleep");
  await makeStopped(server, "stopped");
  const body = { interval: "1h", retention: { max_count: 3 }, name_prefix: "hourly", metadata: { team: "search" } };
  const made = await set(server, "running", body);
  const wait = Date.parse(made.next_run_at) - clock.nowMs();
  assert.ok(wait >= hour && wait < hour + 5 * minute, made.next_run_at);
  assert.deepEqual([made.interval, made.last_run_at, made.last_snapshot_id], ["1h", null, null]);
  await set(server, "asleep", body);
  await set(server, "stopped", body);
  await turn(timed, clock.nowMs() + hour - 1);
  assert.deepEqual(names(server), []);
  await turn(timed, clock.nowMs() + 10 * minute);
  const taken = server.domain.snapshots.list({});
  assert.deepEqual(taken.map(({ instanceName, kind }) => `${instanceName} ${kind}`).toSorted(), [
    "asleep Standby",
    "running Standby",
    "stopped Stopped",
  ]);
  for (const { name, tags } of taken) {
    assert.match(name, /^hourly-20260320-\d{6}$/);
    assert.deepEqual(tags, { team: "search" });
  }
  const after = await show(server, "running");
  assert.equal(after.last_snapshot_id, taken.find(({ instanceName }) => instanceName === "running")?.id);
  assert.deepEqual([after.last_error, after.last_run_at], [null, new Date(clock.nowMs()).toISOString()]);
  assert.equal(Date.parse(after.next_run_at), Date.parse(made.next_run_at) + hour);
});

test("what was missed is not made up for, also after a long sleep", async (context) => {
  const timed = await startTimed(context);
  await makeStopped(timed.server, "base");
  const made = await set(timed.server, "base", { interval: "1m", retention: { max_count: 100 } });
  await turn(timed, timed.clock.nowMs() + 24 * hour);
  assert.equal(names(timed.server).length, 1);
  const { next_run_at } = await show(timed.server, "base");
  assert.ok(Date.parse(next_run_at) > timed.clock.nowMs());
  assert.equal((Date.parse(next_run_at) - Date.parse(made.next_run_at)) % minute, 0);
});

test("retention keeps the newest, deletes the old, and leaves what callers took", async (context) => {
  const timed = await startTimed(context);
  const { server } = timed;
  await makeStopped(server, "base");
  await server.call("POST", "/instances/base/snapshots", { body: { name: "mine" } });
  await set(server, "base", { interval: "1h", retention: { max_count: 2 } });
  for (let run = 0; run < 4; run += 1) await turnToNext(timed, "base");
  assert.equal(names(server).length, 3);
  assert.equal(names(server)[0], "mine");
  await set(server, "base", { interval: "1h", retention: { max_age: "90m" } });
  await turn(timed, timed.clock.nowMs() + 31 * minute);
  assert.equal(names(server).length, 2, "one of two is older than 90 minutes");
});

test("a busy instance is tried again at the next due time, and the schedule says why", async (context) => {
  const timed = await startTimed(context);
  const { server } = timed;
  const { id } = await makeStopped(server, "base");
  await set(server, "base", { interval: "1h", retention: { max_count: 2 } });
  {
    using _ = server.domain.lock.acquire(id, "standby");
    await turnToNext(timed, "base");
  }
  const failed = await show(server, "base");
  assert.match(failed.last_error ?? "", /^instance_busy: standby is in progress/);
  assert.equal(failed.last_snapshot_id, null);
  await turnToNext(timed, "base");
  const { last_error, last_snapshot_id } = await show(server, "base");
  assert.equal(last_error, null);
  assert.notEqual(last_snapshot_id, null);
});

test("a snapshot that is used survives its retention until it is free", async (context) => {
  const timed = await startTimed(context);
  const { server } = timed;
  await makeStopped(server, "base");
  await set(server, "base", { interval: "1h", retention: { max_count: 1 } });
  await turnToNext(timed, "base");
  const [first] = server.domain.snapshots.list({});
  assert.ok(first !== undefined, "one was taken");
  {
    using _ = server.domain.lock.acquire(first.id, "fork", "shared");
    await turnToNext(timed, "base");
    assert.equal(names(server).length, 2);
  }
  await turn(timed, timed.clock.nowMs() + minute);
  assert.deepEqual(names(server).includes(first.name), false);
  assert.equal(names(server).length, 1);
});

test("another interval begins anew, and anything else leaves the next run", async (context) => {
  const { server, clock } = await startTimed(context);
  await makeStopped(server, "base");
  const made = await set(server, "base", { interval: "1h", retention: { max_count: 1 } });
  clock.turnTo(clock.nowMs() + 10 * minute);
  const kept = await set(server, "base", { interval: "60m", retention: { max_age: "48h" }, name_prefix: null });
  assert.deepEqual([kept.next_run_at, kept.created_at], [made.next_run_at, made.created_at]);
  assert.deepEqual(kept.retention, { max_age: "48h" });
  const anew = await set(server, "base", { interval: "2h", retention: { max_age: "48h" } });
  assert.ok(Date.parse(anew.next_run_at) >= clock.nowMs() + 2 * hour);
});

test("the schedule outlives its instance until retention has removed what it took", async (context) => {
  const timed = await startTimed(context);
  const { server } = timed;
  const { id } = await makeStopped(server, "base");
  await set(server, "base", { interval: "1h", retention: { max_age: "2h" } });
  await turnToNext(timed, "base");
  assert.equal((await server.call("DELETE", "/instances/base")).status, 204);
  expectError(await server.call("GET", "/instances/base/snapshot-schedule"), 404, "not_found");
  const { last_snapshot_id } = await show(server, id);
  assert.notEqual(last_snapshot_id, null);
  await turn(timed, timed.clock.nowMs() + hour);
  assert.equal(names(server).length, 1, "nothing is taken of what is gone, and nothing is too old yet");
  await turn(timed, timed.clock.nowMs() + hour + minute);
  assert.deepEqual(names(server), []);
  expectError(await server.call("GET", `/instances/${id}/snapshot-schedule`), 404, "not_found");
  assert.equal(timed.clock.nextMs, null, "nothing is left to wait for");
});

test("a schedule that was deleted takes nothing more, and its snapshots stay", async (context) => {
  const timed = await startTimed(context);
  const { server } = timed;
  await makeStopped(server, "base");
  await set(server, "base", { interval: "1h", retention: { max_count: 1 } });
  await turnToNext(timed, "base");
  assert.equal((await server.call("DELETE", "/instances/base/snapshot-schedule")).status, 204);
  expectError(await server.call("DELETE", "/instances/base/snapshot-schedule"), 404, "not_found");
  expectError(await server.call("GET", "/instances/base/snapshot-schedule"), 404, "not_found");
  await turn(timed, timed.clock.nowMs() + 24 * hour);
  assert.equal(names(server).length, 1);
});

test("a wrong schedule is refused in a sentence, and changes nothing", async (context) => {
  const { server } = await startTimed(context);
  await makeStopped(server, "base");
  const right = { interval: "1h", retention: { max_count: 1 } };
  await set(server, "base", right);
  const before = await show(server, "base");
  for (const [body, sentence] of [
    [{ interval: "1h" }, /"retention" is missing/],
    [{ ...right, interval: "59s" }, /"interval" must be from 1m/],
    [{ ...right, interval: "9000h" }, /"interval" must be from 1m/],
    [{ ...right, interval: "1d" }, /"interval".*duration/],
    [{ ...right, retention: {} }, /"retention" must have/],
    [{ ...right, retention: { max_count: 0 } }, /"retention" must have/],
    [{ ...right, retention: { max_age: "0s" } }, /longer than nothing/],
    [{ ...right, retention: { max_count: -1 } }, /max_count/],
    [{ ...right, name_prefix: "n".repeat(48) }, /name_prefix/],
    [{ ...right, name_prefix: "Nightly" }, /name_prefix/],
    [{ ...right, metadata: { a: 1 } }, /metadata/],
    [{ ...right, colour: "red" }, /unknown field "colour"/],
  ] as const) {
    const answer = await server.call("PUT", "/instances/base/snapshot-schedule", { body });
    assert.match(expectError(answer, 400, "invalid_request"), sentence);
  }
  expectError(await server.call("PUT", "/instances/nobody/snapshot-schedule", { body: right }), 404, "not_found");
  assert.deepEqual(await show(server, "base"), before);
});
