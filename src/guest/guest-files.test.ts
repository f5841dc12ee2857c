import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { bodyOf, connected, soon, type ScriptedGuest } from "../../test/fixtures/scripted-agent.ts";
import type { AgentClient } from "./agent-client.ts";
import { frameType, streamWindowBytes } from "./agent-protocol.ts";
import { encodeRecord, type RecordType } from "./file-records.ts";
import { makeDirectory, readFiles, statFile, writeFile, type FileEvent } from "./guest-files.ts";

const making = { path: "/file", mode: 0o640, mtime: null, uid: null, gid: 7 };
const request = { path: "/data", followLinks: true };
const header = { path: "data", mode: 420, is_dir: false, size: 3, mtime: -1, uid: 0, gid: 0 };

interface Begun {
  readonly agent: AgentClient;
  readonly guest: ScriptedGuest;
  /** Answers the next request and gives its words and its channel. */
  readonly accept: () => Promise<{ readonly asked: unknown; readonly channel: number }>;
  readonly send: (channel: number, type: RecordType, body: object | Uint8Array) => void;
  readonly exit: (channel: number, exitCode: number | null, signal?: number) => void;
}

async function begin(t: TestContext): Promise<Begun> {
  const { agent, guest } = await connected(t);
  return {
    agent,
    guest,
    accept: async () => {
      const frame = await guest.next(frameType.request);
      guest.send(frameType.response, frame.channel, { ok: true, pid: 42 });
      return { asked: bodyOf(frame), channel: frame.channel };
    },
    send: (channel, type, body) => {
      const bytes = body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
      guest.send(frameType.stdout, channel, encodeRecord(type, bytes));
    },
    exit: (channel, exitCode, signal) => {
      guest.send(frameType.exit, channel, { exit_code: exitCode, signal: signal ?? null, timed_out: false });
    },
  };
}

async function gather(events: AsyncIterable<FileEvent>): Promise<string[]> {
  const told: string[] = [];
  for await (const event of events) {
    if (event.type === "header") told.push(`${event.header.path} ${String(event.header.linkTarget)}`);
    else told.push(event.type === "data" ? event.bytes.toString() : "end");
  }
  return told;
}

test("a tree is asked for in the protocol's words and told entry by entry", async (t) => {
  const { agent, accept, send, exit } = await begin(t);
  const told = gather(readFiles(agent, request, soon));
  const { asked, channel } = await accept();
  assert.deepEqual(asked, { op: "files", do: "read", path: "/data", follow_links: true });
  send(channel, "H", header);
  send(channel, "D", Buffer.from("one"));
  send(channel, "E", Buffer.alloc(0));
  send(channel, "H", { ...header, path: "data/link", is_symlink: true, link_target: "../x" });
  send(channel, "E", Buffer.alloc(0));
  send(channel, "R", { entries: 2, bytes: 3, skipped: 0 });
  exit(channel, 0);
  assert.deepEqual(await told, ["data null", "one", "end", "data/link ../x", "end"]);
});

test("a file is written within the guest's window, and is there when the guest says so", async (t) => {
  const { agent, guest, accept, send, exit } = await begin(t);
  const begun = writeFile(agent, making, soon);
  const { asked, channel } = await accept();
  assert.deepEqual(asked, { op: "files", do: "write", path: "/file", mode: 0o640, gid: 7 });
  const writer = await begun;
  const content = Buffer.alloc(streamWindowBytes + 1000, "x");
  const written = writer.write(content).then(() => writer.finish());
  const received: Buffer[] = [];
  for (let total = 0; total < content.length;) {
    const { body } = await guest.next(frameType.stdin);
    total += body.length;
    received.push(Buffer.from(body));
    assert.ok(body.length > 0);
    guest.send(frameType.window, channel, { stream: "stdin", bytes: body.length });
  }
  const all = (): Buffer => Buffer.concat(received);
  while (
    !all()
      .subarray(-5)
      .equals(encodeRecord("E", new Uint8Array(0)))
  ) {
    received.push(Buffer.from((await guest.next(frameType.stdin)).body));
  }
  send(channel, "R", { bytes_written: content.length });
  exit(channel, 0);
  assert.equal(await written, content.length);
  writer.abandon();
});

test("what the guest could not do is its own words and the path", async (t) => {
  const { agent, accept, send, exit } = await begin(t);
  const made = makeDirectory(agent, making, soon);
  const { channel } = await accept();
  send(channel, "X", { message: "make the directory: Read-only file system\n", path: "/file" });
  exit(channel, 1);
  await assert.rejects(made, {
    name: "GuestFileError",
    message: "make the directory: Read-only file system ",
    path: "/file",
  });
});

test("a writer hears of a failure before it has sent everything", async (t) => {
  const { agent, accept, send, exit } = await begin(t);
  const begun = writeFile(agent, making, soon);
  const { channel } = await accept();
  const writer = await begun;
  send(channel, "X", { message: "write the file: No space left on device", path: "/file" });
  exit(channel, 1);
  await assert.rejects(writer.failed, { name: "GuestFileError" });
  await assert.rejects(writer.write(Buffer.alloc(10 << 20)), { name: "GuestFileError" });
  await assert.rejects(writer.finish(), { name: "GuestFileError" });
  writer.abandon();
});

test("an agent that knows no files is too old, and the caller is told what to do", async (t) => {
  const { agent, guest } = await begin(t);
  const asking = statFile(agent, request, soon);
  const { channel } = await guest.next(frameType.request);
  guest.send(frameType.response, channel, { ok: false, error: "this agent does not know that op" });
  await assert.rejects(asking, { code: "not_supported", message: /start it anew/ });
});

test("an operation that ends without a result, or whose session ends, or that talks nonsense, is guest_unreachable", async (t) => {
  const endings: ((begun: Begun, channel: number) => void)[] = [
    ({ exit }, channel) => {
      exit(channel, null, 9);
    },
    ({ send }, channel) => {
      send(channel, "R", { exists: "yes" });
    },
    ({ guest }, channel) => {
      guest.send(frameType.stdout, channel, Buffer.from("what is this"));
    },
    ({ guest }) => {
      guest.stream.destroy();
    },
  ];
  for (const end of endings) {
    const begun = await begin(t);
    const asking = statFile(begun.agent, request, soon);
    const { channel } = await begun.accept();
    end(begun, channel);
    await assert.rejects(asking, { code: "guest_unreachable" });
  }
});

test("an aborted operation is ended in the guest, and throws the signal's reason", async (t) => {
  const { agent, guest, accept, send } = await begin(t);
  const left = new AbortController();
  const first = Promise.withResolvers<undefined>();
  const told = (async () => {
    for await (const _ of readFiles(agent, request, { ...soon, signal: left.signal })) first.resolve(undefined);
  })();
  const { channel } = await accept();
  send(channel, "H", header);
  await first.promise;
  const reason = new Error("the caller left");
  left.abort(reason);
  await assert.rejects(told, reason);
  assert.deepEqual(bodyOf(await guest.next(frameType.signal)), { signal: 15 });
});
