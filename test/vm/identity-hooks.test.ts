import assert from "node:assert/strict";
import { test } from "node:test";
import { bootParent, fork, refusalOf, shell, waitForLine, waitForRunning } from "./guests.ts";
import { startServer, takeInventory, type Ramet } from "./harness.ts";

/**
 * The parent has hooks, SSH host keys and seeds. Whatever runs in a child writes a line into /trace, the process that waited for
 * mail too. The slow hook takes longer than a waiting process would wait in a guest without an agent.
 */
const setUp = `
  hooks=/etc/ramet/on-fork.d
  mkdir -p $hooks /etc/ssh /usr/local/bin /var/lib/systemd /var/lib/urandom /var/lib/seedrng
  write() { printf '#!/bin/sh\\n%s\\n' "$2" > "$1"; chmod 755 "$1"; }
  write $hooks/10-who 'env | grep "^RAMET_" | sort >> /trace; echo "generation $(cat /run/ramet/generation)" >> /trace'
  write $hooks/20-licence.required 'test "$RAMET_INSTANCE_NAME" != refused || { echo printed-by-the-hook; exit 7; }'
  write $hooks/30-slow 'echo slow >> /trace; sleep 600'
  write $hooks/40-last 'echo last >> /trace; exit 4'
  write /usr/local/bin/ssh-keygen 'echo "ssh-keygen $*" >> /trace; head -c 32 /dev/urandom | sha256sum > /etc/ssh/ssh_host_rsa_key'
  echo parent > /etc/ssh/ssh_host_rsa_key
  echo parent > /etc/ssh/ssh_host_rsa_key.pub
  echo parent > /var/lib/systemd/random-seed
  echo parent > /var/lib/urandom/random-seed
  echo parent > /var/lib/seedrng/seed.credit`;

/** A disk that was set up stays as it is: children boot from it too. */
const workload = `
  [ -e /etc/ramet ] || { ${setUp}
  }
  mailbox arm job
  echo ready
  while mailbox wait job --no-ack > /dev/null; do
    echo mail >> /trace
    mailbox ack job
  done`;

const job = { name: "job", payload: { go: true }, wait_for_ack: true };

test("a child's user space is its own before it takes its mail", async (t) => {
  const ramet = await startServer(t);
  await bootParent(ramet, "base", workload);
  const names = ["one", "two"];
  for (const name of names) await fork(ramet, "base", name, [job]);

  await t.test("hooks run in order, with the child's identity, before the mail that waited for them", async () => {
    for (const name of names) {
      assert.deepEqual(await trace(ramet, name), [
        "ssh-keygen -q -t ed25519 -N  -f /etc/ssh/ssh_host_ed25519_key",
        "ssh-keygen -A",
        ...(await whoLines(ramet, name, "base")),
        "generation ",
        "slow",
        "last",
        "mail",
      ]);
    }
  });

  await t.test("a slow hook is ended and a failed one told of, and the child serves", async () => {
    for (const name of names) {
      await waitForLine(ramet, name, /^ramet: the hook 30-slow was killed: it did not end within 5000 ms$/);
      await waitForLine(ramet, name, /^ramet: the hook 40-last exited with code 4$/);
      assert.equal(await shell(ramet, name, "pidof sleep || echo none"), "none");
    }
  });

  await t.test("seeds and SSH host keys of the parent are gone, each child has keys of its own", async () => {
    const keys = new Set<string>();
    for (const name of names) {
      assert.equal(await shell(ramet, name, "cd /var/lib; ls systemd urandom seedrng | grep seed$ || true"), "");
      assert.equal(await shell(ramet, name, "ls /etc/ssh"), "ssh_host_rsa_key");
      keys.add(await hostKey(ramet, name));
    }
    assert.equal(keys.size, names.length);
    assert.ok(!keys.has("parent"));
  });

  await t.test(
    "a required hook that fails leaves no child, and the caller hears which one and how, not what it printed",
    async () => {
      const before = await takeInventory(ramet);
      const refusal = await refusalOf(fork(ramet, "base", "refused", [job]));
      const reason = "the hook 20-licence.required exited with code 7";
      assert.deepEqual([refusal.status, refusal.code], [502, "ack_failed"]);
      assert.ok(refusal.message.endsWith(`: ${reason}`), refusal.message);
      assert.deepEqual(refusal.details, { mailbox: "ramet.system", reason });
      assert.match(await ramet.log(), /"reason":"the_hook_20-licence\.required_exited_with_code_7"/);
      assert.doesNotMatch(
        JSON.stringify([refusal.message, refusal.details]) + (await ramet.log()),
        /printed-by-the-hook/,
      );
      assert.deepEqual(await takeInventory(ramet), before);
    },
  );

  await t.test("an instance that is restored keeps its SSH host keys; its hooks run again", async () => {
    const [before, key] = [await trace(ramet, "one"), await hostKey(ramet, "one")];
    const generation = await shell(ramet, "one", "cat /run/ramet/generation");
    await ramet.client.standby("one");
    await ramet.client.restore("one");
    await waitForRunning(ramet, "one");
    const again = [...(await whoLines(ramet, "one", "base")), `generation ${generation}`, "slow", "last"];
    assert.deepEqual(await trace(ramet, "one"), [...before, ...again]);
    assert.notEqual(await shell(ramet, "one", "cat /run/ramet/generation"), generation);
    assert.equal(await hostKey(ramet, "one"), key);
  });

  await t.test(
    "a child of a stopped instance has host keys of its own, and keeps them when it starts again",
    async () => {
      const parentKey = await hostKey(ramet, "two");
      await ramet.client.stop("two");
      await fork(ramet, "two", "three");
      await waitForRunning(ramet, "three");
      const key = await hostKey(ramet, "three");
      assert.match(key, /^[0-9a-f]{64} /);
      assert.notEqual(key, parentKey);
      await ramet.client.stop("three");
      await ramet.client.start("three");
      await waitForRunning(ramet, "three");
      assert.equal(await hostKey(ramet, "three"), key);
    },
  );
});

async function trace(ramet: Ramet, name: string): Promise<string[]> {
  return (await shell(ramet, name, "cat /trace")).split("\n");
}

/** The environment that a hook of that child must have seen. */
async function whoLines(ramet: Ramet, name: string, parent: string): Promise<string[]> {
  const [{ id }, { id: parentId }] = [await ramet.client.get(name), await ramet.client.get(parent)];
  return [
    `RAMET_GENERATION=${await shell(ramet, name, "cat /run/ramet/generation")}`,
    `RAMET_HOSTNAME=${name}`,
    `RAMET_INSTANCE_ID=${id}`,
    `RAMET_INSTANCE_NAME=${name}`,
    `RAMET_PARENT_ID=${parentId}`,
  ];
}

function hostKey(ramet: Ramet, name: string): Promise<string> {
  return shell(ramet, name, "cat /etc/ssh/ssh_host_rsa_key");
}
