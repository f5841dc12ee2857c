import assert from "node:assert/strict";
import { duplexPair, type Duplex } from "node:stream";
import { test, type TestContext } from "node:test";
import { never, ScriptedGuest } from "../../../test/fixtures/scripted-agent.ts";
import { DeadlineError } from "../../lib/deadline.ts";
import type { AgentClient } from "../../guest/agent-client.ts";
import { frameType } from "../../guest/agent-protocol.ts";
import { AgentLink } from "./agent-link.ts";

/** What the guest at the other end of the n-th connection does. */
type Script = (guest: ScriptedGuest) => Promise<void>;

interface Scripted {
  readonly link: AgentLink;
  /** The host's end of each connection, in their order. */
  readonly streams: readonly Duplex[];
  readonly connected: readonly AgentClient[];
}

/** A machine with one agent connection at a time, as a VMM's socket has. */
function scripted(context: TestContext, scripts: readonly Script[]): Scripted {
  const streams: Duplex[] = [];
  const connected: AgentClient[] = [];
  const connectAgent = (): Promise<Duplex> => {
    assert.ok(
      streams.every((stream) => stream.destroyed),
      "the connection before has ended",
    );
    const script = scripts[streams.length];
    assert.ok(script !== undefined, "nobody connects more often than the script says");
    const [host, far] = duplexPair();
    context.after(() => {
      far.destroy();
    });
    streams.push(host);
    void script(new ScriptedGuest(far));
    return Promise.resolve(host);
  };
  const link = new AgentLink({ connectAgent }, (client) => connected.push(client), { greetingMs: 20 });
  context.after(() => {
    link.close();
  });
  return { link, streams, connected };
}

/** Reads the greeting and says nothing, as a guest whose answer was lost. */
const ignoresHello: Script = async (guest) => {
  await guest.next(frameType.hello);
};

const greets: Script = (guest) => guest.greet();

test("a greeting without an answer is said again on a new connection, and whoever waited gets that one's agent", async (t) => {
  const { link, streams, connected } = scripted(t, [ignoresHello, ignoresHello, greets]);
  const [first, second] = await Promise.all([link.client(never), link.client(never)]);
  assert.equal(streams.length, 3);
  assert.deepEqual(
    streams.map(({ destroyed }) => destroyed),
    [true, true, false],
  );
  assert.equal(first, second);
  assert.deepEqual(connected, [first], "told once, of the connection that stands");
  assert.equal(first.hello.agent, "test");
  assert.equal(await link.client(never), first, "and it is kept");
});

test("an answer to the greeting before, which comes late, is no answer to this one", async (t) => {
  let session = 0;
  const noteSession: Script = async (guest) => {
    ({ session } = await guest.next(frameType.hello));
  };
  const answersOld: Script = async (guest) => {
    const hello = await guest.next(frameType.hello);
    assert.notEqual(hello.session, session);
    guest.stream.write(guest.frame(frameType.helloOk, 0, { ...hello, agent: "late" }, session));
  };
  const { link, streams } = scripted(t, [noteSession, answersOld, greets]);
  assert.equal((await link.client(never)).hello.agent, "test");
  assert.equal(streams.length, 3);
});

/** The deadline of those who wait is no lost greeting: greeting again with a signal that is over would never end. */
for (const reason of [new Error("gone"), new DeadlineError("the guest's agent", 1)]) {
  test(`when nobody waits any more (${reason.name}), nothing is said again and the machine's one connection is free`, async (t) => {
    const asked = Promise.withResolvers<undefined>();
    const silent: Script = async (guest) => {
      await guest.next(frameType.hello);
      asked.resolve(undefined);
    };
    const { link, streams } = scripted(t, [silent, greets]);
    const leaving = new AbortController();
    const waiting = assert.rejects(link.client(leaving.signal), reason);
    await asked.promise;
    leaving.abort(reason);
    await waiting;
    const client = await link.client(never);
    assert.equal(streams.length, 2);
    assert.equal(client.hello.agent, "test");
  });
}
