/** Who a program of the guest runs as: the agent's own source, compiled with sanitizers, over files of this machine. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

const guest = join(import.meta.dirname, "..");
const directory = mkdtempSync(join(tmpdir(), "ramet-users-test-"));
const program = join(directory, "users-test");
const root = join(directory, "root");
const bare = join(directory, "bare");

before(() => {
  const sources = ["test/users-test.c", "users.c"].map((file) => join(guest, "agent", file));
  const sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
  const flags = ["-std=c11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", ...sanitizers];
  execFileSync("gcc", [...flags, "-o", program, ...sources], { stdio: "pipe" });
  mkdirSync(join(root, "etc"), { recursive: true });
  mkdirSync(bare);
  const members = Array.from({ length: 5000 }, (_, index) => `member-${String(index)}`).join(",");
  writeFileSync(
    join(root, "etc/passwd"),
    "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001::/srv/app:/bin/sh\n2000:x:7:7::/seven:/bin/sh\nhomeless:x:8:8:::\nbroken line\n",
  );
  writeFileSync(
    join(root, "etc/group"),
    `root:x:0:\napp:x:1001:\nlog:x:4:app,other\nbig:x:5:${members},app\nvideo:x:44:app\n`,
  );
});

after(() => {
  rmSync(directory, { recursive: true });
});

test("a user has the group and home of passwd and the groups that list it", () => {
  assert.deepEqual(ask("app", "1000", "root", "homeless"), [
    "1000 1001 /srv/app 4 5 44",
    "1000 1001 /srv/app 4 5 44",
    "0 0 /root",
    "8 8 /",
  ]);
});

test("a group that is given is the only one", () => {
  assert.deepEqual(ask("app:log", "app:44", "1000:root", "1:2"), [
    "1000 4 /srv/app",
    "1000 44 /srv/app",
    "1000 0 /srv/app",
    "1 2 /",
  ]);
});

test("a number that nobody has is taken as it is, a name that looks like one is a name", () => {
  assert.deepEqual(ask("4242", "2000", "4294967294"), ["4242 0 /", "7 7 /seven", "4294967294 0 /"]);
});

test("an unknown name is refused, and so is a number that is no id", () => {
  const [user, group, ...numbers] = ask("ghost", "app:ghosts", "4294967295", "-1", "12x", "");
  assert.equal(user, "there is no user ghost in /etc/passwd");
  assert.equal(group, "there is no group ghosts in /etc/group");
  for (const answer of numbers) assert.match(answer, /^there is no user/);
});

test("an image without those files knows numbers alone", () => {
  assert.deepEqual(askIn(bare, "1000:1000", "app"), ["1000 1000 /", "there is no user app in /etc/passwd"]);
});

function ask(...users: readonly string[]): string[] {
  return askIn(root, ...users);
}

function askIn(directoryOfFiles: string, ...users: readonly string[]): string[] {
  return execFileSync(program, [directoryOfFiles, ...users], { encoding: "utf8" })
    .split("\n")
    .slice(0, -1);
}
