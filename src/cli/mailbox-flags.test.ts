import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeJson } from "../client/raw-json.ts";
import { UsageError } from "./failures.ts";
import type { MailboxFlags } from "./mailbox-flags.ts";
import { fillMail, readMailboxFlags } from "./mailbox-flags.ts";

const noFlags: MailboxFlags = {
  mailbox: [],
  tokenFile: [],
  waitAck: false,
  ackTimeoutMs: undefined,
  keepOnAckTimeout: false,
};

async function encoded(
  flags: Partial<MailboxFlags>,
  files: Readonly<Record<string, string>> = {},
  index: number | null = null,
): Promise<string> {
  const read = (path: string): Promise<string> => {
    const text = files[path];
    return text === undefined ? Promise.reject(new UsageError(`cannot read ${path}`)) : Promise.resolve(text);
  };
  return encodeJson(fillMail(await readMailboxFlags({ ...noFlags, ...flags }, read), index));
}

test("splits at the first = only and keeps the payload's text", async () => {
  assert.equal(
    await encoded({ mailbox: ['job={"eq":"a=b", "n":12345678901234567890}'] }),
    '[{"name":"job","payload":{"eq":"a=b", "n":12345678901234567890}}]',
  );
});

test("reads payloads from files and standard input", async () => {
  const files = { "cfg.json": '{"from":"file"}\n', "-": '{"from":"stdin"}' };
  assert.equal(
    await encoded({ mailbox: ["a=@cfg.json", "b=@-"] }, files),
    '[{"name":"a","payload":{"from":"file"}},{"name":"b","payload":{"from":"stdin"}}]',
  );
});

test("gives ack options to every mailbox, and each its own token", async () => {
  const flags = {
    mailbox: ["a={}", "b={}"],
    tokenFile: ["b=t"],
    waitAck: true,
    ackTimeoutMs: 900,
    keepOnAckTimeout: true,
  };
  const ack = '"wait_for_ack":true,"ack_timeout_ms":900,"on_ack_timeout":"keep"';
  assert.equal(
    await encoded(flags, { t: " s3cret \n" }),
    `[{"name":"a","payload":{},${ack}},{"name":"b","token":" s3cret ","payload":{},${ack}}]`,
  );
});

test("puts a child's number into the text of the arguments, and not into a file's", async () => {
  const flags = { mailbox: ['a={"shard":{index},"of":"{index}/9"}', "b=@f"] };
  const files = { f: '{"text":"{index}"}' };
  assert.equal(
    await encoded(flags, files, 7),
    '[{"name":"a","payload":{"shard":7,"of":"7/9"}},{"name":"b","payload":{"text":"{index}"}}]',
  );
  assert.equal(await encoded({ mailbox: ['a={"x":"{index}"}'] }), '[{"name":"a","payload":{"x":"{index}"}}]');
});

test("leaves duplicate names to the server, which knows all rules", async () => {
  assert.equal(await encoded({ mailbox: ["a={}", "a={}"] }), '[{"name":"a","payload":{}},{"name":"a","payload":{}}]');
});

const wrong: readonly (readonly [Partial<MailboxFlags>, RegExp])[] = [
  [{ mailbox: ["job"] }, /NAME=JSON/],
  [{ mailbox: ["={}"] }, /NAME=JSON/],
  [{ mailbox: ["job=[1]"] }, /mailbox job must be a JSON object/],
  [{ mailbox: ["job=hunter2"] }, /mailbox job is not valid JSON/],
  [{ mailbox: ["job=@nowhere"] }, /cannot read nowhere/],
  [{ mailbox: ["a=@-", "b=@-"] }, /only one --mailbox can read standard input/],
  [{ mailbox: ["a={}"], tokenFile: ["b=t"] }, /there is no --mailbox b=/],
  [{ mailbox: ["a={}"], tokenFile: ["a"] }, /NAME=FILE/],
];

for (const [flags, sentence] of wrong) {
  test(`refuses ${JSON.stringify(flags)} without quoting a payload`, async () => {
    await assert.rejects(
      encoded(flags),
      (error: unknown) =>
        error instanceof UsageError && sentence.test(error.message) && !error.message.includes("hunter2"),
    );
  });
}
