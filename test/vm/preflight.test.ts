import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { ForkMailbox } from "../../src/client/shapes.ts";
import { bootParent, fork, refusalOf, shell, waitForLine } from "./guests.ts";
import { digestOf } from "./host.ts";
import { directoryOf, startServer, takeInventory, type Ramet } from "./harness.ts";

const many = Array.from({ length: 16 }, (_, index) => `many-${index + 1}`);

/**
 * A file on tmpfs is guest RAM, so a copy of a mailbox's file is a second frame with the same marker. `twice` has two that were armed at the
 * same moment; the copy of `stale` is older than the one that was armed again after it.
 */
const workload = `
  boxes=/run/ramet/mailboxes
  for name in job twice stale once ${many.join(" ")}; do mailbox arm $name; done
  mailbox arm wide --parts 2
  mailbox arm guarded --token right-token
  cp $boxes/twice /run/copy-of-twice
  cp $boxes/stale /run/copy-of-stale
  mailbox arm stale
  echo ready
  mailbox wait once > /run/once
  echo "once: read"
  sleep 100000`;

const payload = { word: "never-delivered-8d21" };

test("nothing is written and nothing started unless every mailbox can take its mail", async (t) => {
  const ramet = await startServer(t);
  await bootParent(ramet, "base", workload);
  const imagePath = join(await directoryOf(ramet, "base"), "image", "memory");
  const digest = await digestOf(imagePath);
  const before = await takeInventory(ramet);
  /** The refusal of a fork with this mail, after which everything is as it was. */
  const refused = async (mailboxes: readonly ForkMailbox[]): Promise<[number, string, string]> => {
    const { status, code, message } = await refusalOf(fork(ramet, "base", "refused", mailboxes));
    assert.deepEqual(await takeInventory(ramet), before);
    assert.equal(await digestOf(imagePath), digest);
    assert.ok(!message.includes("never-delivered-8d21") && !message.includes("-token"), "a secret was told");
    return [status, code, message];
  };

  await t.test("an unknown mailbox and a wrong token are the same answer", async () => {
    const unknown = await refused([{ name: "nowhere", payload }]);
    const wrong = await refused([{ name: "guarded", token: "wrong-token", payload }]);
    const withoutToken = await refused([{ name: "guarded", payload }]);
    assert.deepEqual(unknown.slice(0, 2), [409, "mailbox_not_found"]);
    assert.deepEqual(wrong.slice(0, 2), [409, "mailbox_not_found"]);
    assert.equal(wrong[2].replaceAll("guarded", "nowhere"), unknown[2]);
    assert.deepEqual(withoutToken, wrong);
  });

  await t.test("two frames that were armed at the same moment are ambiguous", async () => {
    assert.deepEqual((await refused([{ name: "twice", payload }])).slice(0, 2), [409, "mailbox_ambiguous"]);
  });

  await t.test("one mailbox that cannot take its mail holds back the mail of all others", async () => {
    const mailboxes = [
      { name: "job", payload },
      { name: "nowhere", payload },
      { name: "once", payload },
    ];
    assert.deepEqual((await refused(mailboxes)).slice(0, 2), [409, "mailbox_not_found"]);
  });

  await t.test(
    "a payload that is one byte too large for the armed parts is refused, the largest arrives whole",
    async () => {
      const ofBytes = (bytes: number): { word: string } => ({ word: "x".repeat(bytes - '{"word":""}'.length) });
      const [status, code, message] = await refused([{ name: "job", payload: ofBytes(3833) }]);
      assert.deepEqual([status, code], [400, "invalid_request"]);
      assert.match(message, /3833 bytes.*3832 bytes in 1 part/);
      assert.deepEqual((await refused([{ name: "wide", payload: ofBytes(7665) }])).slice(0, 2), [
        400,
        "invalid_request",
      ]);
      await fork(ramet, "base", "large", [
        { name: "job", payload: ofBytes(3832) },
        { name: "wide", payload: ofBytes(7664) },
      ]);
      assert.equal(await readMail(ramet, "large", "job"), JSON.stringify(ofBytes(3832)));
      assert.equal(await readMail(ramet, "large", "wide"), JSON.stringify(ofBytes(7664)));
      await ramet.client.delete("large");
    },
  );

  await t.test("the keys for the ack count towards the size", async () => {
    const tight = { word: "x".repeat(3832 - '{"word":""}'.length) };
    const [status, code] = await refused([{ name: "job", payload: tight, wait_for_ack: true }]);
    assert.deepEqual([status, code], [400, "invalid_request"]);
  });

  await t.test("the system's own names are refused", async () => {
    for (const name of ["ramet.system", "ramet.anything"]) {
      const [status, code, message] = await refused([{ name, payload }]);
      assert.deepEqual([status, code], [400, "invalid_request"]);
      assert.match(message, /must not start with "ramet\."/);
    }
  });

  await t.test("a frame that is older than the live one is passed over", async () => {
    await fork(ramet, "base", "fresh", [{ name: "stale", payload: { word: "to the live one" } }]);
    assert.equal(await readMail(ramet, "fresh", "stale"), '{"word":"to the live one"}');
    assert.equal(await shell(ramet, "fresh", "grep -c 'live one' /run/copy-of-stale || true"), "0");
    await ramet.client.delete("fresh");
  });

  await t.test("sixteen mailboxes at once all get their own mail", async () => {
    const mailboxes = many.map((name) => ({ name, payload: { for: name } }));
    const { mailboxes: outcomes } = await fork(ramet, "base", "sixteen", mailboxes);
    assert.deepEqual(
      outcomes.map(({ name, delivered }) => [name, delivered]),
      many.map((name) => [name, true]),
    );
    const read = await shell(
      ramet,
      "sixteen",
      `for name in ${many.join(" ")}; do mailbox wait $name --timeout 30000; done`,
    );
    assert.deepEqual(
      read.split("\n"),
      many.map((name) => JSON.stringify({ for: name })),
    );
    await ramet.client.delete("sixteen");
  });

  await t.test("a mailbox whose mail was read takes none before it is armed again", async () => {
    await fork(ramet, "base", "child", [{ name: "once", payload: { word: "first" } }]);
    await waitForLine(ramet, "child", /^once: read$/);
    await ramet.client.standby("child");
    const listed = await ramet.client.mailboxes("child");
    assert.deepEqual(
      listed.find(({ name }) => name === "once"),
      {
        name: "once",
        parts: 1,
        armed: false,
        capacity_bytes: 3832,
      },
    );
    const there = await takeInventory(ramet);
    const { status, code } = await refusalOf(fork(ramet, "child", "refused", [{ name: "once", payload }]));
    assert.deepEqual([status, code], [409, "mailbox_not_armed"]);
    assert.deepEqual(await takeInventory(ramet), there);
  });

  await t.test("armed again, it takes mail", async () => {
    await ramet.client.restore("child");
    await shell(ramet, "child", "mailbox arm once");
    await ramet.client.standby("child");
    await fork(ramet, "child", "grandchild", [{ name: "once", payload: { word: "second" } }]);
    assert.equal(await readMail(ramet, "grandchild", "once"), '{"word":"second"}');
  });

  await t.test("a listing names the callers' mailboxes, with no token and no payload", async () => {
    const listed = await ramet.client.mailboxes("base");
    const expected = ["guarded", "job", "once", "stale", "twice", "wide", ...many].toSorted();
    assert.deepEqual(listed.map(({ name }) => name).toSorted(), expected);
    assert.deepEqual(
      listed.find(({ name }) => name === "wide"),
      {
        name: "wide",
        parts: 2,
        armed: true,
        capacity_bytes: 7664,
      },
    );
    assert.deepEqual(Object.keys(listed[0] ?? {}).toSorted(), ["armed", "capacity_bytes", "name", "parts"]);
  });
});

/** Takes the mail that lies in a mailbox, as a process of the guest would. */
function readMail(ramet: Ramet, name: string, mailbox: string): Promise<string> {
  return shell(ramet, name, `mailbox wait ${mailbox} --timeout 30000`);
}
