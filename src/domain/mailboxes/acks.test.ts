import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { OperatingError } from "../../errors.ts";
import { ackOf, openAckSocket, parseAck, type AckMatch, type AckSocket, type ReceivedAck } from "./acks.ts";

interface AckVector {
  readonly datagram: string;
  readonly mailbox: string;
  readonly nonce: string | null;
  readonly verdict: "applied" | "failed" | "ignored";
}

const vectorsPath = new URL("../../../guest/protocol/vectors.json", import.meta.url);
const vectors = (JSON.parse(readFileSync(vectorsPath, "utf8")) as { acks: readonly AckVector[] }).acks;
const never = new AbortController().signal;
const anyone = (): Promise<boolean> => Promise.resolve(true);

function job(name = "job", nonce = "n1"): AckMatch {
  return ackOf({ mailbox: name, nonce, requireNonce: false });
}

async function openSocket(t: TestContext, queueLength = 256): Promise<AckSocket> {
  const acks = await openAckSocket("127.0.0.1", { queueLength });
  t.after(() => acks.close());
  return acks;
}

function guest(t: TestContext): Socket {
  const socket = createSocket("udp4");
  t.after(() => socket.close());
  return socket;
}

/** Resolves when the socket has read the datagram: on loopback it is there when it was sent, and one turn of the event loop polls. */
async function send(socket: Socket, acks: AckSocket, datagram: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.send(datagram, acks.port, "127.0.0.1", (failure) => {
      if (failure === null) resolve();
      else reject(failure);
    });
  });
  await setImmediate();
}

/** What the host says to that socket. */
function answersTo(socket: Socket): { readonly texts: string[]; count(wanted: number): Promise<void> } {
  const texts: string[] = [];
  socket.on("message", (datagram) => texts.push(datagram.toString("utf8")));
  const limit = AbortSignal.timeout(10_000);
  return {
    texts,
    async count(wanted) {
      while (texts.length < wanted) await once(socket, "message", { signal: limit });
    },
  };
}

function wait(acks: AckSocket, match: AckMatch, mailbox = "job", timeoutMs = 10_000): Promise<ReceivedAck> {
  return acks.waitFor(match, { mailbox, timeoutMs, signal: never });
}

function refusedWith(code: string): (failure: unknown) => boolean {
  return (failure) => failure instanceof OperatingError && failure.code === code;
}

test("judges every datagram of the protocol's vectors as they do", () => {
  assert.ok(vectors.length > 0);
  for (const { datagram, mailbox, nonce, verdict } of vectors) {
    const ack = parseAck(datagram);
    const matches = ack !== null && ackOf({ mailbox, nonce: nonce ?? "none", requireNonce: false })(ack);
    assert.equal(matches ? ack.stage : "ignored", verdict, datagram);
  }
});

test("an ack without a nonce counts unless a nonce is required; a wrong one never does", () => {
  const ack = { stage: "applied", mailbox: "job", nonce: null, reason: null, wantsAnswer: false } as const;
  assert.equal(ackOf({ mailbox: "job", nonce: "n", requireNonce: false })(ack), true);
  assert.equal(ackOf({ mailbox: "job", nonce: "n", requireNonce: true })(ack), false);
  for (const requireNonce of [true, false]) {
    assert.equal(ackOf({ mailbox: "job", nonce: "n", requireNonce })({ ...ack, nonce: "n" }), true);
    assert.equal(ackOf({ mailbox: "job", nonce: "n", requireNonce })({ ...ack, nonce: "N" }), false);
  }
});

test("the order of fields does not matter, a repeated key voids, and any text is judged without an error", () => {
  const word = fc.stringMatching(/^[A-Za-z0-9._:-]{1,20}$/);
  fc.assert(
    fc.property(word, word, fc.boolean(), fc.constantFrom(" ", "\n", " \t "), (mailbox, nonce, isReversed, space) => {
      const fields = ["stage=applied", `mailbox=${mailbox}`, `nonce=${nonce}`];
      const text = (isReversed ? fields.reverse() : fields).join(space);
      assert.deepEqual(parseAck(text), { stage: "applied", mailbox, nonce, reason: null, wantsAnswer: false });
      for (const field of fields) assert.equal(parseAck(`${text}${space}${field}`), null);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const ack = parseAck(text);
      assert.ok(ack === null || text.includes(`mailbox=${ack.mailbox}`));
    }),
  );
});

