/** The files of /etc that say who a guest is: in memory while it runs, so that no child waits for its disk, and on the disk when it is off. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { boot, fork, shell, waitForLine, waitForRunning } from "./guests.ts";
import { makeDataDir, startServer } from "./harness.ts";

const workload = `
  mailbox arm job
  echo ready
  while mail=$(mailbox wait job); do echo "mail: $mail"; done`;

/**
 * What the guest has written to its disk, once it has written all it has to: sectors, of Documentation/block/stat.rst. A sync may
 * leave the journal something to note, which the next one writes.
 */
const writesToDisk = `
  writes() { sync; awk '{ print $7 }' /sys/block/vdb/stat; }
  seen=$(writes)
  while now=$(writes); [ "$now" != "$seen" ]; do seen=$now; done
  echo $now`;

test("a child is itself without writing its disk, and stays so when it is switched off", async (t) => {
  const dataDir = await makeDataDir(t);
  const ramet = await startServer(t, dataDir);
  const { client } = ramet;
  await boot(ramet, "base", workload);
  await waitForLine(ramet, "base", /^ready$/);

  await t.test("a child takes its name and writes nothing", async () => {
    await shell(ramet, "base", "echo '10.1.2.3 database' >> /etc/hosts");
    const before = Number(await shell(ramet, "base", writesToDisk));
    assert.ok(before > 0, "the counter counts what the boot wrote");
    await client.standby("base");
    await fork(ramet, "base", "a-child-with-a-long-name", [{ name: "job", payload: { n: 1 }, wait_for_ack: true }]);
    const said = await shell(ramet, "a-child-with-a-long-name", `hostname; cat /etc/hostname; ${writesToDisk}`);
    assert.deepEqual(said.split("\n"), ["a-child-with-a-long-name", "a-child-with-a-long-name", String(before)]);
  });

  await t.test("its name is in /etc/hosts in place of its parent's, beside what was there", async () => {
    assert.deepEqual((await shell(ramet, "a-child-with-a-long-name", "cat /etc/hosts")).split("\n"), [
      "127.0.0.1\tlocalhost",
      "::1\tlocalhost",
      "10.1.2.3 database",
      "127.0.1.1\ta-child-with-a-long-name",
    ]);
  });

  await t.test(
    "a shorter name leaves nothing of the longer one, whatever became of the file's mode and size",
    async () => {
      const grown = "seq 2000 | sed 's/^/# /' >> /etc/hosts; chmod 600 /etc/hosts /etc/hostname";
      await shell(ramet, "a-child-with-a-long-name", grown);
      await client.standby("a-child-with-a-long-name");
      await fork(ramet, "a-child-with-a-long-name", "short", [{ name: "job", payload: { n: 2 }, wait_for_ack: true }]);
      assert.equal(
        await shell(
          ramet,
          "short",
          "cat /etc/hostname; grep -v '^#' /etc/hosts | sed -n '3,$p'; grep -c '^#' /etc/hosts",
        ),
        "short\n10.1.2.3 database\n127.0.1.1\tshort\n2000",
      );
    },
  );

  await t.test("what is copied to such a file replaces its content", async () => {
    const from = join(dataDir, "hosts");
    await writeFile(from, "127.0.0.1\tlocalhost\n127.0.1.1\tshort\n10.4.5.6 cache\n");
    await client.copyTo("short", { from, to: "/etc/hosts" });
    assert.equal(
      await shell(ramet, "short", "cat /etc/hosts; ls -A /etc | grep ramet-cp || true"),
      ["127.0.0.1\tlocalhost", "127.0.1.1\tshort", "10.4.5.6 cache"].join("\n"),
    );
  });

  await t.test(
    "switched off and on, it has its lines, its name once, and its disk says that it is its own",
    async () => {
      for (let boots = 0; boots < 2; boots++) {
        await client.stop("short");
        await client.start("short");
        await waitForRunning(ramet, "short");
      }
      const { id } = await client.get("short");
      assert.equal(
        await shell(ramet, "short", "cat /etc/hosts /var/lib/ramet/instance-id"),
        `127.0.0.1\tlocalhost\n10.4.5.6 cache\n127.0.1.1\tshort\n${id}`,
      );
    },
  );
});
