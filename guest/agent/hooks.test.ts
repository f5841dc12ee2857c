/**
 * What the agent does to a child's user space: the owner's hooks, and the secrets in files. The agent's own sources, compiled with
 * sanitizers, work on directories of this machine; test/vm/identity-hooks.test.ts has them in a guest.
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, beforeEach, test } from "node:test";

const guest = join(import.meta.dirname, "..");
const directory = mkdtempSync(join(tmpdir(), "ramet-hooks-test-"));
const program = join(directory, "hooks-test");
const root = join(directory, "root");
const hooks = join(root, "on-fork.d");
const trace = join(root, "trace");

before(() => {
  const sources = ["test/hooks-test.c", "hooks.c", "inherited.c", "run.c", "text.c"].map((file) =>
    join(guest, "agent", file),
  );
  const sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
  const flags = ["-std=c11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", ...sanitizers];
  execFileSync("gcc", [...flags, "-o", program, ...sources], { stdio: "pipe" });
});

beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(hooks, { recursive: true });
  writeFileSync(trace, "");
});

after(() => {
  rmSync(directory, { recursive: true });
});

test("without a hook directory, and with an empty one, an identity is applied and nothing said", () => {
  assert.deepEqual(ask("hooks", join(root, "nowhere"), 1000, 1000), { answer: "applied", console: "" });
  assert.deepEqual(ask("hooks", hooks, 1000, 1000), { answer: "applied", console: "" });
});

test("a hook directory that cannot be read is a failure: a required hook may be in it", () => {
  writeFileSync(join(root, "file"), "");
  assert.equal(ask("hooks", join(root, "file"), 1000, 1000).answer, "the hook directory was not read");
});

test("executable regular files run one after the other in byte order of their names, and nothing else runs", () => {
  for (const name of ["b", "10-a", "9", "B", "é", "_"]) hook(name, `echo ${name} >> ${trace}`);
  writeFileSync(join(hooks, "0-not-executable"), `#!/bin/sh\necho no >> ${trace}\n`, { mode: 0o644 });
  mkdirSync(join(hooks, "0-directory"));
  symlinkSync("nowhere", join(hooks, "0-dangling"));
  linkSync(join(hooks, "b"), join(root, "elsewhere"));
  symlinkSync("../elsewhere", join(hooks, "~link"));
  assert.deepEqual(ask("hooks", hooks, 10_000, 10_000), { answer: "applied", console: "" });
  assert.deepEqual(traced(), ["10-a", "9", "B", "_", "b", "b", "é"]);
});

test("a hook has the documented environment, no input, and a session of its own", () => {
  hook("one", `/usr/bin/env | grep -v -e ^PWD= -e ^SHLVL= -e ^_= | sort >> ${trace}; cat >> ${trace}; pwd >> ${trace}`);
  hook("two", `set -- $(cat /proc/$$/stat); [ "$6" = $$ ] && echo leads >> ${trace}`);
  assert.deepEqual(ask("hooks", hooks, 10_000, 10_000), { answer: "applied", console: "" });
  assert.deepEqual(traced(), [
    "PATH=/run/ramet/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "RAMET_GENERATION=0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
    "RAMET_HOSTNAME=worker-1.local",
    "RAMET_INSTANCE_ID=inst-1",
    "RAMET_INSTANCE_NAME=worker-1",
    "RAMET_PARENT_ID=inst-0",
    "/",
    "leads",
  ]);
});

test("a hook that fails is told of on the console, and the next one runs", () => {
  hook("1", "exit 3");
  hook("2", "kill -TERM $$");
  writeFileSync(join(hooks, "3"), "#!/no/such/shell\n", { mode: 0o755 });
  hook("4", `echo 4 >> ${trace}`);
  const { answer, console } = ask("hooks", hooks, 10_000, 10_000);
  assert.equal(answer, "applied");
  assert.deepEqual(console.trimEnd().split("\n"), [
    "ramet: the hook 1 exited with code 3",
    "ramet: the hook 2 was ended by signal 15",
    `ramet: cannot start ${hooks}/3: No such file or directory`,
    "ramet: the hook 3 exited with code 126",
  ]);
  assert.deepEqual(traced(), ["4"]);
});

test("a required hook that fails is why the identity fails, and no later hook runs", () => {
  hook("1.required", `echo 1 >> ${trace}`);
  hook("2.required", "exit 7");
  hook("3", `echo 3 >> ${trace}`);
  const { answer, console } = ask("hooks", hooks, 10_000, 10_000);
  assert.equal(answer, "the hook 2.required exited with code 7");
  assert.equal(console, "ramet: the hook 2.required exited with code 7\n");
  assert.deepEqual(traced(), ["1"]);
});

test("a reason is short and printable, whatever the hook is named", () => {
  hook(`ü\n${"x".repeat(200)}.required`, "exit 7");
  const { answer } = ask("hooks", hooks, 10_000, 10_000);
  assert.equal(answer, `the hook ???${"x".repeat(45)} exited with code 7`);
});

test("a hook that takes too long is killed with all that it started, and the next one runs", () => {
  // What it started holds the console open: `ask` ends only when all of it is gone.
  hook("1", "sleep 600 & wait");
  hook("2", `echo 2 >> ${trace}`);
  const { answer, console } = ask("hooks", hooks, 500, 60_000);
  assert.equal(answer, "applied");
  assert.equal(console, "ramet: the hook 1 was killed: it did not end within 500 ms\n");
  assert.deepEqual(traced(), ["2"]);
});

test("when the time of all is over, the others do not run; a required one among them is a failure", () => {
  hook("1", "sleep 600");
  hook("2", `echo 2 >> ${trace}`);
  hook("3.required", `echo 3 >> ${trace}`);
  const { answer, console } = ask("hooks", hooks, 60_000, 300);
  assert.equal(answer, "the hook 3.required was not run: its time is over");
  assert.match(console, /^ramet: the hook 2 was not run: its time is over$/m);
  assert.deepEqual(traced(), []);
});

test("boot-time seeds are removed, where there are any", () => {
  const seeds = [
    "var/lib/systemd/random-seed",
    "var/lib/urandom/random-seed",
    "var/lib/seedrng/seed.credit",
    "var/lib/seedrng/seed.no-credit",
  ];
  const others = ["var/lib/seedrng/other", "var/lib/systemd/timers"];
  assert.deepEqual(ask("seeds", root), { answer: "done", console: "" });
  for (const file of [...seeds, ...others]) put(file);
  assert.deepEqual(ask("seeds", root), { answer: "done", console: "" });
  assert.deepEqual(
    [...seeds, ...others].filter((file) => existsSync(join(root, file))),
    others,
  );
});

test("a seed that cannot be removed is told of", () => {
  mkdirSync(join(root, "var/lib/urandom/random-seed"), { recursive: true });
  const { answer, console } = ask("seeds", root);
  assert.equal(answer, "done");
  assert.match(console, /^ramet: .*\/var\/lib\/urandom\/random-seed of the parent was not removed: .*\n$/);
});

const makeKeys = `cd "$(dirname "$0")/../../etc/ssh" && echo "$@" $(ls) >> ${trace} && touch ssh_host_ed25519_key ssh_host_ed25519_key.pub`;

test("SSH host keys are removed before ssh-keygen -A makes new ones; other files stay", () => {
  const others = ["moduli", "ssh_config", "ssh_host_note", "sshd_config"];
  const keys = ["ssh_host_ed25519_key", "ssh_host_rsa_key", "ssh_host_rsa_key.pub"];
  for (const file of [...others, ...keys]) put(`etc/ssh/${file}`);
  script(join(root, "usr/bin/ssh-keygen"), makeKeys);
  assert.deepEqual(ask("keys", root, 10_000), { answer: "done", console: "" });
  const quick = join(root, "etc/ssh/ssh_host_ed25519_key");
  const [moduli = "", config = "", ...rest] = others;
  assert.deepEqual(traced(), [
    `-q -t ed25519 -N  -f ${quick} ${others.join(" ")}`,
    `-A ${[moduli, config, "ssh_host_ed25519_key", "ssh_host_ed25519_key.pub", ...rest].join(" ")}`,
  ]);
  assert.ok(existsSync(join(root, "etc/ssh/ssh_host_ed25519_key.pub")));
});

test("a guest without SSH host keys gets none", () => {
  put("etc/ssh/ssh_config");
  script(join(root, "usr/bin/ssh-keygen"), makeKeys);
  assert.deepEqual(ask("keys", root, 10_000), { answer: "done", console: "" });
  assert.deepEqual(readdirSync(join(root, "etc/ssh")), ["ssh_config"]);
});

test("the parent's keys are gone also when no new ones could be made, which is told of", () => {
  const keygen = join(root, "usr/bin/ssh-keygen");
  put("etc/ssh/ssh_host_rsa_key");
  assert.deepEqual(said("keys", root, 10_000), [
    "ramet: the parent's SSH host keys are removed; there is no ssh-keygen to make new ones",
  ]);
  put("etc/ssh/ssh_host_rsa_key");
  script(keygen, "exit 1");
  assert.deepEqual(said("keys", root, 10_000), [
    "ramet: ssh-keygen -t ed25519 exited with code 1",
    "ramet: ssh-keygen -A exited with code 1",
  ]);
  put("etc/ssh/ssh_host_rsa_key");
  script(keygen, "sleep 600");
  assert.deepEqual(said("keys", root, 300), [
    "ramet: ssh-keygen -t ed25519 was killed: it did not end within 300 ms",
    "ramet: ssh-keygen -A was not run: its time is over",
  ]);
  assert.deepEqual(readdirSync(join(root, "etc/ssh")), []);
});

test("a key that takes too long costs the others nothing", () => {
  put("etc/ssh/ssh_host_rsa_key");
  script(join(root, "usr/bin/ssh-keygen"), `[ "$1" = -A ] && exec sleep 600; echo > "$7"`);
  const [line = "", ...rest] = said("keys", root, 1000);
  assert.match(line, /^ramet: ssh-keygen -A was killed: it did not end within [0-9]+ ms$/);
  assert.deepEqual(rest, []);
  assert.deepEqual(readdirSync(join(root, "etc/ssh")), ["ssh_host_ed25519_key"]);
});

function said(...words: readonly (string | number)[]): string[] {
  return ask(...words)
    .console.trimEnd()
    .split("\n");
}

function ask(...words: readonly (string | number)[]): { answer: string; console: string } {
  const { stdout, stderr, status } = spawnSync(program, {
    input: `${words.join(" ")}\n`,
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.equal(status, 0, stderr);
  return { answer: stdout.trimEnd(), console: stderr };
}

function hook(name: string, text: string): void {
  script(join(hooks, name), text);
}

function script(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

function put(file: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), "the parent's\n");
}

function traced(): string[] {
  return readFileSync(trace, "utf8").split("\n").slice(0, -1);
}