test("foo is not satisfied by foobar, by free text, by a wrong nonce or by another case", async (t) => {
  const [acks, child] = [await openSocket(t), guest(t)];
  acks.setSender(anyone);
  const acked = wait(acks, job("foo"), "foo");
  const unfit = [
    "stage=applied mailbox=foobar nonce=n1",
    "the guest is at stage=applied mailbox=foo",
    "stage=applied mailbox=foo nonce=n2",
    "stage=applied mailbox=Foo nonce=n1",
    "stage=applied mailbox=foo mailbox=foo",
    `stage=applied mailbox=foo nonce=n1 fill=${"x".repeat(1024)}`,
  ];
  for (const datagram of unfit) await send(child, acks, datagram);
  await send(child, acks, "nonce=n1 mailbox=foo took_ms=3 stage=applied\n");
  const { receivedAtMs, ...ack } = await acked;
  assert.deepEqual(ack, { stage: "applied", mailbox: "foo", nonce: "n1", reason: null, wantsAnswer: false });
  assert.ok(receivedAtMs > 0);
  assert.equal(acks.ignoredCount, unfit.length);
});

test("an ack from another sender is not the child's", async (t) => {
  const [acks, child, stranger] = [await openSocket(t), guest(t), guest(t)];
  await send(stranger, acks, "stage=applied mailbox=job nonce=n1");
  const asked: number[] = [];
  const acked = wait(acks, job());
  await new Promise<void>((resolve) => child.bind(0, "127.0.0.1", resolve));
  acks.setSender((address, port) => {
    assert.equal(address, "127.0.0.1");
    asked.push(port);
    return Promise.resolve(port === child.address().port);
  });
  await send(stranger, acks, "stage=applied mailbox=job nonce=n1");
  await send(child, acks, "stage=applied mailbox=job nonce=n1");
  await acked;
  assert.deepEqual(asked, [stranger.address().port, stranger.address().port, child.address().port]);
  assert.equal(acks.ignoredCount, 2);
});

test("an ack that comes before the wait, and before the child is known, is kept", async (t) => {
  const [acks, child, other] = [await openSocket(t), guest(t), guest(t)];
  acks.setSender(anyone);
  const marker = wait(acks, job("marker"), "marker");
  await send(child, acks, "stage=applied mailbox=job nonce=n1");
  await send(other, acks, "stage=applied mailbox=marker nonce=n1");
  await marker;
  assert.equal(acks.ignoredCount, 1);
  assert.equal((await wait(acks, job())).mailbox, "job");
  assert.equal(acks.ignoredCount, 0);
});

test("waits run side by side, each with its own ack and deadline", async (t) => {
  const [acks, child] = [await openSocket(t), guest(t)];
  acks.setSender(anyone);
  const names = Array.from({ length: 16 }, (_, index) => `m${String(index)}`);
  const silent = wait(acks, job("silent"), "silent", 1);
  const waits = names.map((name) => wait(acks, job(name), name));
  await assert.rejects(silent, refusedWith("ack_timeout"));
  for (const name of names.toReversed()) await send(child, acks, `stage=applied mailbox=${name} nonce=n1`);
  assert.deepEqual(
    (await Promise.all(waits)).map(({ mailbox }) => mailbox),
    names,
  );
});

test("a guest that reports a failure ends its own wait at once, with its reason", async (t) => {
  const [acks, child] = [await openSocket(t), guest(t)];
  acks.setSender(anyone);
  const failed = assert.rejects(wait(acks, job()), {
    code: "ack_failed",
    message: 'the guest could not apply mailbox "job": crc_mismatch',
    details: { mailbox: "job", reason: "crc_mismatch" },
  });
  const other = wait(acks, job("other"), "other");
  await send(child, acks, "stage=failed mailbox=job nonce=n1 reason=crc_mismatch");
  await send(child, acks, "stage=applied mailbox=other nonce=n1");
  await Promise.all([failed, other]);
});

test("a failure of somebody else's does not end the wait", async (t) => {
  const [acks, child, stranger] = [await openSocket(t), guest(t), guest(t)];
  await new Promise<void>((resolve) => child.bind(0, "127.0.0.1", resolve));
  acks.setSender((_, port) => Promise.resolve(port === child.address().port));
  const acked = wait(acks, job());
  await send(stranger, acks, "stage=failed mailbox=job reason=forged");
  await send(child, acks, "stage=applied mailbox=job nonce=n1");
  assert.equal((await acked).stage, "applied");
});

