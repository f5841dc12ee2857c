import assert from "node:assert/strict";
import { once } from "node:events";
import { duplexPair, type Duplex } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { connectAgent, type AgentClient, type AgentExecRequest, type ExecSession } from "./agent-client.ts";
import { encodeFrame, FrameScanner, frameType, streamWindowBytes, type AgentFrame } from "./agent-protocol.ts";

const never = new AbortController().signal;
const soon = { timeoutMs: 10_000, signal: never };
const program: AgentExecRequest = { argv: ["sh"], env: {}, cwd: null, tty: null, timeoutMs: null };
const helloOk = {
  protocol: 1,
  agent: "test",
  configured: true,
  generation: "",
  workload: { state: "running", pid: 7 },
};

/** A guest that does what the test tells it to, over the other end of the stream. */
class ScriptedGuest {
  readonly stream: Duplex;
  readonly #scanner = new FrameScanner();
  readonly #frames: AgentFrame[] = [];
  #onFrame: (() => void) | null = null;
  session = 0;

  constructor(stream: Duplex) {
    this.stream = stream;
    stream.on("data", (chunk: Buffer) => {
      this.#frames.push(...this.#scanner.push(chunk));
      this.#onFrame?.();
    });
  }

  /** The next frame from the host, which must be of this type. */
  async next(type: number): Promise<AgentFrame> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) {
        assert.equal(frame.type, type);
        return frame;
      }
      await new Promise<void>((resolve) => (this.#onFrame = resolve));
    }
  }

  /** What the host sent and the script has not looked at. */
  takeAll(): AgentFrame[] {
    return this.#frames.splice(0);
  }

  frame(type: number, channel: number, body: object | Uint8Array, session = this.session): Buffer {
    const bytes = body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
    return encodeFrame({ session, type, channel, body: bytes });
  }

  send(type: number, channel: number, body: object | Uint8Array): void {
    this.stream.write(this.frame(type, channel, body));
  }

  async greet(): Promise<void> {
    const hello = await this.next(frameType.hello);
    assert.deepEqual(bodyOf(hello), { protocol: 1 });
    this.session = hello.session;
    this.send(frameType.helloOk, 0, helloOk);
  }
}

function bodyOf(frame: AgentFrame): unknown {
  return JSON.parse(Buffer.from(frame.body).toString("utf8"));
}

function stage(t: TestContext): { host: Duplex; guest: ScriptedGuest } {
  const [host, far] = duplexPair();
  t.after(() => {
    host.destroy();
    far.destroy();
  });
  return { host, guest: new ScriptedGuest(far) };
}

async function connected(t: TestContext): Promise<{ agent: AgentClient; guest: ScriptedGuest; host: Duplex }> {
  const { host, guest } = stage(t);
  const [agent] = await Promise.all([connectAgent(host, never), guest.greet()]);
  return { agent, guest, host };
}

async function started(
  t: TestContext,
): Promise<{ agent: AgentClient; guest: ScriptedGuest; exec: ExecSession; channel: number }> {
  const { agent, guest } = await connected(t);
  const execing = agent.exec(program, soon);
  const { channel } = await guest.next(frameType.request);
  guest.send(frameType.response, channel, { ok: true, pid: 42 });
  return { agent, guest, exec: await execing, channel };
}

