/**
 * The agent's file operations, compiled for this machine with sanitizers: each runs as the process that it is in a guest, and its
 * records go through pipes. test/contract/files.vm.test.ts has them in a guest.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";

interface Vectors {
  readonly file_records: readonly {
    readonly type: string;
    readonly body_base64: string;
    readonly record_base64: string;
  }[];
  readonly malformed_file_records: readonly { readonly reason: string; readonly bytes_base64: string }[];
}

interface FileRecord {
  readonly type: string;
  readonly body: Buffer;
}

const guest = join(import.meta.dirname, "..");
const vectors = JSON.parse(readFileSync(join(guest, "protocol/vectors.json"), "utf8")) as Vectors;
const directory = mkdtempSync(join(tmpdir(), "ramet-files-test-"));
const program = join(directory, "files-test");
const root = join(directory, "root");
const isRoot = process.getuid?.() === 0;

before(() => {
  const sources = [
    "agent/test/files-main.c",
    "agent/files.c",
    "agent/files-read.c",
    "agent/files-write.c",
    "agent/file-record.c",
    "agent/text.c",
    "lib/c/ramet_json.c",
  ].map((source) => join(guest, source));
  const sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
  const flags = ["-std=c11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", ...sanitizers];
  execFileSync("gcc", [...flags, "-o", program, ...sources], { stdio: "pipe" });
});

beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root);
});

after(() => {
  rmSync(directory, { recursive: true });
});

test("what the host sends by the vectors is written, and what is read is sent by the vectors", () => {
  const data = vectors.file_records.filter(({ type }) => type === "D");
  const end = vectors.file_records.filter(({ type }) => type === "E");
  assert.ok(data.length > 0 && end.length > 0);
  const input = Buffer.concat([...data, ...end].map(({ record_base64 }) => Buffer.from(record_base64, "base64")));
  const content = Buffer.concat(data.map(({ body_base64 }) => Buffer.from(body_base64, "base64")));
  assert.deepEqual(perform({ do: "write", path: path("file") }, input), result({ bytes_written: content.length }));
  assert.ok(readFileSync(path("file")).equals(content));
  for (const { body_base64, record_base64 } of data.slice(0, 2)) {
    writeFileSync(path("one"), Buffer.from(body_base64, "base64"));
    const output = run({ do: "read", path: path("one") }, Buffer.alloc(0)).stdout;
    const endBytes = Buffer.from(end[0]?.record_base64 ?? "", "base64");
    assert.ok(output.includes(Buffer.concat([Buffer.from(record_base64, "base64"), endBytes])));
  }
});

test("bytes that are no record end the operation, and nothing is left of the file", () => {
  for (const { reason, bytes_base64 } of vectors.malformed_file_records) {
    const input = Buffer.concat([dataRecord("begun"), Buffer.from(bytes_base64, "base64")]);
    assert.equal(run({ do: "write", path: path("file") }, input).status, 1, reason);
    assert.deepEqual(readdirSync(root), [], reason);
  }
});

test("a sender that leaves before the end has sent no file, and the one that was there stays", () => {
  writeFileSync(path("file"), "old");
  assert.equal(run({ do: "write", path: path("file") }, dataRecord("new")).status, 1);
  assert.equal(readFileSync(path("file"), "utf8"), "old");
  assert.deepEqual(readdirSync(root), ["file"]);
});

test("an operation that is ended on the way leaves nothing behind", async () => {
  const child = spawn(program, [JSON.stringify({ do: "write", path: path("a/file") })], { stdio: "pipe" });
  child.stdin.write(dataRecord("half"));
  // The directory is made before the first byte is taken.
  while (!existsSync(path("a"))) await new Promise(setImmediate);
  child.kill("SIGTERM");
  await once(child, "close");
  assert.deepEqual(readdirSync(path("a")), []);
});

test("a file gets its mode and time whatever the umask, and the defaults are 0644 and 0755", () => {
  write("given", "x", { mode: 0o4711, mtime: 1_234_567_890 });
  assert.equal(lstatSync(path("given")).mode & 0o7777, 0o4711);
  assert.equal(lstatSync(path("given")).mtimeMs, 1_234_567_890_000);
  write("deep/er/file", "x", {});
  assert.equal(lstatSync(path("deep/er/file")).mode & 0o7777, 0o644);
  assert.equal(lstatSync(path("deep/er")).mode & 0o7777, 0o755);
  write("zero", "", { mode: 0 });
  assert.equal(lstatSync(path("zero")).mode & 0o7777, 0o644);
});

test("a file is replaced whole: who has the old one open goes on reading it", () => {
  writeFileSync(path("file"), "old", { mode: 0o600 });
  linkSync(path("file"), path("other"));
  write("file", "new", { mode: 0o640 });
  assert.equal(readFileSync(path("file"), "utf8"), "new");
  assert.equal(readFileSync(path("other"), "utf8"), "old");
  assert.equal(lstatSync(path("file")).mode & 0o7777, 0o640);
});

test("a file is put where a link leads, also one that leads nowhere yet", () => {
  mkdirSync(path("real"));
  writeFileSync(path("real/file"), "old");
  symlinkSync("real/file", path("link"));
  symlinkSync("link", path("link-to-link"));
  symlinkSync(path("real/to-come"), path("dangling"));
  write("link-to-link", "new", {});
  write("dangling", "came", {});
  assert.equal(readFileSync(path("real/file"), "utf8"), "new");
  assert.equal(readFileSync(path("real/to-come"), "utf8"), "came");
  assert.ok(lstatSync(path("link-to-link")).isSymbolicLink() && lstatSync(path("dangling")).isSymbolicLink());
  symlinkSync("round", path("round"));
  assert.match(failureOf(perform({ do: "write", path: path("round") }, file("x"))), /follow the link: .*links/);
});

test("owners are set, and a file that is replaced keeps its own", { skip: !isRoot }, () => {
  write("given", "x", { uid: 1234, gid: 2345 });
  assert.deepEqual([statSync(path("given")).uid, statSync(path("given")).gid], [1234, 2345]);
  write("given", "y", { mode: 0o4755 });
  assert.deepEqual([statSync(path("given")).uid, statSync(path("given")).gid], [1234, 2345]);
  assert.equal(statSync(path("given")).mode & 0o7777, 0o4755);
});

test("what cannot be written is one failure that says why, and names the path", () => {
  writeFileSync(path("file"), "");
  execFileSync("mkfifo", [path("fifo")]);
  const cases: [object, RegExp][] = [
    [{ do: "write", path: root }, /there is a directory of that name/],
    [{ do: "write", path: `${root}/new/` }, /slash/],
    [{ do: "write", path: path("fifo") }, /is no file/],
    [{ do: "write", path: path("file/below") }, /make the directory above: Not a directory/],
    [{ do: "write", path: path("x".repeat(256)) }, /File name too long/],
    [{ do: "write", path: "/proc/nothing" }, /make the file: No such file/],
    [{ do: "make_directory", path: path("file") }, /there is a file of that name/],
    [{ do: "make_directory", path: path("file/below") }, /Not a directory/],
  ];
  for (const [request, why] of cases) {
    const records = perform(request, file("content"));
    assert.match(failureOf(records), why);
    assert.deepEqual(readdirSync(root).sort(), ["fifo", "file"], JSON.stringify(request));
  }
});

test("a directory is made with those above it, and one that is there stays as it is", () => {
  assert.deepEqual(perform({ do: "make_directory", path: path("a/b"), mode: 0o2770 }), result({ bytes_written: 0 }));
  assert.equal(lstatSync(path("a/b")).mode & 0o7777, 0o2770);
  assert.equal(lstatSync(path("a")).mode & 0o7777, 0o755);
  assert.deepEqual(perform({ do: "make_directory", path: path("a/b/"), mode: 0o700 }), result({ bytes_written: 0 }));
  assert.equal(lstatSync(path("a/b")).mode & 0o7777, 0o2770);
});

test("a tree is read as it stands: contents, modes, links and times, each directory before what is in it", () => {
  mkdirSync(path("tree/sub/empty"), { recursive: true });
  writeFileSync(path("tree/big"), Buffer.alloc(100_000, "ab"));
  writeFileSync(path('tree/sub/Grüße "\n'), "");
  symlinkSync("../big", path("tree/sub/link"));
  symlinkSync("nowhere", path("tree/dangling"));
  execFileSync("mkfifo", [path("tree/fifo")]);
  chmodSync(path("tree/big"), 0o640);
  utimesSync(path("tree/big"), 1, 1_600_000_000);
  const records = perform({ do: "read", path: `${path("tree")}/` });
  const headers = records.filter(({ type }) => type === "H").map(({ body }) => json(body));
  assert.deepEqual(headers.map((header) => header["path"]).sort(), [
    "tree",
    "tree/big",
    "tree/dangling",
    "tree/sub",
    'tree/sub/Grüße "\n',
    "tree/sub/empty",
    "tree/sub/link",
  ]);
  const paths = headers.map((header) => header["path"]);
  assert.ok(paths.indexOf("tree/sub") < paths.indexOf("tree/sub/empty") && paths[0] === "tree");
  const big = headers.find((header) => header["path"] === "tree/big");
  const { uid, gid } = statSync(path("tree/big"));
  assert.deepEqual(big, {
    path: "tree/big",
    mode: 0o640,
    is_dir: false,
    size: 100_000,
    mtime: 1_600_000_000,
    uid,
    gid,
  });
  const link = headers.find((header) => header["path"] === "tree/sub/link");
  assert.deepEqual([link?.["is_symlink"], link?.["link_target"]], [true, "../big"]);
  assert.ok(contentOf(records, "tree/big").equals(Buffer.alloc(100_000, "ab")));
  assert.deepEqual(json(records.at(-1)?.body), { entries: 7, bytes: 100_000, skipped: 1 });
});

test("links are followed when that is asked for, and those that go round end", () => {
  mkdirSync(path("tree/sub"), { recursive: true });
  writeFileSync(path("outside"), "content");
  symlinkSync("../outside", path("tree/link"));
  symlinkSync("..", path("tree/sub/round"));
  const records = perform({ do: "read", path: path("tree"), follow_links: true });
  const headers = records.filter(({ type }) => type === "H").map(({ body }) => json(body));
  assert.deepEqual(headers.map((header) => [header["path"], header["is_dir"]]).sort(), [
    ["tree", true],
    ["tree/link", false],
    ["tree/sub", true],
    ["tree/sub/round", true],
  ]);
  assert.equal(contentOf(records, "tree/link").toString(), "content");
  symlinkSync("nowhere", path("tree/dangling"));
  const refused = perform({ do: "read", path: path("tree"), follow_links: true });
  assert.deepEqual(json(refused.at(-1)?.body), {
    message: "look at the path: No such file or directory",
    path: path("tree/dangling"),
  });
});

test("the last name of the path begins every name that is sent; the root and a dot are a dot", () => {
  mkdirSync(path("d/e"), { recursive: true });
  const names = (asked: string): unknown[] =>
    perform({ do: "read", path: asked })
      .filter(({ type }) => type === "H")
      .map(({ body }) => json(body)["path"]);
  assert.deepEqual(names(path("d")), ["d", "d/e"]);
  assert.deepEqual(names(`${path("d")}///`), ["d", "d/e"]);
  assert.deepEqual(names(`${path("d")}/.`), [".", "./e"]);
  assert.match(failureOf(perform({ do: "read", path: `${path("d")}/..` })), /must end with a name/);
});

test("what cannot be read is one failure, and a name that JSON cannot carry is one too", () => {
  execFileSync("mkfifo", [path("fifo")]);
  assert.match(failureOf(perform({ do: "read", path: path("nothing") })), /No such file/);
  assert.match(failureOf(perform({ do: "read", path: path("fifo") })), /no file, directory or link/);
  mkdirSync(path("tree"));
  writeFileSync(Buffer.concat([Buffer.from(path("tree/")), Buffer.of(0xff, 0x41)]), "");
  assert.match(failureOf(perform({ do: "read", path: path("tree") })), /no UTF-8/);
});

test("a deep tree is refused where it gets too deep, and paths that get too long too", () => {
  const deep = path(`deep/${"d/".repeat(140)}`);
  mkdirSync(deep, { recursive: true });
  assert.match(failureOf(perform({ do: "read", path: path("deep") })), /nested too deeply/);
  // Two halves, for no call takes a path as long as the whole.
  const half = `${"n".repeat(250)}/`.repeat(10);
  mkdirSync(path(`long/${half}`), { recursive: true });
  mkdirSync(path(`half/${half}`), { recursive: true });
  renameSync(path("half"), path(`long/${half}half`));
  assert.match(failureOf(perform({ do: "read", path: path("long") })), /the path is too long/);
  // Node would name what it removes by its whole path.
  execFileSync("rm", ["-rf", path("long")]);
});

test("stat tells of files, directories, links and what is not there", () => {
  writeFileSync(path("file"), "12345", { mode: 0o604 });
  chmodSync(path("file"), 0o604);
  utimesSync(path("file"), 1, 1_600_000_001);
  symlinkSync("file", path("link"));
  const { uid, gid } = statSync(path("file"));
  const about = {
    exists: true,
    is_dir: false,
    is_file: true,
    is_symlink: false,
    mode: 0o604,
    size: 5,
    mtime: 1_600_000_001,
    uid,
    gid,
  };
  assert.deepEqual(stat("file"), about);
  assert.deepEqual(stat("link", true), about);
  const link = stat("link");
  assert.deepEqual(
    [link["is_symlink"], link["is_file"], link["link_target"]],
    [true, false, readlinkSync(path("link"))],
  );
  assert.equal(stat(".")["is_dir"], true);
  assert.deepEqual(stat("nothing"), { exists: false });
  assert.deepEqual(stat("file/below"), { exists: false });
  assert.deepEqual(stat("x".repeat(256)), { exists: false, error: "File name too long" });
});

test("a request that is none is a failure, not a crash", () => {
  const requests = ["", "{", "[]", "{}", '{"do":"stat"}', '{"do":"stat","path":7}', '{"do":"stat","path":""}'];
  const more = ['{"do":"stat","path":"relative"}', '{"do":"list","path":"/"}', '{"do":"stat","path":"/a\\u0000b"}'];
  for (const request of [...requests, ...more, JSON.stringify({ do: "stat", path: `/${"x".repeat(5000)}` })]) {
    const { status, stdout } = spawnSync(program, [request], { input: "" });
    assert.equal(status, 1, request);
    assert.deepEqual(
      parse(stdout).map(({ type }) => type),
      ["X"],
      request,
    );
  }
});

function path(name: string): string {
  return join(root, name);
}

function run(request: object, input: Buffer): { readonly status: number | null; readonly stdout: Buffer } {
  const { status, stdout, stderr } = spawnSync(program, [JSON.stringify(request)], { input, maxBuffer: 1 << 26 });
  assert.equal(stderr.toString(), "");
  return { status, stdout };
}

function perform(request: object, input: Buffer = Buffer.alloc(0)): FileRecord[] {
  return parse(run(request, input).stdout);
}

function write(name: string, content: string, more: object): void {
  const records = perform({ do: "write", path: path(name), ...more }, file(content));
  assert.deepEqual(records, result({ bytes_written: content.length }));
}

function stat(name: string, follow_links = false): Readonly<Record<string, unknown>> {
  const records = perform({ do: "stat", path: name === "." ? root : path(name), follow_links });
  assert.deepEqual(
    records.map(({ type }) => type),
    ["R"],
  );
  return json(records[0]?.body);
}

function parse(bytes: Buffer): FileRecord[] {
  const records: FileRecord[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32LE(at + 1);
    assert.ok(length <= 65_536 && at + 5 + length <= bytes.length, "a whole record");
    records.push({ type: bytes.toString("latin1", at, at + 1), body: bytes.subarray(at + 5, at + 5 + length) });
    at += 5 + length;
  }
  return records;
}

function record(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32LE(body.length, 1);
  return Buffer.concat([head, body]);
}

function dataRecord(content: string): Buffer {
  return record("D", Buffer.from(content));
}

function file(content: string): Buffer {
  return Buffer.concat([dataRecord(content), record("E", Buffer.alloc(0))]);
}

function result(body: object): FileRecord[] {
  return [{ type: "R", body: Buffer.from(JSON.stringify(body)) }];
}

function failureOf(records: readonly FileRecord[]): string {
  const last = records.at(-1);
  assert.equal(last?.type, "X", records.map(({ type }) => type).join(""));
  return String(json(last.body)["message"]);
}

function json(body: Buffer | undefined): Readonly<Record<string, unknown>> {
  assert.ok(body);
  return JSON.parse(body.toString("utf8")) as Readonly<Record<string, unknown>>;
}

/** The bytes between an entry's header and its end. */
function contentOf(records: readonly FileRecord[], name: string): Buffer {
  const from = records.findIndex(({ type, body }) => type === "H" && json(body)["path"] === name);
  assert.ok(from >= 0, name);
  const to = records.findIndex(({ type }, index) => index > from && type === "E");
  return Buffer.concat(records.slice(from + 1, to).map(({ body }) => body));
}
