import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJobLine } from "./workload.ts";

test("reads host and payload from what the guest's process prints, without the keys of the acknowledgement", () => {
  const line =
    'worker: I am worker-3 and my job is {"shard":3,"greeting":"grüß dich","ack_host":"10.0.2.2","ack_port":1,"ack_nonce":"n"}\r';
  assert.deepEqual(parseJobLine(line), { host: "worker-3", payload: { shard: 3, greeting: "grüß dich" } });
});

test("passes over every other line", () => {
  for (const line of ["", "worker: warm", "I am worker-3 and my job is {}", "worker: I am  and my job is {}"]) {
    assert.equal(parseJobLine(line), undefined);
  }
});
