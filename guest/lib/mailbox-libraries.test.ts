/**
 * Every way of having a mailbox keeps the same contract: the libraries' examples and the `mailbox` command are run against a
 * directory of this machine, and mail is put into their frames as a host would. The C programs run with sanitizers.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { once } from "node:events";
import { crc32 } from "node:zlib";

interface MailboxFrame {
  readonly name: string;
  readonly token: string;
  readonly part_index: number;
  readonly part_count: number;
  readonly sequence: number;
  readonly frame_base64: string;
}
interface Delivery {
  readonly name: string;
  readonly token: string;
  readonly generation: string;
  readonly payload_text: string;
  readonly frames_base64: readonly string[];
}
interface Vectors {
  readonly mailbox_frames: readonly MailboxFrame[];
  readonly deliveries: readonly Delivery[];
}

const guest = join(import.meta.dirname, "..");
const vectors = JSON.parse(readFileSync(join(guest, "protocol/vectors.json"), "utf8")) as Vectors;
const token = "3q2-7wAB";
const generation = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const binaries = mkdtempSync(join(tmpdir(), "ramet-mailbox-test-"));

const lib = (file: string): string => join(guest, "lib", file);
type Command = (name: string, timeoutMs: number, parts: number) => readonly string[];
const implementations: Readonly<Record<string, Command>> = {
  "the mailbox command": (name, timeoutMs, parts) => {
    const script = 'mailbox arm "$1" --parts "$3"; echo armed >&2; exec mailbox wait "$1" --timeout "$2"';
    return ["sh", "-c", script, "sh", name, String(timeoutMs), String(parts)];
  },
  "the shell example": (name, timeoutMs, parts) => ["sh", lib("sh/example.sh"), name, String(timeoutMs), String(parts)],
  "the C library": (name, timeoutMs, parts) => [join(binaries, "example"), name, String(timeoutMs), String(parts)],
  "the Python library": (name, timeoutMs, parts) => [
    "python3",
    lib("python/example.py"),
    name,
    String(timeoutMs),
    String(parts),
  ],
  "the Node library": (name, timeoutMs, parts) => [
    process.execPath,
    lib("node/example.mjs"),
    name,
    String(timeoutMs),
    String(parts),
  ],
};

before(() => {
  const flags = [
    "-std=c11",
    "-g",
    "-O1",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
  ];
  const shared = ["lib/c/ramet_json.c", "lib/c/ramet_mailbox.c"];
  compile("example", [...flags, ...[...shared, "lib/c/example.c"].map((file) => join(guest, file))]);
  const command = ["agent/test/mailbox-main.c", "agent/mailbox-command.c", "agent/text.c"];
  compile("mailbox", [...flags, ...[...shared, ...command].map((file) => join(guest, file))]);
});

after(() => {
  rmSync(binaries, { recursive: true });
});

for (const [subject, command] of Object.entries(implementations)) {
  describe(subject, () => {
    test("arms the frames of the contract, byte for byte but for the time", async () => {
      for (const parts of [1, 3]) {
        await using worker = await Worker.start(command, "job", parts);
        const expected = vectors.mailbox_frames
          .filter((frame) => frame.sequence === 0 && frame.token === token && frame.part_count === parts)
          .map((frame) => armedFrame(frame, "job"));
        assert.deepEqual(worker.frames().map(withoutTime), expected.map(withoutTime));
        assert.ok(worker.frames().every((frame) => frame.readBigUInt64LE(16) > 0n));
        assert.equal(new Set(worker.frames().map((frame) => frame.readBigUInt64LE(16))).size, 1);
        assert.equal(statSync(worker.path).mode & 0o777, 0o600);
      }
    });

    for (const delivery of vectors.deliveries) {
      test(`takes the delivery to ${delivery.name} as it was sent, and leaves none of it behind`, async () => {
        await using worker = await Worker.start(command, delivery.name, delivery.frames_base64.length);
        worker.deliver(delivery.frames_base64.map((frame) => Buffer.from(frame, "base64")));
        worker.announce(delivery.generation);
        assert.deepEqual(await worker.ended(), { code: 0, stdout: `${delivery.payload_text}\n` });
        for (const frame of worker.frames()) {
          assert.equal(frame.readUInt32LE(256), 2, "consumed");
          assert.ok(
            frame.subarray(264).every((byte) => byte === 0),
            "the payload is erased",
          );
          assert.deepEqual([frame.readUInt32LE(240), frame.readUInt32LE(260)], [0, 0], "its checksum and length too");
        }
      });
    }

    test("acknowledges with the nonce it was given", async () => {
      await using host = await Host.listen();
      await using worker = await Worker.start(command, "job", 1);
      worker.deliver([mail(host.payload({ shard: 1 }))]);
      worker.announce(generation);
      assert.equal(await host.datagram(), "stage=applied mailbox=job nonce=n-1");
      assert.equal((await worker.ended()).code, 0);
    });

    test("refuses corrupt mail, says so, and does not print it", async () => {
      await using host = await Host.listen();
      await using worker = await Worker.start(command, "job", 1);
      const corrupt = mail(host.payload({ shard: 1 }));
      corrupt.writeUInt8(corrupt.readUInt8(240) ^ 1, 240);
      worker.deliver([corrupt]);
      worker.announce(generation);
      assert.equal(await host.datagram(), "stage=failed mailbox=job nonce=n-1 reason=crc_mismatch");
      assert.deepEqual(await worker.ended(), { code: 1, stdout: "" });
    });

    test("ends with 124 when no mail came in time", async () => {
      await using worker = await Worker.start(command, "job", 1, 20);
      assert.deepEqual(await worker.ended(), { code: 124, stdout: "" });
      assert.equal(worker.frames()[0]?.readUInt32LE(256), 0, "still armed");
    });

    test("takes mail without the agent's word when no agent gives it", async () => {
      await using worker = await Worker.start(command, "job", 1);
      worker.deliver([mail("{}")]);
      assert.deepEqual(await worker.ended(), { code: 0, stdout: "{}\n" });
    });
  });
}

describe("the mailbox command", () => {
  test("wait takes mail that came before it was called, and arms again afterwards", async () => {
    await using worker = await Worker.start(() => ["sh", "-c", "mailbox arm job; echo armed >&2; cat"], "job", 1);
    worker.deliver([mail('{"first":1}')]);
    worker.announce(generation);
    assert.equal(worker.run("wait", "job").stdout, '{"first":1}\n');
    assert.match(worker.run("ls").stdout, /^job +1 consumed\n$/);
    assert.deepEqual(worker.run("wait", "job", "--timeout", "0"), { code: 124, stdout: "" });
    assert.equal(worker.run("ls", "--json").stdout, '[{"name":"job","parts":1,"state":"armed"}]\n');
  });

  test("ack goes where wait --no-ack was told to, once", async () => {
    await using host = await Host.listen();
    await using worker = await Worker.start(() => ["sh", "-c", "mailbox arm job; echo armed >&2; cat"], "job", 1);
    worker.deliver([mail(host.payload({}))]);
    worker.announce(generation);
    assert.equal(worker.run("wait", "job", "--no-ack").code, 0);
    assert.equal(worker.run("ack", "job", "--failed", "no room left").code, 0);
    assert.equal(await host.datagram(), "stage=failed mailbox=job nonce=n-1 reason=no_room_left");
    assert.equal(worker.run("ack", "job").code, 1);
  });

  test("another token arms anew, the same one does not", async () => {
    await using worker = await Worker.start(
      () => ["sh", "-c", "mailbox arm job --token other; echo armed >&2; cat"],
      "job",
      1,
    );
    const before = worker.frames();
    assert.equal(worker.run("wait", "job", "--token", "other", "--timeout", "0").code, 124);
    assert.deepEqual(worker.frames(), before);
    assert.equal(worker.run("wait", "job", "--token", "third", "--timeout", "0").code, 124);
    assert.equal(worker.frames()[0]?.toString("latin1", 96, 101), "third");
  });

  test("wrong usage ends with 2 and touches nothing", async () => {
    await using worker = await Worker.start(() => ["sh", "-c", "mailbox arm job; echo armed >&2; cat"], "job", 1);
    const calls = [
      [],
      ["fly"],
      ["arm"],
      ["arm", "a b"],
      ["arm", "../x"],
      ["arm", "ramet.system"],
      ["arm", "x".repeat(65)],
    ];
    const more = [
      ["wait", "job", "--timeout", "soon"],
      ["arm", "job", "--parts", "33"],
      ["arm", "a", "b"],
      ["wait", "job", "--token"],
    ];
    const tokens = [
      ["arm", "other", "--token", ""],
      ["arm", "other", "--token", "t".repeat(129)],
    ];
    for (const words of [...calls, ...more, ...tokens]) assert.equal(worker.run(...words).code, 2, words.join(" "));
    assert.equal(worker.run("ls", "--json").stdout, '[{"name":"job","parts":1,"state":"armed"}]\n');
  });
});

/** A program that armed a mailbox in a run directory of its own. */
class Worker implements AsyncDisposable {
  readonly path: string;
  readonly #directory: string;
  readonly #child: ChildProcess;
  #stdout = "";

