/** A server of a user without rights: what it can do, and what it refuses before anything is made. */
import assert from "node:assert/strict";
import { chown, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { tarOf } from "../fixtures/oci-image.ts";
import { isRoot, ownIds } from "../fixtures/own-ids.ts";
import { boot, fork, refusalOf, shell, waitForLine } from "./guests.ts";
import { makeDataDir, startServer, takeInventory } from "./harness.ts";
import { isInside, isWithinReach, runWithinReach, whyOutOfReach } from "./own-namespace.ts";

/** `nobody` of every Debian; a test run of another user is that already. */
const user = isRoot ? { uid: 65534, gid: 65534 } : ownIds;

const title = "a server that is not root boots and forks, and refuses in a sentence what only root can do";
if (!isRoot || isInside || isWithinReach()) test(title, testNotRoot);
else if (whyOutOfReach() === false) await runWithinReach(import.meta.filename);
else test(title, { skip: whyOutOfReach() });

async function testNotRoot(t: TestContext): Promise<void> {
  const dataDir = await makeDataDir(t);
  if (isRoot) await chown(dataDir, user.uid, user.gid);
  const ramet = await startServer(t, dataDir, { user });
  const { client } = ramet;

  await t.test("images are not pulled, and nobody is asked for them", async () => {
    const refusal = await refusalOf(client.pullImage({ name: "127.0.0.1:1/any:1" }));
    assert.deepEqual([refusal.status, refusal.code], [501, "not_supported"]);
    assert.match(refusal.message, /only root can unpack .* run the server as root\. ramet\/base works/);
    assert.deepEqual(
      (await client.images()).map(({ name }) => name),
      ["ramet/base"],
    );
    for (const folder of ["roots", "making", "blobs/sha256"])
      assert.deepEqual(await readdir(join(dataDir, "images", folder)), []);
  });

  await t.test(
    "an archive whose files are another's makes no volume; one whose files are the server's does",
    async () => {
      const send = async (name: string, owner: { uid: number; gid: number }) => {
        const archive = gzipSync(await tarOf([{ name: "words", content: "one two", ...owner }]));
        return client.createVolumeFromArchive({ name, size_gb: 1 }, new Blob([new Uint8Array(archive)]).stream());
      };
      const refusal = await refusalOf(send("theirs", { uid: user.uid + 1, gid: user.gid }));
      assert.deepEqual([refusal.status, refusal.code], [501, "not_supported"]);
      assert.match(refusal.message, new RegExp(`"words" belongs to .*--owner=${user.uid} --group=${user.gid}`));
      assert.deepEqual(await readdir(join(dataDir, "volumes")), []);
      assert.equal((await send("ours", user)).name, "ours");
    },
  );

  await t.test("no instance has an address on a bridge", async () => {
    const request = { name: "bridged", image: "ramet/base", network: { mode: "bridge" as const } };
    const refusal = await refusalOf(client.create(request));
    assert.deepEqual([refusal.status, refusal.code], [501, "not_supported"]);
    assert.match(refusal.message, /root/);
    assert.deepEqual((await takeInventory(ramet)).directories, []);
  });

  await t.test("ramet/base boots with a volume and a disk of its own size, and children get their mail", async () => {
    await boot(ramet, "base", "mailbox arm job; echo ready; echo mail: $(mailbox wait job); sleep 100000", {
      overlay_size: "100MB",
      volumes: [{ volume_id: "ours", mount_path: "/mnt/ours", readonly: true, overlay: true, overlay_size: "100MB" }],
    });
    await waitForLine(ramet, "base", /^ready$/);
    await client.standby("base");
    await fork(ramet, "base", "child", [{ name: "job", payload: { shard: 1 }, wait_for_ack: true }]);
    await waitForLine(ramet, "child", /^mail: \{"shard":1,/);
    assert.equal(
      await shell(ramet, "child", "cat /mnt/ours/words; touch /mnt/ours/more; stat -c %u /mnt/ours/words"),
      `one two${user.uid}`,
    );
  });
}
