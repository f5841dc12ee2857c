import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Check } from "typebox/value";
import { WebSocket as WsSocket } from "ws";
import { PathInfo } from "../../src/api/schemas/files.ts";
import { asBinary } from "../../src/api/copy-socket.ts";
import { expectError, makeRunning, makeStopped, startTestServer, type TestServer } from "./helpers.ts";

interface Copy {
  readonly socket: WebSocket;
  readonly binary: Buffer[];
  readonly texts: Record<string, unknown>[];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
}

async function openCopy(server: TestServer, id: string, start: unknown): Promise<Copy> {
  const url = `${server.url.replace("http", "ws")}/instances/${id}/cp`;
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${server.token}` } });
  socket.binaryType = "arraybuffer";
  const binary: Buffer[] = [];
  const texts: Record<string, unknown>[] = [];
  socket.addEventListener("message", ({ data }: { data: unknown }) => {
    if (typeof data === "string") {
      const message = JSON.parse(data) as Record<string, unknown>;
      texts.push(message);
      // Who was sent everything closes.
      if (message["type"] === "end" && message["final"] === true) socket.close(1000);
    } else if (data instanceof ArrayBuffer) binary.push(Buffer.from(data));
  });
  const closed = once(socket, "close").then(([event]) => (event as CloseEvent).code);
  await once(socket, "open");
  if (start !== undefined) socket.send(typeof start === "string" ? start : JSON.stringify(start));
  return { socket, binary, texts, closed };
}

async function copyTo(server: TestServer, path: string, content: Buffer, more: object = {}): Promise<Copy> {
  const copy = await openCopy(server, "base", { direction: "to", guest_path: path, ...more });
  for (let at = 0; at < content.length; at += 100_000) copy.socket.send(content.subarray(at, at + 100_000));
  copy.socket.send('{"type":"end"}');
  return copy;
}

async function pathInfo(server: TestServer, path: string): Promise<PathInfo> {
  const answer = await server.call("GET", `/instances/base/stat?path=${encodeURIComponent(path)}`);
  assert.equal(answer.status, 200, answer.text);
  assert.ok(Check(PathInfo, answer.body), answer.text);
  return answer.body;
}

test("a file goes in with mode, time and owner, and comes out in its own words", async (context) => {
  const server = await startTestServer(context);
  await makeRunning(server, "base");
  const content = Buffer.alloc(5 << 20, "0123456789abcdef\n");
  const about = { mode: 0o640, mtime: 1_600_000_000, uid: 7, gid: 8 };
  const into = await copyTo(server, "data/file", content, about);
  assert.equal(await into.closed, 1000);
  assert.deepEqual(into.texts, [{ type: "result", success: true, bytes_written: content.length }]);
  const out = await openCopy(server, "base", { direction: "from", guest_path: "/data/file" });
  assert.equal(await out.closed, 1000);
  assert.ok(Buffer.concat(out.binary).equals(content));
  assert.deepEqual(out.texts, [
    { type: "header", path: "file", is_dir: false, size: content.length, ...about },
    { type: "end", final: true },
  ]);
  const directory = await openCopy(server, "base", { direction: "from", guest_path: "/data" });
  assert.equal(await directory.closed, 1000);
  assert.deepEqual(
    directory.texts.map(({ type, path, final }) => [type, path ?? final]),
    [
      ["header", "data"],
      ["end", false],
      ["header", "data/file"],
      ["end", true],
    ],
  );
});

test("a directory is made, and one that is there stays", async (context) => {
  const server = await startTestServer(context);
  await makeRunning(server, "base");
  for (const mode of [0o750, 0o700]) {
    const made = await copyTo(server, "/a/b", Buffer.alloc(0), { is_dir: true, mode });
    assert.equal(await made.closed, 1000);
    assert.deepEqual(made.texts, [{ type: "result", success: true, bytes_written: 0 }]);
  }
  const { is_dir, mode } = await pathInfo(server, "/a/b");
  assert.deepEqual([is_dir, mode], [true, 0o750]);
});

test("what the guest cannot take is a result without success, also while the client still sends", async (context) => {
  const server = await startTestServer(context);
  await makeRunning(server, "base");
  const full = await openCopy(server, "base", { direction: "to", guest_path: "/full/file" });
  full.socket.send(Buffer.alloc(100_000));
  // No end was sent: the guest has given up by itself.
  assert.equal(await full.closed, 1000);
  assert.deepEqual(full.texts, [{ type: "result", success: false, error: "write the file: No space left on device" }]);
  assert.equal((await pathInfo(server, "/full/file")).exists, false);
  await (
    await copyTo(server, "/a/b", Buffer.alloc(0), { is_dir: true })
  ).closed;
  const onDirectory = await copyTo(server, "/a", Buffer.from("x"));
  assert.equal(await onDirectory.closed, 1000);
  assert.equal(onDirectory.texts[0]?.["success"], false);
  const missing = await openCopy(server, "base", { direction: "from", guest_path: "/nothing" });
  assert.equal(await missing.closed, 1000);
  assert.deepEqual(missing.texts, [
    {
      type: "error",
      message: "look at the path: No such file or directory",
      path: "/nothing",
      code: "invalid_request",
    },
  ]);
});

test("a client that leaves in the middle has sent no file, and the operation in the guest is ended", async (context) => {
  const server = await startTestServer(context);
  await makeRunning(server, "base");
  for (const path of ["/data/file", "/stuck/file"]) {
    const copy = await openCopy(server, "base", { direction: "to", guest_path: path });
    copy.socket.send(Buffer.alloc(900_000));
    copy.socket.close();
    await copy.closed;
    assert.equal((await pathInfo(server, path)).exists, false, path);
  }
  const noted = await untilNoted(server, 2);
  assert.deepEqual(noted, ["cp ok", "cp ok"]);
});

test("a file is passed on as the guest takes it: of one that takes nothing, the server holds back the client", async (context) => {
  const server = await startTestServer(context);
  await makeRunning(server, "base");
  const megabyte = 1 << 20;
  const headers = { authorization: `Bearer ${server.token}` };
  const stuck = new WsSocket(`${server.url.replace("http", "ws")}/instances/base/cp`, { headers });
  await once(stuck, "open");
  stuck.send(JSON.stringify({ direction: "to", guest_path: "/stuck/file" }));
  let gone = 0;
  const send = (): void => {
    stuck.send(Buffer.alloc(megabyte / 4), (failure) => {
      if (failure instanceof Error) return;
      gone += megabyte / 4;
      send();
    });
  };
  send();
  // Meanwhile another file passes that is longer than what the kernel and the server may hold of the first.
  const passed = await copyTo(server, "/data/file", Buffer.alloc(20 * megabyte));
  assert.equal(await passed.closed, 1000);
  assert.equal((await pathInfo(server, "/data/file")).size, 20 * megabyte);
  assert.ok(gone > 0 && gone < 12 * megabyte, `${gone} bytes were taken from the client`);
  stuck.terminate();
});

/** The copies that the operation log tells of, once there are so many: a socket's end is noted after the client has seen it. */
async function untilNoted(server: TestServer, count: number): Promise<string[]> {
  const noted: string[] = [];
  const stream = await server.open("/instances/base/logs?source=hypeman&follow=true", AbortSignal.timeout(10_000));
  assert.ok(stream.body !== null);
  let text = "";
  for await (const piece of stream.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const lines = text.split("\n").filter((line) => line.startsWith("data: "));
    const entries = lines.map((line) => JSON.parse(JSON.parse(line.slice(6)) as string) as Record<string, string>);
    noted.splice(0, noted.length, ...entries.map((entry) => `${entry["operation"] ?? ""} ${entry["outcome"] ?? ""}`));
    if (noted.filter((line) => line.startsWith("cp ")).length >= count) break;
  }
  return noted.filter((line) => line.startsWith("cp "));
}

test("what is wrong with a copy is one error frame, and nothing is written", async (context) => {
  const server = await startTestServer(context);
  await makeRunning(server, "base");
  const to = { direction: "to", guest_path: "/file" };
  const starts: unknown[] = [
    "{",
    [],
    {},
    { direction: "to" },
    { ...to, direction: "sideways" },
    { ...to, guest_path: "" },
    { ...to, guest_path: "/a\0b" },
    { ...to, guest_path: "x".repeat(5000) },
    { ...to, mode: -1 },
    { ...to, mode: 0o10000 },
    { ...to, mode: "0644" },
    { ...to, uid: 2 ** 32 },
    { ...to, colour: 1 },
  ];
  for (const start of starts) {
    const copy = await openCopy(server, "base", start);
    assert.equal(await copy.closed, 1000, JSON.stringify(start));
    assert.deepEqual([copy.texts.length, copy.texts[0]?.["type"]], [1, "error"], JSON.stringify(start));
    assert.match(String(copy.texts[0]?.["message"]), /\S+ \S+/);
  }
  for (const frame of ["{", "[]", '{"type":"header"}', '{"type":"end","more":1}']) {
    const copy = await openCopy(server, "base", to);
    copy.socket.send(Buffer.from("begun"));
    copy.socket.send(frame);
    assert.equal(await copy.closed, 1000, frame);
    assert.deepEqual([copy.texts.length, copy.texts[0]?.["type"]], [1, "error"], frame);
  }
  const binaryFirst = await openCopy(server, "base", undefined);
  binaryFirst.socket.send(Buffer.from("x"));
  assert.equal(await binaryFirst.closed, 1000);
  assert.equal((await pathInfo(server, "/file")).exists, false);
});

test("before the upgrade, a copy is refused with a status, and so is stat", async (context) => {
  const server = await startTestServer(context);
  await makeStopped(server, "stopped");
  await makeRunning(server, "base");
  expectError(await server.call("GET", "/instances/nobody/cp"), 404, "not_found");
  expectError(await server.call("GET", "/instances/stopped/cp"), 409, "invalid_state");
  assert.match(expectError(await server.call("GET", "/instances/base/cp"), 400, "invalid_request"), /WebSocket/);
  expectError(await server.call("GET", "/instances/base/cp?path=/"), 400, "invalid_request");
  expectError(await server.call("GET", "/instances/base/cp", { token: null }), 401, "unauthorized");
  expectError(await server.call("GET", "/instances/nobody/stat?path=/"), 404, "not_found");
  expectError(await server.call("GET", "/instances/stopped/stat?path=/"), 409, "invalid_state");
  expectError(await server.call("GET", "/instances/base/stat"), 400, "invalid_request");
  expectError(await server.call("GET", "/instances/base/stat?path="), 400, "invalid_request");
  expectError(await server.call("GET", "/instances/base/stat?path=/a%00b"), 400, "invalid_request");
  expectError(await server.call("GET", "/instances/base/stat?path=/&follow_links=1"), 400, "invalid_request");
});

test("a server that closes ends its copies with 1001", async (context) => {
  const server = await startTestServer(context);
  await makeRunning(server, "base");
  const copy = await openCopy(server, "base", { direction: "to", guest_path: "/stuck/file" });
  copy.socket.send(Buffer.alloc(1000));
  await pathInfo(server, "/");
  const [code] = await Promise.all([copy.closed, server.close()]);
  assert.equal(code, 1001);
});

test("no binary message is JSON, whatever a file holds", () => {
  const texts = ['{"a":1}', "[[1]]", "[]", '[{"a":1}', "{", "[", "{}{}", " {}", '{"a":"[]"}', ""];
  for (const text of texts) {
    const messages = asBinary(Buffer.from(text));
    assert.equal(Buffer.concat(messages).toString(), text);
    for (const message of messages.filter((bytes) => bytes[0] === 0x7b || bytes[0] === 0x5b)) {
      assert.throws(() => JSON.parse(message.toString()) as unknown, SyntaxError, text);
    }
  }
});