  constructor(directory: string, child: ChildProcess, name: string) {
    this.#directory = directory;
    this.#child = child;
    this.path = join(directory, "mailboxes", name);
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.#stdout += text));
  }

  static async start(command: Command, name: string, parts: number, timeoutMs = 60_000): Promise<Worker> {
    const directory = mkdtempSync(join(tmpdir(), "ramet-run-"));
    mkdirSync(join(directory, "mailboxes"));
    writeFileSync(join(directory, "token"), token);
    const [program = "", ...words] = command(name, timeoutMs, parts);
    const child = spawn(program, words, { env: environment(directory), stdio: "pipe", detached: true });
    const worker = new Worker(directory, child, name);
    await said(child, "armed\n");
    return worker;
  }

  frames(): Buffer[] {
    const file = readFileSync(this.path);
    return Array.from({ length: file.length / 4096 }, (_, part) => file.subarray(part * 4096, (part + 1) * 4096));
  }

  /** As a host would: payload, generation, checksum and length, and the sequence last; the marker is the guest's. */
  deliver(frames: readonly Buffer[]): void {
    const file = openSync(this.path, "r+");
    for (const [part, frame] of frames.entries()) {
      for (const [from, to] of [
        [264, 4096],
        [224, 244],
        [260, 264],
        [256, 260],
      ] as const) {
        writeSync(file, frame, from, to - from, part * 4096 + from);
      }
    }
    closeSync(file);
  }

