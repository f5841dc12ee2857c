/**
 * Every way of having a mailbox keeps the same contract: the libraries' examples and the `mailbox` command are run against a
 * directory of this machine, and mail is put into their frames as a host would. The C programs run with sanitizers.
 */
import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { crc32 } from "node:zlib";
import {
  compilePrograms,
  Host,
  implementations,
  mailboxProcesses,
  removePrograms,
  token,
  Worker,
} from "../../test/fixtures/mailbox-worker.ts";

interface MailboxFrame {
  readonly name: string;
  readonly token: string;
  readonly part_index: number;
  readonly part_count: number;
  readonly sequence: number;
  readonly frame_base64: string;
}
interface Delivery {
  readonly name: string;
  readonly token: string;
  readonly generation: string;
  readonly payload_text: string;
  readonly frames_base64: readonly string[];
}
interface Vectors {
  readonly mailbox_frames: readonly MailboxFrame[];
  readonly deliveries: readonly Delivery[];
}

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, "../protocol/vectors.json"), "utf8")) as Vectors;
const mailboxCommand = implementations["the mailbox command"] ?? assert.fail("the command is one of them");
const generation = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const foreignGeneration = "ffffffffffff4fff8fffffffffffffff";

before(compilePrograms);
after(removePrograms);

for (const [subject, command] of Object.entries(implementations)) {
  describe(subject, () => {
    test("arms the frames of the contract, byte for byte but for the time", async () => {
      for (const parts of [1, 3]) {
        await using worker = await Worker.start(command, "job", parts);
        const expected = vectors.mailbox_frames
          .filter((frame) => frame.sequence === 0 && frame.token === token && frame.part_count === parts)
          .map((frame) => armedFrame(frame, "job"));
        assert.deepEqual(worker.frames().map(withoutTime), expected.map(withoutTime));
        assert.ok(worker.frames().every((frame) => frame.readBigUInt64LE(16) > 0n));
        assert.equal(new Set(worker.frames().map((frame) => frame.readBigUInt64LE(16))).size, 1);
        assert.equal(statSync(worker.path).mode & 0o777, 0o600);
      }
    });

    for (const delivery of vectors.deliveries) {
      test(`takes the delivery to ${delivery.name} as it was sent, and leaves none of it behind`, async () => {
        await using worker = await Worker.start(command, delivery.name, delivery.frames_base64.length);
        worker.deliver(delivery.frames_base64.map((frame) => Buffer.from(frame, "base64")));
        worker.announce(delivery.generation);
        assert.deepEqual(await worker.ended(), { code: 0, stdout: `${delivery.payload_text}\n` });
        for (const frame of worker.frames()) {
          assert.equal(frame.readUInt32LE(256), 2, "consumed");
          assert.ok(
            frame.subarray(264).every((byte) => byte === 0),
            "the payload is erased",
          );
          assert.deepEqual([frame.readUInt32LE(240), frame.readUInt32LE(260)], [0, 0], "its checksum and length too");
        }
      });
    }

    test("acknowledges with the nonce it was given", async () => {
      await using host = await Host.listen();
      await using worker = await Worker.start(command, "job", 1);
      worker.deliver([mail(host.payload({ shard: 1 }))]);
      worker.announce(generation);
      assert.equal(await host.datagram(), "stage=applied mailbox=job nonce=n-1");
      assert.equal((await worker.ended()).code, 0);
    });

    test("refuses corrupt mail, says so, and does not print it", async () => {
      await using host = await Host.listen();
      await using worker = await Worker.start(command, "job", 1);
      const corrupt = mail(host.payload({ shard: 1 }));
      corrupt.writeUInt8(corrupt.readUInt8(240) ^ 1, 240);
      worker.deliver([corrupt]);
      worker.announce(generation);
      assert.equal(await host.datagram(), "stage=failed mailbox=job nonce=n-1 reason=crc_mismatch");
      assert.deepEqual(await worker.ended(), { code: 1, stdout: "" });
    });

    test("ends with 124 when no mail came in time", async () => {
      await using worker = await Worker.start(command, "job", 1, 20);
      assert.deepEqual(await worker.ended(), { code: 124, stdout: "" });
      assert.equal(worker.frames()[0]?.readUInt32LE(256), 0, "still armed");
    });

    test("takes mail that has waited as soon as this VM has the identity that came with it", async () => {
      await using worker = await Worker.start(command, "job", 1);
      worker.announce(foreignGeneration);
      worker.deliver([mail("{}")]);
      worker.announce(generation);
      assert.deepEqual(await worker.ended(), { code: 0, stdout: "{}\n" });
    });

    test("takes mail without the agent's word when no agent gives it", async () => {
      await using worker = await Worker.start(command, "job", 1);
      worker.deliver([mail("{}")]);
      assert.deepEqual(await worker.ended(), { code: 0, stdout: "{}\n" });
    });
  });
}

/** Longer than the two looks after which mail is taken where no agent says anything. All at once, for each of them only waits. */
const longerThanWithoutAgentMs = 3000;

describe("where an agent says whose identity this VM has, mail of another one stays", { concurrency: true }, () => {
  for (const [subject, command] of Object.entries(implementations)) {
    for (const [what, said] of [
      ["none yet", null],
      ["another's", foreignGeneration],
    ] as const) {
      test(`${subject}: it is ${what}`, async () => {
        await using worker = await Worker.start(command, "job", 1, longerThanWithoutAgentMs, (directory) => {
          writeFileSync(join(directory, "generation"), "");
        });
        worker.deliver([mail('{"early":true}')]);
        if (said !== null) worker.announce(said);
        assert.deepEqual(await worker.ended(), { code: 124, stdout: "" });
        const [frame] = worker.frames();
        assert.deepEqual(frame?.subarray(224), mail('{"early":true}').subarray(224), "nobody has touched it");
      });
    }
  }
});

