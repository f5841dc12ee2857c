/** Files that the host gives to a guest, on this machine; test/contract/files.vm.test.ts has them in a guest. */
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { test } from "node:test";
import {
  vectors,
  program,
  root,
  path,
  run,
  perform,
  write,
  parse,
  dataRecord,
  file,
  result,
  failureOf,
} from "./test/files-program.ts";

const isRoot = process.getuid?.() === 0;

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
