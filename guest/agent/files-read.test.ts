/** Files that a guest gives to the host, on this machine; test/contract/files.vm.test.ts has them in a guest. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { test } from "node:test";
import { path, perform, stat, failureOf, json, contentOf } from "./test/files-program.ts";

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
