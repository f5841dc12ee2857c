import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { WarmSlotsAnswer } from "../../src/api/schemas/warm-slots.ts";
import type { HandoffFactory } from "../../src/domain/forks/handoff.ts";
import { OperatingError } from "../../src/errors.ts";
import { expectError, makeStandby, matches, startTestServer, type Answer, type TestServer } from "./helpers.ts";
import { belongings } from "./traces.ts";

function read(answer: Answer): WarmSlotsAnswer {
  assert.equal(answer.status, 200, answer.text);
  assert.ok(matches(WarmSlotsAnswer, answer.body), answer.text);
  return answer.body;
}

async function set(server: TestServer, count: number): Promise<WarmSlotsAnswer> {
  return read(await server.call("PUT", "/instances/base/warm-slots", { body: { count } }));
}

async function status(server: TestServer): Promise<WarmSlotsAnswer> {
  return read(await server.call("GET", "/instances/base/warm-slots"));
}

/** Asks until it is so: slots come in the background, and their making is told nowhere else. */
async function until(server: TestServer, expected: Partial<WarmSlotsAnswer>): Promise<void> {
  const deadline = AbortSignal.timeout(20_000);
  for (;;) {
    const seen = await status(server);
    if (Object.entries(expected).every(([key, value]) => seen[key as keyof WarmSlotsAnswer] === value)) return;
    assert.ok(!deadline.aborted, `it is ${JSON.stringify(seen)} and never became ${JSON.stringify(expected)}`);
  }
}

/** Whatever comes to it waits until it is opened, at the latest when the test ends. Made before the server, which waits for what is under way. */
class Gate {
  #arrived = 0;
  #onArrival: () => void = () => undefined;
  readonly #open = Promise.withResolvers<undefined>();

  constructor(context: TestContext) {
    context.after(() => {
      this.open();
    });
  }

  readonly handoff: HandoffFactory = () => ({
    phase: "gate",
    preflight: () => undefined,
    prepare: () => Promise.resolve(),
    afterResume: () => this.pass(),
  });

  /** Resolves when it is opened. */
  async pass(): Promise<void> {
    this.#arrived += 1;
    this.#onArrival();
    await this.#open.promise;
  }