test("the ack that counts is answered when that was asked, each time it comes again, and nothing else is", async (t) => {
  const [acks, child, stranger] = [await openSocket(t), guest(t), guest(t)];
  const [heard, overheard] = [answersTo(child), answersTo(stranger)];
  await new Promise<void>((resolve) => child.bind(0, "127.0.0.1", resolve));
  acks.setSender((_, port) => Promise.resolve(port === child.address().port));
  const [first, second] = [wait(acks, job("first"), "first"), wait(acks, job("second"), "second")];
  const ack = "stage=applied mailbox=first nonce=n1 answer=yes";
  for (const unfit of [
    "noise answer=yes",
    "stage=applied mailbox=third nonce=n1 answer=yes",
    "stage=applied mailbox=first nonce=n2 answer=yes",
  ]) {
    await send(child, acks, unfit);
  }
  await send(stranger, acks, ack);
  await send(child, acks, ack);
  await first;
  await send(stranger, acks, ack);
  await send(child, acks, ack);
  await send(child, acks, "stage=applied mailbox=second nonce=n1");
  await second;
  await send(child, acks, "stage=failed mailbox=second reason=no_nonce answer=yes");
  await heard.count(3);
  assert.deepEqual(heard.texts, [
    "stage=heard mailbox=first nonce=n1",
    "stage=heard mailbox=first nonce=n1",
    "stage=heard mailbox=second",
  ]);
  assert.deepEqual(overheard.texts, []);
  assert.equal(acks.ignoredCount, 7);
});

test("the answer has left when the socket is closed as soon as its ack counts", async (t) => {
  const [acks, child] = [await openSocket(t), guest(t)];
  const heard = answersTo(child);
  acks.setSender(anyone);
  const failed = assert.rejects(wait(acks, job()), refusedWith("ack_failed"));
  await send(child, acks, "stage=failed mailbox=job nonce=n1 reason=full answer=yes");
  await failed;
  await acks.close();
  await heard.count(1);
  assert.deepEqual(heard.texts, ["stage=heard mailbox=job nonce=n1"]);
});

test("a silent guest is an ack_timeout whose words hold no nonce", async (t) => {
  const acks = await openSocket(t);
  const match = job("job", "nonce-hunter2");
  await assert.rejects(wait(acks, match, "job", 1), (failure) => {
    assert.ok(failure instanceof OperatingError);
    assert.equal(failure.code, "ack_timeout");
    return !JSON.stringify([failure.message, failure.details]).includes("hunter2");
  });
});

test("an abort and a close end the waits", async (t) => {
  const acks = await openSocket(t);
  const reason = new Error("the fork was given up");
  const aborted = acks.waitFor(job(), { mailbox: "job", timeoutMs: 10_000, signal: AbortSignal.abort(reason) });
  await assert.rejects(aborted, reason);
  const closed = assert.rejects(wait(acks, job()), { name: "AbortError" });
  await acks.close();
  await closed;
  await acks.close();
  await assert.rejects(wait(acks, job()), { name: "AbortError" });
});

test("a sender check that fails, fails the wait and not the process", async (t) => {
  const [acks, child] = [await openSocket(t), guest(t)];
  const broken = new Error("no such process");
  acks.setSender(() => Promise.reject(broken));
  const failed = assert.rejects(wait(acks, job()), broken);
  await send(child, acks, "stage=applied mailbox=job nonce=n1");
  await failed;
});

test("a flood of 10,000 datagrams before and during the wait does not hide the ack", async (t) => {
  const [acks, child] = [await openSocket(t, 16), guest(t)];
  let checks = 0;
  acks.setSender(() => {
    checks += 1;
    return anyone();
  });
  const flood = async (count: number): Promise<void> => {
    for (let sent = 0; sent < count; sent += 1) {
      await send(child, acks, sent % 2 === 0 ? "noise" : `stage=applied mailbox=other nonce=${String(sent)}`);
    }
  };
  await flood(5000);
  const acked = wait(acks, job());
  await flood(5000);
  await send(child, acks, "stage=applied mailbox=job nonce=n1");
  await acked;
  assert.equal(checks, 1, "only what matches a wait costs a sender check");
  assert.equal(acks.ignoredCount, 10_000);
});

test("the queue of early acks is bounded and keeps the newest", async (t) => {
  const [acks, child] = [await openSocket(t, 2), guest(t)];
  acks.setSender(anyone);
  for (const name of ["a", "b", "c"]) await send(child, acks, `stage=applied mailbox=${name} nonce=n1`);
  await wait(acks, job("c"), "c");
  await wait(acks, job("b"), "b");
  await assert.rejects(wait(acks, job("a"), "a", 1), refusedWith("ack_timeout"));
});
