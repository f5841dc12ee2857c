import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OperatingError } from "../../errors.ts";
import { validateMailboxes, withAckKeys, withoutAckKeys, type MailboxInput } from "./validate.ts";

const good: MailboxInput = { name: "job", payloadText: "{}" };
const target = { host: "10.0.2.2", port: 4711, nonce: "n-1" };

function refuses(change: Partial<MailboxInput>, sentence: string | RegExp): void {
  assert.throws(
    () => validateMailboxes([{ ...good, ...change }]),
    (failure) => {
      assert.ok(failure instanceof OperatingError);
      assert.equal(failure.code, "invalid_request");
      if (typeof sentence === "string") assert.equal(failure.message, sentence);
      else assert.match(failure.message, sentence);
      return true;
    },
  );
}

test("fills in what is left out and keeps the payload's characters", () => {
  const payloadText = ' {"b": 12345678901234567890, "a": "Grüße"}\n';
  assert.deepEqual(validateMailboxes([{ name: "job", payloadText }]), [
    { name: "job", token: null, payloadText, waitForAck: false, ackTimeoutMs: 5000, onAckTimeout: "destroy" },
  ]);
  const [full] = validateMailboxes([
    { ...good, token: "t", wait_for_ack: true, ack_timeout_ms: 30000, on_ack_timeout: "keep" },
  ]);
  assert.deepEqual([full?.token, full?.waitForAck, full?.ackTimeoutMs, full?.onAckTimeout], ["t", true, 30000, "keep"]);
  assert.deepEqual(validateMailboxes([]), []);
});

test("names are taken raw: not trimmed, case matters, none twice, none of the system's", () => {
  for (const name of ["", " job", "job ", "job\n", "jöb", "a/b", "x".repeat(65)])
    refuses({ name }, /^mailboxes\[0\]\.name must be 1 to 64/);
  refuses({ name: "ramet.system" }, /must not start with "ramet\."/);
  assert.equal(validateMailboxes([good, { ...good, name: "Job" }, { ...good, name: "Ramet.x" }]).length, 3);
  assert.throws(() => validateMailboxes([good, good]), { message: 'mailboxes[1].name "job" stands in the list twice' });
});

test("takes 16 mailboxes and no more", () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => ({ ...good, name: `m${String(index)}` }));
  assert.equal(validateMailboxes(many(16)).length, 16);
  assert.throws(() => validateMailboxes(many(17)), {
    code: "invalid_request",
    message: "mailboxes must have at most 16 items",
  });
});

test("measures tokens in bytes", () => {
  assert.equal(validateMailboxes([{ ...good, token: "é".repeat(64) }]).length, 1);
  refuses({ token: "é".repeat(65) }, "mailboxes[0].token must be at most 128 bytes of UTF-8");
  refuses({ token: "" }, /token must not be empty/);
  refuses({ token: "\ud800" }, /token must be well-formed/);
});

test("a payload is a JSON object of at most 64 KiB, and no error repeats it", () => {
  for (const payloadText of ["[]", "null", "7", '"x"'])
    refuses({ payloadText }, "mailboxes[0].payload must be a JSON object");
  for (const payloadText of ["", '{"hunter2":}', "{'a':1}"])
    refuses({ payloadText }, "mailboxes[0].payload must be a JSON object; it is not JSON");
  refuses({ payloadText: '{"a":"\ud800"}' }, /well-formed/);
  const sized = (payloadBytes: number) => `{"a":"${"x".repeat(payloadBytes - 8)}"}`;
  assert.equal(validateMailboxes([{ ...good, payloadText: sized(65536) }]).length, 1);
  refuses({ payloadText: sized(65537) }, "mailboxes[0].payload is 65537 bytes in UTF-8; it must be at most 65536");
});

test("the ack timeout is checked whether or not an ack is waited for", () => {
  for (const wait_for_ack of [true, false]) {
    refuses({ wait_for_ack, ack_timeout_ms: -1 }, "mailboxes[0].ack_timeout_ms must not be negative");
    refuses({ wait_for_ack, ack_timeout_ms: 30001 }, "mailboxes[0].ack_timeout_ms must be at most 30000");
    refuses({ wait_for_ack, ack_timeout_ms: 1.5 }, /whole number/);
    refuses({ wait_for_ack, ack_timeout_ms: Number.NaN }, /whole number/);
    assert.equal(validateMailboxes([{ ...good, wait_for_ack, ack_timeout_ms: 0 }])[0]?.ackTimeoutMs, 5000);
    assert.equal(validateMailboxes([{ ...good, wait_for_ack, ack_timeout_ms: 1 }])[0]?.ackTimeoutMs, 1);
  }
});

test("a payload with an ack key of its own is refused only when an ack is waited for", () => {
  for (const payloadText of ['{"ack_host":1}', '{"ack_port":1}', '{"ack\\u005fnonce":null}']) {
    refuses({ payloadText, wait_for_ack: true }, /must not have the key "ack_(host|port|nonce)"/);
    assert.equal(validateMailboxes([{ ...good, payloadText }]).length, 1);
  }
  assert.equal(validateMailboxes([{ ...good, payloadText: '{"x":{"ack_host":1}}', wait_for_ack: true }]).length, 1);
});

test("ack keys are added behind the caller's own characters", () => {
  const added = '"ack_host":"10.0.2.2","ack_port":4711,"ack_nonce":"n-1"';
  assert.equal(withAckKeys("{}", target), `{${added}}`);
  assert.equal(withAckKeys(" {\n}\n", target), ` {\n${added}}\n`);
  assert.equal(
    withAckKeys('{"b": 12345678901234567890 , "a":{}}', target),
    `{"b": 12345678901234567890 , "a":{},${added}}`,
  );
});

test("the size is checked again with the ack keys", () => {
  const payloadText = `{"a":"${"x".repeat(65536 - 8)}"}`;
  assert.throws(() => withAckKeys(payloadText, target), {
    code: "invalid_request",
    message: /with the keys for its acknowledgement/,
  });
});

test("any object keeps its characters and gains three keys", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue()),
      fc.constantFrom(0, 2, "\t"),
      (object, space) => {
        const payloadText = JSON.stringify(object, null, space);
        const text = withAckKeys(payloadText, target);
        assert.ok(text.startsWith(payloadText.slice(0, -1)));
        assert.deepEqual(JSON.parse(text), {
          ...(JSON.parse(payloadText) as object),
          ack_host: target.host,
          ack_port: target.port,
          ack_nonce: target.nonce,
        });
        assert.equal(withoutAckKeys(text), payloadText, "what was added is taken out again, and nothing else");
      },
    ),
  );
});

test("the keys for an ack are taken out at the end alone, where they were added", () => {
  const inner = '{"a":{"ack_host":"h","ack_port":1,"ack_nonce":"n"}}';
  assert.equal(withoutAckKeys(withAckKeys(inner, target)), inner);
  assert.equal(withoutAckKeys(withAckKeys(" {\n}\n", target)), " {\n}\n");
  for (const text of [inner, "{}", '{"ack_host":"h","ack_port":1,"ack_nonce":"n","b":2}'])
    assert.equal(withoutAckKeys(text), null);
});
