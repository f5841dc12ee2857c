import assert from "node:assert/strict";
import { test } from "node:test";
import { never, soon, helloOk, bodyOf, stage, connected } from "../../test/fixtures/scripted-agent.ts";
import { connectAgent } from "./agent-client.ts";
import { frameType } from "./agent-protocol.ts";

test("a session begins with what the agent says of itself", async (t) => {
  const { agent } = await connected(t);
  assert.deepEqual(agent.hello, {
    agent: "test",
    configured: true,
    generation: null,
    workload: { state: "running", pid: 7, exitCode: null, signal: null, reason: null },
  });
});

test("garbage, an old session's frames and half of one before the answer are skipped", async (t) => {
  const { host, guest } = stage(t);
  const connecting = connectAgent(host, never);
  const hello = await guest.next(frameType.hello);
  guest.session = hello.session;
  const old = (hello.session % 0xffffffff) + 1;
  guest.stream.write(Buffer.from("half a line of RAM1 and"));
  guest.stream.write(guest.frame(frameType.helloOk, 0, { ...helloOk, agent: "old" }, old));
  guest.stream.write(guest.frame(frameType.stdout, 3, Buffer.alloc(60_000), old).subarray(0, 100));
  guest.send(frameType.helloOk, 0, helloOk);
  const agent = await connecting;
  assert.equal(agent.hello.agent, "test");
});

test("sessions have fresh numbers", async (t) => {
  const sessions = [(await connected(t)).guest.session, (await connected(t)).guest.session];
  assert.notEqual(sessions[0], sessions[1]);
  assert.ok(sessions.every((session) => session > 0));
});

test("a session that does not begin leaves no open stream", async (t) => {
  const aborted = stage(t);
  const reason = new Error("the boot was given up");
  await assert.rejects(connectAgent(aborted.host, AbortSignal.abort(reason)), reason);
  assert.equal(aborted.host.destroyed, true);

  const ended = stage(t);
  const connecting = connectAgent(ended.host, never);
  ended.guest.stream.end();
  await assert.rejects(connecting, { code: "guest_unreachable" });
  assert.equal(ended.host.destroyed, true);
});

test("an agent of another protocol version, or one whose greeting makes no sense, is refused", async (t) => {
  const greetings = [
    { ...helloOk, protocol: 2 },
    { ...helloOk, configured: "yes" },
    { ...helloOk, workload: null },
    [],
  ];
  for (const greeting of greetings) {
    const { host, guest } = stage(t);
    const connecting = connectAgent(host, never);
    guest.session = (await guest.next(frameType.hello)).session;
    guest.send(frameType.helloOk, 0, greeting);
    await assert.rejects(connecting, { code: "guest_unreachable" });
  }
});

test("requests run side by side, and each gets its own answer", async (t) => {
  const { agent, guest } = await connected(t);
  const answers = Promise.all([agent.ping(soon), agent.setClock(5n, soon), agent.request("x", { y: 1 }, soon)]);
  const frames = [
    await guest.next(frameType.request),
    await guest.next(frameType.request),
    await guest.next(frameType.request),
  ];
  assert.deepEqual(frames.map(bodyOf), [{ op: "ping" }, { op: "set_clock", wall_clock_ns: "5" }, { op: "x", y: 1 }]);
  for (const { channel } of frames.toReversed()) {
    guest.send(frameType.response, channel, { ok: true, uptime_ms: channel, wall_clock_ns: "12345678901234567890" });
  }
  const [ping, , other] = await answers;
  assert.deepEqual(ping, { uptimeMs: frames[0]?.channel, wallClockNs: 12345678901234567890n });
  assert.equal(other["uptime_ms"], frames[2]?.channel);
});

