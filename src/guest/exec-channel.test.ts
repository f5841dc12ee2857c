import assert from "node:assert/strict";
import { once } from "node:events";
import { buffer, text } from "node:stream/consumers";
import { test } from "node:test";
import { never, soon, program, bodyOf, connected, started } from "../../test/fixtures/scripted-agent.ts";
import { frameType, streamWindowBytes } from "./agent-protocol.ts";

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