describe("the mailbox command", () => {
  test("wait takes mail that came before it was called, and arms again afterwards", async () => {
    await using worker = await Worker.start(() => ["sh", "-c", "mailbox arm job; echo armed >&2; cat"], "job", 1);
    worker.deliver([mail('{"first":1}')]);
    worker.announce(generation);
    assert.equal(worker.run("wait", "job").stdout, '{"first":1}\n');
    assert.match(worker.run("ls").stdout, /^job +1 consumed\n$/);
    assert.deepEqual(worker.run("wait", "job", "--timeout", "0"), { code: 124, stdout: "" });
    assert.equal(worker.run("ls", "--json").stdout, '[{"name":"job","parts":1,"state":"armed"}]\n');
  });

  test("ack goes where wait --no-ack was told to, once", async () => {
    await using host = await Host.listen();
    await using worker = await Worker.start(() => ["sh", "-c", "mailbox arm job; echo armed >&2; cat"], "job", 1);
    worker.deliver([mail(host.payload({}))]);
    worker.announce(generation);
    assert.equal(worker.run("wait", "job", "--no-ack").code, 0);
    assert.equal(worker.run("ack", "job", "--failed", "no room left").code, 0);
    assert.equal(await host.datagram(), "stage=failed mailbox=job nonce=n-1 reason=no_room_left");
    assert.equal(worker.run("ack", "job").code, 1);
  });

  test("an ack that is answered is not said again, and no process stays for it", async () => {
    await using host = await Host.listen(["stage=heard mailbox=answered nonce=n-1"]);
    await using worker = await Worker.start(mailboxCommand, "answered", 1);
    await untilProcesses("answered", 1);
    worker.deliver([mail(host.payload({}))]);
    worker.announce(generation);
    assert.equal((await worker.ended()).code, 0);
    assert.deepEqual(mailboxProcesses("answered"), []);
    assert.deepEqual(await host.datagrams(1), ["stage=applied mailbox=answered nonce=n-1"]);
  });

  test("an ack that nobody answers is said again until it is, and the caller goes on meanwhile", async () => {
    const heard = "stage=heard mailbox=unanswered nonce=n-1";
    await using host = await Host.listen([null, heard.replace("unanswered", "another"), heard]);
    await using worker = await Worker.start(mailboxCommand, "unanswered", 1);
    worker.deliver([mail(host.payload({}))]);
    worker.announce(generation);
    assert.equal((await worker.ended()).code, 0);
    assert.deepEqual(await host.datagrams(3), Array(3).fill("stage=applied mailbox=unanswered nonce=n-1"));
    await untilProcesses("unanswered", 0);
  });

  test("another token arms anew, the same one does not", async () => {
    await using worker = await Worker.start(
      () => ["sh", "-c", "mailbox arm job --token other; echo armed >&2; cat"],
      "job",
      1,
    );
    const before = worker.frames();
    assert.equal(worker.run("wait", "job", "--token", "other", "--timeout", "0").code, 124);
    assert.deepEqual(worker.frames(), before);
    assert.equal(worker.run("wait", "job", "--token", "third", "--timeout", "0").code, 124);
    assert.equal(worker.frames()[0]?.toString("latin1", 96, 101), "third");
  });

  test("wrong usage ends with 2 and touches nothing", async () => {
    await using worker = await Worker.start(() => ["sh", "-c", "mailbox arm job; echo armed >&2; cat"], "job", 1);
    const calls = [
      [],
      ["fly"],
      ["arm"],
      ["arm", "a b"],
      ["arm", "../x"],
      ["arm", "ramet.system"],
      ["arm", "x".repeat(65)],
    ];
    const more = [
      ["wait", "job", "--timeout", "soon"],
      ["arm", "job", "--parts", "33"],
      ["arm", "a", "b"],
      ["wait", "job", "--token"],
    ];
    const tokens = [
      ["arm", "other", "--token", ""],
      ["arm", "other", "--token", "t".repeat(129)],
    ];
    for (const words of [...calls, ...more, ...tokens]) assert.equal(worker.run(...words).code, 2, words.join(" "));
    assert.equal(worker.run("ls", "--json").stdout, '[{"name":"job","parts":1,"state":"armed"}]\n');
  });
});

async function untilProcesses(name: string, count: number): Promise<void> {
  const limit = AbortSignal.timeout(60_000);
  while (mailboxProcesses(name).length !== count) await delay(10, undefined, { signal: limit });
}

function armedFrame(frame: MailboxFrame, name: string): Buffer {
  const bytes = Buffer.from(frame.frame_base64, "base64");
  bytes.fill(0, 32, 96).write(name, 32);
  bytes.writeUInt16LE(name.length, 24);
  return bytes;
}

function withoutTime(frame: Buffer): string {
  return Buffer.from(frame).fill(0, 16, 24).toString("hex");
}

/** What a host writes for one part; the bytes of the marker are not used. */
function mail(payload: string): Buffer {
  const frame = Buffer.alloc(4096);
  const length = frame.write(payload, 264);
  frame.write(generation, 224, "hex");
  frame.writeUInt32LE(crc32(frame.subarray(264, 264 + length)), 240);
  frame.writeUInt32LE(length, 260);
  frame.writeUInt32LE(1, 256);
  return frame;
}