  async arrived(count: number): Promise<void> {
    while (this.#arrived < count) await new Promise<void>((resolve) => (this.#onArrival = resolve));
  }

  open(): void {
    this.#open.resolve(undefined);
  }
}

async function forkBase(server: TestServer, name: string): Promise<string> {
  const answer = await server.call("POST", "/instances/base/fork", { body: { name, target_state: "Running" } });
  assert.equal(answer.status, 201, answer.text);
  return (answer.body as { start: string }).start;
}

function countRestores(context: TestContext, { driver }: TestServer): () => number {
  const restore = context.mock.method(driver, "restore");
  return () => restore.mock.callCount();
}

/** Resolves when nothing holds the instance, not even in common with others: the files of a slot have been taken. */
async function unlocked({ domain }: TestServer, id: string): Promise<void> {
  const deadline = AbortSignal.timeout(20_000);
  for (;;) {
    try {
      domain.lock.acquire(id, "restore")[Symbol.dispose]();
      return;
    } catch (failure) {
      deadline.throwIfAborted();
      assert.ok(failure instanceof OperatingError && failure.code === "instance_busy", String(failure));
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}

test("slots are made, claimed by the next forks, made again, and gone with the count", async (context) => {
  const server = await startTestServer(context);
  await makeStandby(server, "base");
  const before = await belongings(server);
  assert.deepEqual(await status(server), { count: 0, ready: 0, shortfall: null });
  assert.equal((await set(server, 2)).count, 2);
  await until(server, { ready: 2, shortfall: null });
  assert.equal(await forkBase(server, "one"), "warm");
  await until(server, { ready: 2 });
  assert.equal((await server.call("DELETE", "/instances/one")).status, 204);
  assert.deepEqual(await set(server, 0), { count: 0, ready: 0, shortfall: null });
  assert.deepEqual(await belongings(server), before);
  assert.equal(await forkBase(server, "two"), "cold");
});

test("while any fork is under way no slot is begun; when the last one has ended it is", async (context) => {
  const gates = [new Gate(context), new Gate(context)];
  let next = 0;
  const furtherHandoffs: HandoffFactory[] = [
    (handoff) => {
      const gate = gates[next++];
      assert.ok(gate !== undefined);
      return gate.handoff(handoff);
    },
  ];
  const server = await startTestServer(context, { furtherHandoffs });
  await makeStandby(server, "base");
  await set(server, 1);
  await until(server, { ready: 1 });
  const restores = countRestores(context, server);
  const [first, second] = gates;
  assert.ok(first !== undefined && second !== undefined);
  const warm = forkBase(server, "warm");
  await first.arrived(1);
  const cold = forkBase(server, "cold");
  await second.arrived(1);
  assert.deepEqual(await status(server), { count: 1, ready: 0, shortfall: "forks_under_way" });
  assert.equal(restores(), 1, "the cold fork's own");
  first.open();
  assert.equal(await warm, "warm");
  assert.deepEqual(await status(server), { count: 1, ready: 0, shortfall: "forks_under_way" });
  assert.equal(restores(), 1);
  second.open();
  assert.equal(await cold, "cold");
  await until(server, { ready: 1, shortfall: null });
  assert.equal(restores(), 2);
});

test("a slot whose files are taken when a fork begins is restored after it", async (context) => {
  const fork = new Gate(context);
  const files = new Gate(context);
  const server = await startTestServer(context, { furtherHandoffs: [fork.handoff] });
  const { id } = await makeStandby(server, "base");
  const { networks } = server.domain;
  const take = networks.take.bind(networks);
  context.mock.method(
    networks,
    "take",
    async (...args: Parameters<typeof take>) => {
      await files.pass();
      return take(...args);
    },
    { times: 1 },
  );
  const restores = countRestores(context, server);
  await set(server, 1);
  await files.arrived(1);
  const forked = forkBase(server, "child");
  await fork.arrived(1);
  files.open();
  await unlocked(server, id);
  // A slot that did not wait would be restored within these.
  for (let call = 0; call < 20; call++)
    assert.deepEqual(await status(server), { count: 1, ready: 0, shortfall: "forks_under_way" });
  assert.equal(restores(), 1, "the fork's own");
  fork.open();
  assert.equal(await forked, "cold");
  await until(server, { ready: 1 });
  assert.equal(restores(), 2);
});

test("no slot is made below the reserve of memory; the answer says so, and memory that is freed is noticed", async (context) => {
  const reserveBytes = 1 << 30;
  let availableBytes = reserveBytes + (64 << 20) - 1;
  const warmSlots = { reserveBytes, readAvailableBytes: () => availableBytes, lookAgainMs: 10 };
  const server = await startTestServer(context, { warmSlots });
  await makeStandby(server, "base");
  const restores = countRestores(context, server);
  await set(server, 2);
  await until(server, { ready: 0, shortfall: "no_memory_to_spare" });
  assert.equal(restores(), 0);
  assert.equal(await forkBase(server, "cold"), "cold", "a fork is not held to the reserve");
  // One of the two fits.
  const restore = server.driver.restore.bind(server.driver);
  context.mock.method(server.driver, "restore", (...args: Parameters<typeof restore>) => {
    availableBytes -= 64 << 20;
    return restore(...args);
  });
  availableBytes = reserveBytes + (64 << 20);
  await until(server, { ready: 1, shortfall: "no_memory_to_spare" });
});

test("slots wait for an instance that is not in standby, without getting in its way", async (context) => {
  const server = await startTestServer(context, { warmSlots: { lookAgainMs: 1 } });
  await makeStandby(server, "base");
  assert.equal((await server.call("POST", "/instances/base/restore")).status, 200);
  const acquire = context.mock.method(server.domain.lock, "acquire");
  await set(server, 1);
  await until(server, { ready: 0, shortfall: "source_unavailable" });
  assert.equal(acquire.mock.callCount(), 0, "nothing of a running instance is locked");
  assert.equal((await server.call("POST", "/instances/base/standby")).status, 200);
  await until(server, { ready: 1, shortfall: null });
});

test("a source that an operation held when it was asked is asked again", async (context) => {
  const server = await startTestServer(context, { warmSlots: { lookAgainMs: 5 } });
  const { id } = await makeStandby(server, "base");
  const lock = server.domain.lock.acquire(id, "restore");
  await set(server, 1);
  await until(server, { ready: 0, shortfall: "source_unavailable" });
  lock[Symbol.dispose]();
  await until(server, { ready: 1, shortfall: null });
});

test("a slot that cannot be made is told, and tried again with the next fork", async (context) => {
  const server = await startTestServer(context, { warmSlots: { lookAgainMs: 1 } });
  await makeStandby(server, "base");
  const restore = context.mock.method(server.driver, "restore", () => Promise.reject(new Error("no such thing")));
  await set(server, 1);
  await until(server, { ready: 0, shortfall: "failed" });
  assert.equal(restore.mock.callCount(), 1);
  assert.match(server.log(), /warm_slot\.failed/);
  restore.mock.restore();
  assert.equal(await forkBase(server, "child"), "cold");
  await until(server, { ready: 1, shortfall: null });
});

test("a count that makes no sense and a source that is not there are refused", async (context) => {
  const server = await startTestServer(context);
  await makeStandby(server, "base");
  for (const body of [{}, { count: -1 }, { count: 257 }, { count: 1.5 }, { count: "2" }, { count: 1, x: 1 }])
    expectError(await server.call("PUT", "/instances/base/warm-slots", { body }), 400, "invalid_request");
  for (const kind of ["instances", "snapshots"]) {
    expectError(await server.call("PUT", `/${kind}/nobody/warm-slots`, { body: { count: 1 } }), 404, "not_found");
    expectError(await server.call("GET", `/${kind}/nobody/warm-slots`), 404, "not_found");
  }
});