test("a session begins with what the agent says of itself", async (t) => {
  const { agent } = await connected(t);
  assert.deepEqual(agent.hello, {
    agent: "test",
    configured: true,
    generation: null,
    workload: { state: "running", pid: 7, exitCode: null, signal: null },
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
  const exit = { event: "workload_exit", exit_code: 3, signal: null };
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
  assert.deepEqual(heard, [{ event: "workload_exit", exitCode: 3, signal: null }]);
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

test("exec sends its request in the protocol's words and gives streams and exit", async (t) => {
  const { agent, guest } = await connected(t);
  const request = { argv: ["ls", "-l"], env: { A: "b" }, cwd: "/tmp", tty: { cols: 80, rows: 24 }, timeoutMs: 9 };
  const execing = agent.exec(request, soon);
  const asked = await guest.next(frameType.request);
  const words = {
    op: "exec",
    argv: ["ls", "-l"],
    env: { A: "b" },
    cwd: "/tmp",
    tty: true,
    cols: 80,
    rows: 24,
    timeout_ms: 9,
  };
  assert.deepEqual(bodyOf(asked), words);
  const { channel } = asked;
  // All in one chunk: nothing may be lost between the answer and the caller's hands.
  guest.stream.write(
    Buffer.concat([
      guest.frame(frameType.response, channel, { ok: true, pid: 42 }),
      guest.frame(frameType.stdout, channel, Buffer.from("out ")),
      guest.frame(frameType.stderr, channel, Buffer.from("err")),
      guest.frame(frameType.stdout, channel, Buffer.from("put")),
      guest.frame(frameType.exit, channel, { exit_code: null, signal: 9, timed_out: true }),
    ]),
  );
  const exec = await execing;
  assert.equal(exec.pid, 42);
  assert.deepEqual(await exec.exited, { exitCode: null, signal: 9, timedOut: true });
  assert.deepEqual([await text(exec.stdout), await text(exec.stderr)], ["out put", "err"]);
});

test("a program that cannot be started is the caller's error, in the guest's words", async (t) => {
  const { agent, guest } = await connected(t);
  const execing = assert.rejects(agent.exec(program, soon), {
    code: "invalid_request",
    message: "the program could not be started: no such file: sh",
  });
  guest.send(frameType.response, (await guest.next(frameType.request)).channel, {
    ok: false,
    error: "no such file: sh",
  });
  await execing;
  await assert.rejects(agent.exec({ ...program, argv: ["x".repeat(70_000)] }, soon), { code: "invalid_request" });
});

test("stdin, its end, resize and signals reach the guest in order", async (t) => {
  const { guest, exec, channel } = await started(t);
  exec.stdin.write("hello");
  exec.resize(100, 50);
  exec.kill(15);
  exec.stdin.end();
  assert.equal(Buffer.from((await guest.next(frameType.stdin)).body).toString(), "hello");
  const resize = await guest.next(frameType.resize);
  assert.deepEqual([resize.channel, bodyOf(resize)], [channel, { cols: 100, rows: 50 }]);
  assert.deepEqual(bodyOf(await guest.next(frameType.signal)), { signal: 15 });
  assert.equal((await guest.next(frameType.stdin)).body.length, 0);
});

test("stdin stops at the window's end and goes on when the guest gives room", async (t) => {
  const { guest, exec, channel } = await started(t);
  const input = Buffer.alloc(streamWindowBytes + 100_000, "0123456789");
  exec.stdin.end(input);
  const received: Uint8Array[] = [];
  const receive = async (until: number): Promise<void> => {
    while (Buffer.concat(received).length < until) received.push((await guest.next(frameType.stdin)).body);
  };
  await receive(streamWindowBytes);
  assert.equal(Buffer.concat(received).length, streamWindowBytes);
  exec.resize(1, 1);
  await guest.next(frameType.resize);
  assert.deepEqual(guest.takeAll(), [], "without room nothing follows");
  guest.send(frameType.window, channel, { stream: "stdin", bytes: 70_000 });
  await receive(streamWindowBytes + 70_000);
  guest.send(frameType.window, channel, { stream: "stdin", bytes: 70_000 });
  await receive(input.length);
  assert.deepEqual(Buffer.concat(received), input);
  assert.equal((await guest.next(frameType.stdin)).body.length, 0);
});

test("a program that ends without reading lets its writer go", async (t) => {
  const { guest, exec, channel } = await started(t);
  const closed = once(exec.stdin, "close");
  exec.stdin.write(Buffer.alloc(2 * streamWindowBytes));
  for (let bytes = 0; bytes < streamWindowBytes;) bytes += (await guest.next(frameType.stdin)).body.length;
  guest.send(frameType.exit, channel, { exit_code: 0, signal: null, timed_out: false });
  await closed;
  assert.deepEqual(await exec.exited, { exitCode: 0, signal: null, timedOut: false });
});

test("the guest gets room back only for what the reader took", async (t) => {
  const { agent, guest, exec, channel } = await started(t);
  const output = Buffer.alloc(streamWindowBytes, "abcdefg");
  for (let at = 0; at < output.length; at += 65536)
    guest.send(frameType.stdout, channel, output.subarray(at, at + 65536));
  const pinging = agent.ping(soon);
  const ping = await guest.next(frameType.request);
  guest.send(frameType.response, ping.channel, { ok: true, uptime_ms: 1, wall_clock_ns: "1" });
  await pinging;
  assert.deepEqual(guest.takeAll(), [], "nobody reads yet");

  const reading = buffer(exec.stdout);
  let room = 0;
  while (room < output.length) {
    const window = bodyOf(await guest.next(frameType.window)) as { stream: string; bytes: number };
    assert.equal(window.stream, "stdout");
    room += window.bytes;
  }
  guest.send(frameType.stdout, channel, Buffer.from("more"));
  guest.send(frameType.exit, channel, { exit_code: 0, signal: null, timed_out: false });
  assert.deepEqual(await reading, Buffer.concat([output, Buffer.from("more")]));
});

test("a guest that sends more than it has room for, or gives back more than it had, ends the session", async (t) => {
  const flooding = await started(t);
  for (let sent = 0; sent <= streamWindowBytes; sent += 65536) {
    flooding.guest.send(frameType.stderr, flooding.channel, Buffer.alloc(65536));
  }
  await assert.rejects(flooding.exec.exited, { code: "guest_unreachable" });

  const generous = await started(t);
  generous.guest.send(frameType.window, generous.channel, { stream: "stdin", bytes: 1 });
  await assert.rejects(generous.exec.exited, { code: "guest_unreachable" });
});

test("a reader that goes away does not hold up the program", async (t) => {
  const { guest, exec, channel } = await started(t);
  guest.send(frameType.stdout, channel, Buffer.alloc(65536));
  exec.stdout.destroy();
  for (let sent = 0; sent < 8; sent += 1) {
    guest.send(frameType.stdout, channel, Buffer.alloc(65536));
    await guest.next(frameType.window);
  }
  guest.send(frameType.exit, channel, { exit_code: 0, signal: null, timed_out: false });
  assert.equal((await exec.exited).exitCode, 0);
});

test("a connection that ends fails the exec, and its output has no false end", async (t) => {
  const { guest, exec, channel } = await started(t);
  guest.send(frameType.stdout, channel, Buffer.from("part"));
  const reading = assert.rejects(text(exec.stdout), { code: "ERR_STREAM_PREMATURE_CLOSE" });
  guest.stream.end();
  await assert.rejects(exec.exited, { code: "guest_unreachable" });
  await reading;
});

test("a program whose start was given up is killed when it starts after all", async (t) => {
  const { agent, guest } = await connected(t);
  await assert.rejects(agent.exec(program, { timeoutMs: 1, signal: never }), { code: "guest_unreachable" });
  const { channel } = await guest.next(frameType.request);
  guest.send(frameType.response, channel, { ok: true, pid: 42 });
  const killed = await guest.next(frameType.signal);
  assert.deepEqual([killed.channel, bodyOf(killed)], [channel, { signal: 9 }]);
  guest.send(frameType.stdout, channel, Buffer.alloc(65536));
  assert.deepEqual(bodyOf(await guest.next(frameType.window)), { stream: "stdout", bytes: 65536 });
});