test("a refusal by the guest is an error that keeps the guest's words for the operator", async (t) => {
  const { agent, guest } = await connected(t);
  const asked = assert.rejects(agent.request("configure", {}, soon), (failure) => {
    assert.ok(failure instanceof Error && failure.cause instanceof Error);
    assert.deepEqual(
      [failure.message, failure.cause.message],
      ['the guest agent could not do "configure"', "no root disk"],
    );
    return true;
  });
  const { channel } = await guest.next(frameType.request);
  guest.send(frameType.response, channel, { ok: false, error: "no root disk" });
  await asked;
});

test("a late answer is guest_unreachable, and its channel is not used again before it came", async (t) => {
  const { agent, guest } = await connected(t);
  await assert.rejects(agent.request("slow", {}, { timeoutMs: 1, signal: never }), {
    code: "guest_unreachable",
    message: 'the guest agent did not answer "slow" within 1 ms',
  });
  const slow = await guest.next(frameType.request);
  const second = agent.ping(soon);
  const { channel } = await guest.next(frameType.request);
  assert.notEqual(channel, slow.channel);
  guest.send(frameType.response, slow.channel, { ok: true, uptime_ms: 1, wall_clock_ns: "1" });
  guest.send(frameType.response, channel, { ok: true, uptime_ms: 2, wall_clock_ns: "2" });
  assert.equal((await second).uptimeMs, 2);
});

test("a stream that ends in the middle of requests fails them all", async (t) => {
  const { agent, guest } = await connected(t);
  const pings = [agent.ping(soon), agent.ping(soon)].map((ping) => assert.rejects(ping, { code: "guest_unreachable" }));
  const { channel } = await guest.next(frameType.request);
  guest.stream.end(guest.frame(frameType.response, channel, { ok: true }).subarray(0, 9));
  await Promise.all(pings);
  await agent.closed;
  await assert.rejects(agent.ping(soon), { code: "guest_unreachable" });
});

test("a stream that breaks is told to the operator, and closing ends everything", async (t) => {
  const broken = await connected(t);
  const failure = assert.rejects(broken.agent.ping(soon), (error) => error instanceof Error && error.cause === reset);
  const reset = new Error("ECONNRESET");
  broken.host.destroy(reset);
  await failure;

  const closed = await connected(t);
  const pending = assert.rejects(closed.agent.ping(soon), { code: "guest_unreachable" });
  closed.agent.close();
  closed.agent.close();
  await Promise.all([pending, closed.agent.closed]);
  assert.equal(closed.host.destroyed, true);
});

test("an aborted request throws the signal's reason", async (t) => {
  const { agent, guest } = await connected(t);
  const control = new AbortController();
  const reason = new Error("the caller went away");
  const pinging = assert.rejects(agent.ping({ timeoutMs: 10_000, signal: control.signal }), reason);
  await guest.next(frameType.request);
  control.abort(reason);
  await pinging;
});

test("the workload's end is told to whoever listens, also when it came before anyone did", async (t) => {
  const { host, guest } = stage(t);
  const connecting = connectAgent(host, never);
  guest.session = (await guest.next(frameType.hello)).session;
  const exit = { event: "workload_exit", exit_code: 127, signal: null, reason: "command not found: x" };
  guest.stream.write(
    Buffer.concat([
      guest.frame(frameType.helloOk, 0, helloOk),
      guest.frame(frameType.event, 0, { event: "of_the_future" }),
      guest.frame(frameType.event, 0, exit),
    ]),
  );
  const agent = await connecting;
  const heard: unknown[] = [];
  const stop = agent.onEvent((event) => heard.push(event));
  assert.deepEqual(heard, [{ event: "workload_exit", exitCode: 127, signal: null, reason: "command not found: x" }]);
  stop();
  guest.send(frameType.event, 0, exit);
  const pinging = agent.ping(soon);
  guest.send(frameType.response, (await guest.next(frameType.request)).channel, {
    ok: true,
    uptime_ms: 1,
    wall_clock_ns: "1",
  });
  await pinging;
  assert.equal(heard.length, 1);
});
