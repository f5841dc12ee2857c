import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import { AgentConnection, unreachable, type ChannelOwner } from "./agent-connection.ts";

const nobody: ChannelOwner = { onFrame: () => undefined, onEnd: () => undefined };

test("gives out every channel but 0 once, and again only when it was released", () => {
  const [host] = duplexPair();
  const connection = new AgentConnection(host, nobody);
  const claimed = new Set(Array.from({ length: 65535 }, () => connection.claim(nobody)));
  assert.equal(claimed.size, 65535);
  assert.ok(!claimed.has(0));
  assert.throws(() => connection.claim(nobody), { code: "instance_busy" });
  connection.release(4711);
  assert.equal(connection.claim(nobody), 4711);
  connection.end(unreachable("done"));
});

test("tells every owner of the end, once, and takes no more", async () => {
  const [host] = duplexPair();
  const ends: string[] = [];
  const owner = (name: string): ChannelOwner => ({
    ...nobody,
    onEnd: (failure) => ends.push(`${name}: ${failure.message}`),
  });
  const connection = new AgentConnection(host, owner("root"));
  connection.claim(owner("one"));
  const failure = unreachable("gone");
  connection.end(failure);
  connection.end(unreachable("later"));
  await connection.closed;
  assert.deepEqual(ends, ["root: gone", "one: gone"]);
  assert.equal(connection.failure, failure);
  assert.throws(() => connection.claim(nobody), failure);
});
