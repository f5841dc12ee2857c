import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { RawJson } from "../../src/client/raw-json.ts";
import type { GuestMemory } from "../../src/memory/guest-memory.ts";
import { bootParent, fork, shell, waitForLine } from "./guests.ts";
import { digestOf } from "./host.ts";
import { directoryOf, startRametInside, type Ramet } from "./harness.ts";
import { observeDriver, type Observation } from "./observed-driver.ts";

/**
 * `job` is kept in a file by the process that reads it, `quiet` is read and dropped, `unread` is never looked at, `own` has a token
 * that only this test knows. The counted files say which delivery a guest has seen.
 */
const workload = `
  for name in job quiet unread; do mailbox arm $name; done
  mailbox arm own --token secret-of-this-test
  (while mailbox wait quiet > /dev/null; do echo "quiet: read"; done) &
  echo ready
  n=0
  while mailbox wait job > /run/job.new; do
    n=$((n + 1))
    mv /run/job.new /run/job.$n
    echo "job: $n"
  done`;

/** What no JSON library would give back as it was: spacing, key order, twenty digits, a repeated escape, planes beyond the first. */
const texts = {
  first:
    '{ "z":1, "a" : 12345678901234567890,\n "ä":"grüß dich 🐧𝔘 日本", "10":"ten", "2":"two", "e":"\\u00e9\\n", "f":1.0, "mark":"mail-of-first-7f3a" }',
  second: '{"a":98765432109876543210,"z":{"y":[1e400,-0,0.10],"b":null},"mark":"mail-of-second-91cc","emoji":"👩‍👩‍👧"}',
};

test("mail reaches exactly the child that it was sent to", async (t) => {
  const search = new MemorySearch();
  const ramet = await startRametInside(t, (driver) => observeDriver(driver, search));
  await bootParent(ramet, "base", workload);
  const imagePath = join(await directoryOf(ramet, "base"), "image", "memory");
  const digest = await digestOf(imagePath);

  await t.test("two children read their own payloads byte for byte", async () => {
    search.needles = ["mail-of-first-7f3a", "mail-of-second-91cc"];
    await Promise.all([sendJob(ramet, "base", "first", texts.first), sendJob(ramet, "base", "second", texts.second)]);
    for (const name of ["first", "second"] as const) {
      await waitForLine(ramet, name, /^job: 1$/);
      assert.equal(await shell(ramet, name, "cat /run/job.1"), texts[name]);
      assert.equal(await shell(ramet, name, "ls /run/job.[0-9]*"), "/run/job.1");
    }
  });

  await t.test("before its first instruction a child's memory holds its own mail and no sibling's", async () => {
    assert.deepEqual(search.foundIn(await directoryOf(ramet, "first")), ["mail-of-first-7f3a"]);
    assert.deepEqual(search.foundIn(await directoryOf(ramet, "second")), ["mail-of-second-91cc"]);
  });

  await t.test("a child without mail holds nobody's, and its process still waits", async () => {
    await fork(ramet, "base", "without");
    assert.deepEqual(search.foundIn(await directoryOf(ramet, "without")), []);
    assert.match(await shell(ramet, "without", "mailbox ls"), /^job +1 armed$/m);
    assert.equal(await shell(ramet, "without", "ls /run | grep -c '^job\\.[0-9]' || true"), "0");
  });

  await t.test("the parent's image stays as it was while children are written to, run, and write", async () => {
    await shell(ramet, "first", "dd if=/dev/urandom of=/run/noise bs=1M count=16 2>/dev/null");
    assert.equal(await digestOf(imagePath), digest);
  });

  await t.test("a mailbox with a token of its own takes mail with that token", async () => {
    const payload = { word: "by token" };
    await fork(ramet, "base", "by-token", [{ name: "own", token: "secret-of-this-test", payload }]);
    const read = await shell(ramet, "by-token", "mailbox wait own --token secret-of-this-test");
    assert.equal(read, '{"word":"by token"}');
  });

  await t.test("a grandchild's memory holds neither what its parent read nor what it left unread", async () => {
    for (const name of ["first", "second", "without", "by-token"]) await ramet.client.delete(name);
    search.needles = ["read-by-child-3b1d", "unread-by-child-c0de", "mail-of-grandchild-55aa"];
    await fork(ramet, "base", "child", [
      { name: "quiet", payload: { mark: "read-by-child-3b1d" }, wait_for_ack: true },
      { name: "unread", payload: { mark: "unread-by-child-c0de" } },
    ]);
    await waitForLine(ramet, "child", /^quiet: read$/);
    const expected = ["read-by-child-3b1d", "unread-by-child-c0de"];
    assert.deepEqual(search.foundIn(await directoryOf(ramet, "child")), expected, "the search finds what is there");
    await ramet.client.standby("child");
    await fork(ramet, "child", "grandchild");
    assert.deepEqual(search.foundIn(await directoryOf(ramet, "grandchild")), []);
    assert.match(await shell(ramet, "grandchild", "mailbox ls"), /^unread +1 armed$/m);
  });

  await t.test("a grandchild has its own name and gets its own mail", async () => {
    await sendJob(ramet, "child", "heir", '{"mark":"mail-of-grandchild-55aa"}');
    await waitForLine(ramet, "heir", /^job: 1$/);
    assert.deepEqual(search.foundIn(await directoryOf(ramet, "heir")), ["mail-of-grandchild-55aa"]);
    assert.equal(await shell(ramet, "heir", "cat /run/job.1; hostname"), '{"mark":"mail-of-grandchild-55aa"}\nheir');
    const [heir, child] = [await ramet.client.get("heir"), await ramet.client.get("child")];
    assert.equal(heir.parent_id, child.id);
    assert.match(await shell(ramet, "heir", "cat /run/ramet/identity.json"), new RegExp(`"parent":"${child.id}"`));
  });

  await t.test("neither log nor database tells a payload or a token", async () => {
    const told = (await ramet.log()) + (await readFile(join(ramet.dataDir, "ramet.db"), "latin1"));
    for (const secret of ["mail-of-first-7f3a", "unread-by-child-c0de", "secret-of-this-test"]) {
      assert.ok(!told.includes(secret), "a secret was told");
    }
  });
});

function sendJob(ramet: Ramet, parent: string, name: string, text: string): Promise<unknown> {
  return fork(ramet, parent, name, [{ name: "job", payload: new RawJson(text) }]);
}

/** Looks through all of a guest's memory right before it goes on, and remembers by directory what was found. */
class MemorySearch implements Observation {
  needles: readonly string[] = [];
  readonly #found = new Map<string, readonly string[]>();

  readonly observer: Observation["observer"] = async ({ step, machine, directory }) => {
    if (step !== "resuming" || machine.state !== "paused") return;
    await using memory = await machine.openMemory();
    this.#found.set(directory, await this.#search(memory));
  };

  /** Which of the needles lay in the memory of the instance in that directory, in their own order. */
  foundIn(directory: string): readonly string[] {
    const found = this.#found.get(directory);
    assert.ok(found !== undefined, "the memory was searched before the guest went on");
    return found;
  }

  async #search(memory: GuestMemory): Promise<readonly string[]> {
    const whole = Buffer.allocUnsafe(memory.sizeBytes);
    await memory.read(0, whole);
    return this.needles.filter((needle) => whole.includes(needle));
  }
}
