/**
 * The agent's parts that need no VM, compiled for this machine with the address and undefined-behaviour sanitizers:
 * agent-test.c answers one line for each line it is given. Whatever bytes it meets, it must answer and go on.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";

interface ChannelFrame {
  readonly session: number;
  readonly type: number;
  readonly channel: number;
  readonly body_base64: string;
  readonly frame_base64: string;
}
interface Stream {
  readonly bytes_base64: string;
  readonly frames: readonly number[];
}
interface Vectors {
  readonly channel_frames: readonly ChannelFrame[];
  readonly channel_streams: readonly Stream[];
  readonly channel_handshakes: readonly Stream[];
  readonly crc32: readonly { readonly text: string; readonly crc32: number }[];
}

const guest = join(import.meta.dirname, "..");
const vectors = JSON.parse(readFileSync(join(guest, "protocol/vectors.json"), "utf8")) as Vectors;
const directory = mkdtempSync(join(tmpdir(), "ramet-agent-test-"));
const program = join(directory, "agent-test");

before(() => {
  const sources = [
    "agent/test/agent-test.c",
    "agent/channel.c",
    "agent/text.c",
    "lib/c/ramet_json.c",
    "lib/c/ramet_mailbox.c",
  ];
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
  execFileSync("gcc", [...flags, "-o", program, ...sources.map((source) => join(guest, source))], { stdio: "pipe" });
});

after(() => {
  rmSync(directory, { recursive: true });
});

test("every channel frame of the vectors is written byte for byte", () => {
  const lines = vectors.channel_frames.map(
    ({ session, type, channel, body_base64 }) => `encode ${session} ${type} ${channel} ${hex(body_base64)}`,
  );
  assert.deepEqual(
    ask(lines),
    vectors.channel_frames.map(({ frame_base64 }) => hex(frame_base64)),
  );
});

test("every stream of the vectors gives its frames, in whatever steps the bytes come", () => {
  for (const { bytes_base64, frames } of vectors.channel_streams) {
    for (const step of [100_000, 4096, 37]) {
      assert.deepEqual(ask([`scan trusts ${step} ${hex(bytes_base64)}`]), [...frames.map(frameLine), "end"]);
    }
  }
});

test("a HELLO is found behind a frame that was cut, but only while the beginning is not trusted", () => {
  for (const { bytes_base64, frames } of vectors.channel_handshakes) {
    assert.deepEqual(ask([`scan distrusts 100000 ${hex(bytes_base64)}`]), [...frames.map(frameLine), "end"]);
    assert.deepEqual(ask([`scan trusts 100000 ${hex(bytes_base64)}`]), ["end"]);
  }
});

test("a HELLO inside another frame's body is that body's business", () => {
  const inner = hex(vectors.channel_frames[0]?.frame_base64 ?? "");
  const [outer] = ask([`encode 5 5 3 ${inner}`]);
  assert.deepEqual(ask([`scan distrusts 100000 ${outer ?? ""}`]), [`5 5 3 ${inner}`, "end"]);
});

test("random bytes between frames are dropped and hide none of them", () => {
  const good = vectors.channel_frames[1];
  assert.ok(good);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 400 }), (noise, step) => {
      const bytes = Buffer.concat([noise, Buffer.from(good.frame_base64, "base64"), noise]).toString("hex");
      const answer = ask([`scan trusts ${step} ${bytes}`]);
      assert.deepEqual(answer, [frameLine(1), "end"]);
    }),
    { numRuns: 40 },
  );
});

test("checksums are those of the vectors", () => {
  assert.deepEqual(
    ask(vectors.crc32.map(({ text }) => `crc ${Buffer.from(text).toString("hex")}`)),
    vectors.crc32.map(({ crc32 }) => String(crc32)),
  );
});

test("JSON is read as JSON.parse reads it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.json(), fc.string(), mutatedJson()), { minLength: 50, maxLength: 50 }),
      (texts) => {
        const verdicts = ask(texts.map((text) => `json ${Buffer.from(text).toString("hex")}`)).map(
          (line) => line.split(" ")[0],
        );
        assert.deepEqual(
          verdicts,
          texts.map((text) => (isJson(text) ? "ok" : "refused")),
        );
      },
    ),
    { numRuns: 20 },
  );
});

test("strings are decoded to UTF-8, with pairs of surrogates joined and lone ones replaced", () => {
  const cases = [
    ['"a\\u00e9\\n\\/\\"\\\\"', 'aé\n/"\\'],
    ['"\\ud83c\\udf31"', "🌱"],
    ['"\\ud83cx"', "\ufffdx"],
    ['"\\udf31"', "\ufffd"],
    ['"世界"', "世界"],
  ];
  assert.deepEqual(
    ask(cases.map(([text = ""]) => `json ${Buffer.from(text).toString("hex")}`)),
    cases.map(([, decoded = ""]) => `ok ${Buffer.from(decoded).toString("hex")}`),
  );
});

test("what is no JSON is refused: bad UTF-8, deep nesting, bytes behind the value", () => {
  const refused = [
    "22ff22",
    "22c08022",
    "22eda08022",
    "225c7522",
    "22",
    Buffer.from("[".repeat(40)).toString("hex"),
    "7b7d7b",
  ];
  const deep = Buffer.from("[".repeat(33) + "]".repeat(33)).toString("hex");
  assert.deepEqual(
    ask([...refused, deep].map((bytes) => `json ${bytes}`)),
    Array.from({ length: refused.length + 1 }, () => "refused"),
  );
});

test("a member is given as it stands in the text, the last of equal keys", () => {
  const text = Buffer.from('{"a":1, "big" : 12345678901234567890 ,"a":{"a":3}}').toString("hex");
  const member = Buffer.from('{"a":3}').toString("hex");
  const big = Buffer.from("12345678901234567890").toString("hex");
  assert.deepEqual(ask([`member a ${text}`, `member big ${text}`, `member c ${text}`]), [member, big, "none"]);
});

test("base64 is decoded, and refused when it is none", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 512 }), (bytes) => {
      const buffer = Buffer.from(bytes);
      assert.deepEqual(ask([`base64 ${buffer.toString("base64")}`]), [buffer.toString("hex")]);
    }),
    { numRuns: 20 },
  );
  assert.deepEqual(
    ask(["base64 a", "base64 a===", "base64 ab=c", `base64 ${"A".repeat(700)}`]),
    Array(4).fill("refused"),
  );
});

test("a file is updated in place, longer or shorter, and who has it open reads the new text", () => {
  const path = fileWith("first\n");
  const before = statSync(path);
  const open = openSync(path, "r");
  for (const text of ["a longer text\n", "short\n", "", "again\n"]) {
    assert.deepEqual(update(path, 0o644, text), ["done"]);
    assert.equal(readFileSync(path, "utf8"), text);
    assert.equal(readFrom(open), text);
  }
  closeSync(open);
  const { ino, mode } = statSync(path);
  assert.deepEqual({ ino, mode }, { ino: before.ino, mode: before.mode });
});

test("a file that has the text already is not touched", () => {
  const path = fileWith("the same\n");
  utimesSync(path, 1, 1);
  assert.deepEqual(update(path, 0o644, "the same\n"), ["done"]);
  assert.equal(statSync(path).mtimeMs, 1000);
});

test("a file of another mode, with a second link, behind a link or not there is replaced", () => {
  const other = fileWith("another mode\n");
  chmodSync(other, 0o600);
  const linked = fileWith("two links\n");
  linkSync(linked, `${linked}.second`);
  const target = fileWith("a target\n");
  const link = `${target}.link`;
  symlinkSync(target, link);
  const missing = join(directory, "missing");
  for (const path of [other, linked, link, missing]) {
    const open = path === missing ? undefined : openSync(path, "r");
    const old = open === undefined ? "" : readFrom(open);
    assert.deepEqual(update(path, 0o444, "new\n"), ["done"]);
    assert.equal(readFileSync(path, "utf8"), "new\n");
    const { mode, nlink } = lstatSync(path);
    assert.deepEqual({ mode, nlink }, { mode: 0o100444, nlink: 1 });
    if (open === undefined) continue;
    assert.equal(readFrom(open), old);
    closeSync(open);
  }
  assert.equal(readFileSync(`${linked}.second`, "utf8"), "two links\n");
  assert.equal(readFileSync(target, "utf8"), "a target\n");
});

test("a file is replaced with just the mode that was asked for, also where an earlier attempt was cut off", () => {
  const path = fileWith("old\n");
  writeFileSync(`${path}.ramet-new`, "half");
  const mask = process.umask(0o777);
  try {
    assert.deepEqual(ask([`replace ${path} 664 ${Buffer.from("new\n").toString("hex")}`]), ["done"]);
  } finally {
    process.umask(mask);
  }
  assert.equal(readFileSync(path, "utf8"), "new\n");
  assert.equal(statSync(path).mode, 0o100664);
  assert.deepEqual(update(join(directory, "no/such/place"), 0o644, "x"), ["failed"]);
});

function fileWith(text: string): string {
  const path = join(mkdtempSync(join(directory, "file-")), "file");
  writeFileSync(path, text);
  chmodSync(path, 0o644);
  return path;
}

function update(path: string, mode: number, text: string): string[] {
  return ask([`update ${path} ${mode.toString(8)} ${Buffer.from(text).toString("hex")}`]);
}

function readFrom(fd: number): string {
  const bytes = Buffer.alloc(100);
  return bytes.toString("utf8", 0, readSync(fd, bytes, 0, bytes.length, 0));
}

function ask(lines: readonly string[]): string[] {
  const output = execFileSync(program, { input: `${lines.join("\n")}\n`, encoding: "utf8", maxBuffer: 64 << 20 });
  return output.split("\n").slice(0, -1);
}

function hex(base64: string): string {
  return Buffer.from(base64, "base64").toString("hex");
}

function frameLine(index: number): string {
  const frame = vectors.channel_frames[index];
  assert.ok(frame, `frame ${index} is in the vectors`);
  return `${frame.session} ${frame.type} ${frame.channel} ${hex(frame.body_base64)}`;
}

function mutatedJson(): fc.Arbitrary<string> {
  return fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom("", ",", "}", '"', "\\", "e", "-", "0", " "))
    .map(([text, at, inserted]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + inserted + text.slice(place + 1);
    });
}

/** What reached the agent is UTF-8: a lone surrogate in the string became U+FFFD on the way. */
function isJson(text: string): boolean {
  try {
    JSON.parse(Buffer.from(text).toString());
    return true;
  } catch (cause) {
    assert.ok(cause instanceof SyntaxError);
    return false;
  }
}
