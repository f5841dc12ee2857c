import assert from "node:assert/strict";
import { test } from "node:test";
import { PullQueue } from "./pull-queue.ts";

/** A queue whose work ends when the test says so. */
function controlled(limit: number, capacity = 8) {
  const trace: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<undefined>>();
  const queue = new PullQueue(
    () => {
      trace.push("tidy");
      return Promise.resolve();
    },
    limit,
    capacity,
  );
  const add = (name: string): void => {
    const end = Promise.withResolvers<undefined>();
    queue.add(name, async (signal) => {
      ends.set(name, end);
      trace.push(`begin ${name}`);
      signal.addEventListener("abort", () => {
        end.resolve(undefined);
      });
      await end.promise;
      trace.push(signal.aborted ? `abort ${name}` : `end ${name}`);
    });
  };
  const end = (name: string): void => {
    ends.get(name)?.resolve(undefined);
  };
  return { queue, trace, add, end };
}

test("a digest is pulled once at a time, so many of them at once, and the others wait in order", async () => {
  const { queue, trace, add, end } = controlled(2);
  for (const name of ["a", "b", "c", "a", "d", "c"]) add(name);
  assert.deepEqual(trace, ["begin a", "begin b"]);
  assert.deepEqual([queue.position("a"), queue.position("c"), queue.position("d")], [null, 1, 2]);
  end("b");
  await queue.abort("none");
  for (const name of ["a", "c", "d", "a"]) {
    end(name);
    await new Promise(setImmediate);
  }
  await queue.idle();
  const ended = ["a", "a", "b", "c", "d"];
  const expected = [...ended.map((name) => `begin ${name}`), ...ended.map((name) => `end ${name}`), "tidy"];
  assert.deepEqual(trace.toSorted(), expected);
  assert.equal(trace.at(-1), "tidy");
});

test("one that runs is ended and waited for; one that waits is forgotten", async () => {
  const { queue, trace, add, end } = controlled(1);
  for (const name of ["a", "b", "c"]) add(name);
  await queue.abort("b");
  await queue.abort("a");
  assert.deepEqual(trace.slice(0, 2), ["begin a", "abort a"]);
  await new Promise(setImmediate);
  end("c");
  await queue.idle();
  assert.deepEqual(trace, ["begin a", "abort a", "begin c", "end c", "tidy"]);
});

test("too many are refused", () => {
  const { queue, add } = controlled(1, 2);
  for (const name of ["a", "b"]) add(name);
  queue.assertRoom();
  add("c");
  assert.throws(
    () => {
      queue.assertRoom();
    },
    { code: "insufficient_resources" },
  );
});

test("while it is being tidied nothing begins", async () => {
  const trace: string[] = [];
  const tidied = Promise.withResolvers<undefined>();
  const queue = new PullQueue(
    async () => {
      trace.push("tidy");
      await tidied.promise;
      trace.push("tidied");
    },
    1,
    8,
  );
  const tidying = queue.tidySoon();
  queue.add("a", () => {
    trace.push("begin a");
    return Promise.resolve();
  });
  tidied.resolve(undefined);
  await tidying;
  await queue.idle();
  assert.deepEqual(trace, ["tidy", "tidied", "begin a", "tidy", "tidied"]);
});

test("a closed queue has ended all and takes no more", async () => {
  const { queue, trace, add } = controlled(1);
  for (const name of ["a", "b"]) add(name);
  await queue.close();
  add("c");
  assert.deepEqual(trace, ["begin a", "abort a"]);
});

test("who asks while a pull of the digest ends is not forgotten", async () => {
  const { queue, trace, add, end } = controlled(1);
  add("a");
  add("a");
  end("a");
  await new Promise(setImmediate);
  end("a");
  await queue.idle();
  assert.deepEqual(trace, ["begin a", "end a", "begin a", "end a", "tidy"]);
});
