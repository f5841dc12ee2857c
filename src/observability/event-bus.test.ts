import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { EventBus, type HappenedEvent, type Subscription } from "./event-bus.ts";

const all = (): boolean => true;

function deleted(name: string): HappenedEvent {
  return { type: "instance.deleted", instanceId: `id-${name}`, name };
}

/** Ids and what they are about, of the next `count` events. */
async function take(subscription: Subscription, count: number): Promise<string[]> {
  const seen: string[] = [];
  while (seen.length < count) {
    const { done, value } = await subscription.events.next();
    if (done === true) break;
    const { event, id } = value;
    const what =
      event.type === "instance.deleted" ? event.name : event.type === "gap" ? `gap:${event.reason}` : event.type;
    seen.push(`${id} ${what}`);
  }
  return seen;
}

function publishAll(bus: EventBus, names: Iterable<string>): void {
  for (const name of names) bus.publish(deleted(name));
}

test("a subscriber gets what happens after its call, in order, also before it reads", async (t: TestContext) => {
  const bus = new EventBus({ startMs: 7 });
  bus.publish(deleted("early"));
  const subscription = bus.subscribe(null, all, t.signal);
  assert.equal(subscription.position, "7-1");
  publishAll(bus, "ab");
  assert.deepEqual(await take(subscription, 2), ["7-2 a", "7-3 b"]);
  const third = take(subscription, 1);
  bus.publish(deleted("c"));
  assert.deepEqual(await third, ["7-4 c"]);
});

test("what does not match is passed over", async (t: TestContext) => {
  const bus = new EventBus({ startMs: 7 });
  const subscription = bus.subscribe(null, (event) => "instanceId" in event && event.instanceId === "id-b", t.signal);
  publishAll(bus, "abcb");
  assert.deepEqual(await take(subscription, 2), ["7-2 b", "7-4 b"]);
});

test("a reader goes on behind the last event it saw, without a gap and without a repetition", async (t: TestContext) => {
  const bus = new EventBus({ startMs: 7, capacity: 4 });
  publishAll(bus, "abcdef");
  assert.deepEqual(await take(bus.subscribe("7-4", all, t.signal), 2), ["7-5 e", "7-6 f"]);
  // Number 2 is no longer held, and need not be: 3 is.
  assert.deepEqual(await take(bus.subscribe("7-2", all, t.signal), 4), ["7-3 c", "7-4 d", "7-5 e", "7-6 f"]);
});

test("a gap comes first when the events behind an id are no longer held, or are of another start", async (t: TestContext) => {
  const bus = new EventBus({ startMs: 7, capacity: 2 });
  publishAll(bus, "abcd");
  assert.deepEqual(await take(bus.subscribe("7-1", all, t.signal), 3), ["7-2 gap:expired", "7-3 c", "7-4 d"]);
  assert.deepEqual(await take(bus.subscribe("6-4", all, t.signal), 2), ["7-2 gap:restarted", "7-3 c"]);
  assert.deepEqual(await take(bus.subscribe("7-5", all, t.signal), 2), ["7-2 gap:restarted", "7-3 c"]);
  // The gap's own id leads on behind it.
  assert.deepEqual(await take(bus.subscribe("7-2", all, t.signal), 1), ["7-3 c"]);
});

test("a subscriber that falls behind what is held hears overflow last, and others hear everything", async (t: TestContext) => {
  const bus = new EventBus({ startMs: 7, capacity: 3 });
  const slow = bus.subscribe(null, all, t.signal);
  const quick = bus.subscribe(null, all, t.signal);
  publishAll(bus, "ab");
  assert.deepEqual(await take(slow, 1), ["7-1 a"]);
  assert.deepEqual(await take(quick, 2), ["7-1 a", "7-2 b"]);
  publishAll(bus, "cde");
  assert.deepEqual(await take(quick, 3), ["7-3 c", "7-4 d", "7-5 e"]);
  assert.deepEqual(await take(slow, 3), ["7-1 overflow"]);
  // What the dropped one saw last is where it may try again.
  assert.deepEqual(await take(bus.subscribe("7-1", all, t.signal), 2), ["7-2 gap:expired", "7-3 c"]);
});

test("an aborted subscriber ends at once, whether it waits or not", async () => {
  const bus = new EventBus();
  const leaving = new AbortController();
  const waiting = bus.subscribe(null, all, leaving.signal).events.next();
  leaving.abort();
  assert.deepEqual(await waiting, { done: true, value: undefined });
  assert.deepEqual(await take(bus.subscribe(null, all, leaving.signal), 1), []);
});
