import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import type { ForkedInstance } from "../../src/client/shapes.ts";
import { compileForGuest } from "./guest-program.ts";
import { boot, bootParent, fork, refusalOf, shell, waitForLine } from "./guests.ts";
import { startServer, takeInventory, undoOf, type Ramet } from "./harness.ts";

/**
 * Says on its console where its ack is awaited, asks the test's own server when to go on, if it is told to, and then sends exactly the
 * datagrams that its mail lists, N in them being the nonce.
 */
const workload = `
  mkfifo /run/go
  mailbox arm foo
  echo "waits for its program"
  read -r _ < /run/go
  echo ready
  mail=$(mailbox wait foo --no-ack)
  member() { printf '%s' "$mail" | sed -n "s/.*\\"$1\\":\\"*\\([^\\",}]*\\).*/\\1/p"; }
  host=$(member ack_host) port=$(member ack_port) nonce=$(member ack_nonce)
  echo "awaited at $host:$port nonce $nonce"
  [ -z "$(member ask)" ] || wget -q -O /dev/null "http://$host:$(member ask)/"
  flood=$(member flood)
  [ -z "$flood" ] || /tmp/send-datagram $host $port -n $flood "stage=applied mailbox=foobar nonce=$nonce"
  [ -z "$flood" ] || echo "flooded $flood"
  set -f
  IFS='|'
  set -- $(member send | sed "s/N/$nonce/g")
  [ $# = 0 ] || /tmp/send-datagram $host $port "$@"
  echo "sent $#"
  sleep 100000`;

/** Ends the host's wait: had one of the datagrams before it been taken for the ack, the fork would have succeeded. */
const lastWord = "stage=failed mailbox=foo nonce=N reason=last_word";

test("only the child's own word for exactly this mailbox is its ack", async (t) => {
  const ramet = await startServer(t);
  await bootSender(ramet, await compileForGuest(t, "send-datagram.c"));
  const before = await takeInventory(ramet);

  const strangers = {
    "an ack for foobar": "stage=applied mailbox=foobar nonce=N",
    "a name in another case": "stage=applied mailbox=Foo nonce=N",
    "a stage in another case": "stage=APPLIED mailbox=foo nonce=N",
    "free text that contains stage=applied": "all is well: stage=applied mailbox=foo nonce=N",
    "a wrong nonce": "stage=applied mailbox=foo nonce=00000000000000000000000000000000",
    "a repeated key": "stage=applied mailbox=foo nonce=N stage=applied",
    "no mailbox": "stage=applied nonce=N",
  };
  for (const [what, datagram] of Object.entries(strangers)) {
    await t.test(`${what} is passed over`, async () => {
      const refusal = await refusalOf(ask(ramet, { name: "stranger", send: [datagram, lastWord] }));
      assert.deepEqual(
        [refusal.status, refusal.code, refusal.details],
        [502, "ack_failed", { mailbox: "foo", reason: "last_word" }],
      );
      assert.deepEqual(await takeInventory(ramet), before);
    });
  }

  await t.test("the ack counts in any order of its fields, after all of those", async () => {
    const send = [...Object.values(strangers), "nonce=N mailbox=foo stage=applied", lastWord];
    const child = await ask(ramet, { name: "sibling", send });
    assert.deepEqual(outcomesOf(child), [["foo", true, true]]);
    await waitForLine(ramet, "sibling", new RegExp(`^sent ${send.length}$`));
    assert.equal((await ramet.client.get("sibling")).state, "Running");
  });

  await t.test("a perfect ack from the host, and one from a sibling, are passed over", async (sub) => {
    const crossing = await openCrossing(sub);
    const refused = refusalOf(ask(ramet, { name: "asker", send: [lastWord], ask: crossing.port }));
    const [goOn] = await crossing.nextRequest;
    const [, port, nonce] = await waitForLine(ramet, "asker", /^awaited at 10\.0\.2\.2:(\d+) nonce ([0-9a-f]+)$/);
    const perfect = `stage=applied mailbox=foo nonce=${nonce ?? "none"}`;
    await sendFromHere(Number(port), perfect);
    await shell(ramet, "sibling", `/tmp/send-datagram 10.0.2.2 ${port ?? "0"} "${perfect}"`);
    goOn();
    const refusal = await refused;
    assert.deepEqual([refusal.status, refusal.code, refusal.details?.["reason"]], [502, "ack_failed", "last_word"]);
    await ramet.client.delete("sibling");
    assert.deepEqual(await takeInventory(ramet), before);
  });

  await t.test(
    "a guest that floods its ack socket with 100,000 datagrams delays neither its own ack nor another's",
    async (sub) => {
      const crossing = await openCrossing(sub);
      const good = "stage=applied mailbox=foo nonce=N";
      const flooding = ask(ramet, { name: "flooder", send: [good], ask: crossing.port, flood: 100_000 });
      const [goOn] = await crossing.nextRequest;
      goOn();
      assert.deepEqual(outcomesOf(await ask(ramet, { name: "other", send: [good] })), [["foo", true, true]]);
      assert.deepEqual(outcomesOf(await flooding), [["foo", true, true]]);
      await waitForLine(ramet, "flooder", /^flooded 100000$/);
      for (const name of ["flooder", "other"]) await ramet.client.delete(name);
      assert.deepEqual(await takeInventory(ramet), before);
    },
  );

  await t.test("a silent guest is a 504, and nothing of it is left", async () => {
    const refusal = await refusalOf(ask(ramet, { name: "silent", send: [], ackTimeoutMs: 300 }));
    assert.deepEqual([refusal.status, refusal.code], [504, "ack_timeout"]);
    assert.match(refusal.message, /mailbox "foo"/);
    assert.deepEqual(await takeInventory(ramet), before);
  });

  await t.test("with keep, the silent child stays and the answer says that no ack came", async () => {
    const child = await ask(ramet, { name: "kept", send: [], ackTimeoutMs: 300, keep: true });
    assert.equal(child.state, "Running");
    assert.deepEqual(outcomesOf(child), [["foo", true, false]]);
    assert.equal(await shell(ramet, "kept", "hostname"), "kept");
    await ramet.client.delete("kept");
  });

  await t.test("keep does not keep a child that reports a failure", async () => {
    const refusal = await refusalOf(ask(ramet, { name: "failed", send: [lastWord], keep: true }));
    assert.deepEqual([refusal.status, refusal.code], [502, "ack_failed"]);
    assert.deepEqual(await takeInventory(ramet), before);
  });

  await t.test("without wait_for_ack nothing is added to the mail and nothing is awaited", async () => {
    const payload = { send: "", ask: "", flood: "" };
    const child = await fork(ramet, "base", "unasked", [{ name: "foo", payload }]);
    assert.deepEqual(outcomesOf(child), [["foo", true, null]]);
    await waitForLine(ramet, "unasked", /^awaited at : nonce $/);
    await ramet.client.delete("unasked");
  });
});