  /** As the agent does once this VM has its identity. */
  announce(id: string): void {
    const uuid = id.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    writeFileSync(join(this.#directory, "generation.new"), `${uuid}\n`);
    renameSync(join(this.#directory, "generation.new"), join(this.#directory, "generation"));
  }

  /** The `mailbox` command in the same run directory. */
  run(...words: readonly string[]): { code: number; stdout: string } {
    try {
      const stdout = execFileSync(join(binaries, "mailbox"), words, {
        env: environment(this.#directory),
        stdio: "pipe",
      });
      return { code: 0, stdout: stdout.toString() };
    } catch (failure) {
      assert.ok(
        failure instanceof Error && "status" in failure && typeof failure.status === "number",
        "it ended by itself",
      );
      return { code: failure.status, stdout: "stdout" in failure ? String(failure.stdout) : "" };
    }
  }

  async ended(): Promise<{ code: number | null; stdout: string }> {
    if (this.#child.exitCode === null) await once(this.#child, "close");
    return { code: this.#child.exitCode, stdout: this.#stdout };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { pid, exitCode } = this.#child;
    // The whole group: a shell's children would outlive it, and hold its output open.
    if (exitCode === null && pid !== undefined) {
      process.kill(-pid, "SIGKILL");
      await once(this.#child, "close");
    }
    rmSync(this.#directory, { recursive: true });
  }
}

/** The host's end of the acks. */
class Host implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #first: Promise<string>;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#first = once(socket, "message", { signal: AbortSignal.timeout(60_000) }).then(([datagram]) =>
      String(datagram),
    );
    // A test that fails earlier closes the socket, and nobody asks for the datagram any more.
    this.#first.catch(() => undefined);
  }

  static async listen(): Promise<Host> {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    return new Host(socket);
  }

  payload(content: object): string {
    return JSON.stringify({
      ...content,
      ack_host: "127.0.0.1",
      ack_port: this.#socket.address().port,
      ack_nonce: "n-1",
    });
  }

  datagram(): Promise<string> {
    return this.#first;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, "close");
    this.#socket.close();
    await closed;
  }
}

function compile(name: string, words: readonly string[]): void {
  execFileSync("gcc", [...words, "-o", join(binaries, name)], { stdio: "pipe" });
}

function environment(directory: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${binaries}:${process.env["PATH"] ?? ""}`,
    RAMET_RUN_DIR: directory,
    PYTHONDONTWRITEBYTECODE: "1",
  };
}

/** Settles when the program wrote that line on stderr; fails with what it said instead when it ended. */
async function said(child: ChildProcess, line: string): Promise<void> {
  let text = "";
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  child.stderr?.setEncoding("utf8").on("data", (more: string) => {
    text += more;
    if (text.includes(line)) resolve(undefined);
  });
  child.once("error", reject);
  child.once("close", () => {
    reject(new Error(`it ended before it said ${JSON.stringify(line)}: ${text}`));
  });
  await promise;
}

function armedFrame(frame: MailboxFrame, name: string): Buffer {
  const bytes = Buffer.from(frame.frame_base64, "base64");
  bytes.fill(0, 32, 96).write(name, 32);
  bytes.writeUInt16LE(name.length, 24);
  return bytes;
}

function withoutTime(frame: Buffer): string {
  return Buffer.from(frame).fill(0, 16, 24).toString("hex");
}

/** What a host writes for one part; the bytes of the marker are not used. */
function mail(payload: string): Buffer {
  const frame = Buffer.alloc(4096);
  const length = frame.write(payload, 264);
  frame.write(generation, 224, "hex");
  frame.writeUInt32LE(crc32(frame.subarray(264, 264 + length)), 240);
  frame.writeUInt32LE(length, 260);
  frame.writeUInt32LE(1, 256);
  return frame;
}