interface Asked {
  readonly name: string;
  readonly send: readonly string[];
  /** Port of the test's own server that the guest asks before it sends. */
  readonly ask?: number;
  /** So many datagrams that are no ack, sent first. */
  readonly flood?: number;
  readonly ackTimeoutMs?: number;
  readonly keep?: boolean;
}

function ask(ramet: Ramet, { name, send, ask: port, flood, ackTimeoutMs, keep }: Asked): Promise<ForkedInstance> {
  const payload = { send: send.join("|"), ask: String(port ?? ""), flood: String(flood ?? "") };
  const mailbox = { name: "foo", payload, wait_for_ack: true, ack_timeout_ms: ackTimeoutMs ?? 30_000 };
  return fork(ramet, "base", name, [{ ...mailbox, on_ack_timeout: keep === true ? "keep" : "destroy" }]);
}

function outcomesOf({ mailboxes }: ForkedInstance): unknown[] {
  return mailboxes.map(({ name, delivered, acked }) => [name, delivered, acked]);
}

/** Boots the parent, gives it the program that sends, and puts it in standby while it waits for its mail. */
async function bootSender(ramet: Ramet, program: Uint8Array): Promise<void> {
  await boot(ramet, "base", workload);
  await waitForLine(ramet, "base", /^waits for its program$/);
  await shell(ramet, "base", "cat > /tmp/send-datagram && chmod +x /tmp/send-datagram", program);
  await shell(ramet, "base", "echo go > /run/go");
  await waitForLine(ramet, "base", /^ready$/);
  await ramet.client.standby("base");
}

/** Sends a datagram to this host's own port and resolves when it lies in the receiver's queue. */
async function sendFromHere(port: number, text: string): Promise<void> {
  const socket = createSocket("udp4");
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  socket.send(text, port, "127.0.0.1", (failure) => {
    if (failure === null) resolve(undefined);
    else reject(failure);
  });
  await promise.finally(() => socket.close());
}

/** A server that guests ask before they go on; each request is answered when the test says so. */
async function openCrossing(context: TestContext): Promise<{ port: number; nextRequest: Promise<[() => void]> }> {
  const server: Server = createServer();
  undoOf(context).push(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const nextRequest = once(server, "request", { signal: AbortSignal.timeout(30_000) }).then(
    ([, response]: { end: () => void }[]): [() => void] => [
      () => {
        response?.end();
      },
    ],
  );
  return { port: (server.address() as AddressInfo).port, nextRequest };
}

test("a child whose words reach nobody is asked by its agent's channel, and is itself", async (t) => {
  const ramet = await startServer(t);
  await bootParent(
    ramet,
    "base",
    "ip route add blackhole 10.0.2.2/32; mailbox arm job; echo ready; mailbox wait job; sleep 100000",
  );
  await fork(ramet, "base", "child", [{ name: "job", payload: { a: 1 } }]);
  assert.equal(await shell(ramet, "child", "hostname"), "child");
  await waitForLine(ramet, "child", /the identity's ack was not sent/);
});
