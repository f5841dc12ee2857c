import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyedListeners } from "./keyed-listeners.ts";

test("listeners hear of their key alone, until they are disposed of, and leave nothing", () => {
  const listeners = new KeyedListeners<number>();
  const heard: string[] = [];
  const first = listeners.listen("a", (told) => heard.push(`first ${told}`));
  const second = listeners.listen("a", (told) => heard.push(`second ${told}`));
  listeners.tell("a", 1);
  listeners.tell("b", 2);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  listeners.tell("a", 3);
  assert.deepEqual(heard, ["first 1", "second 1", "second 3"]);
  second[Symbol.dispose]();
  assert.equal(listeners.size, 0);
});

test("who begins to listen while it is told hears the next", () => {
  const listeners = new KeyedListeners<number>();
  const heard: number[] = [];
  listeners.listen("a", () => {
    listeners.listen("a", (told) => heard.push(told));
  });
  listeners.tell("a", 1);
  assert.deepEqual(heard, []);
  listeners.tell("a", 2);
  assert.deepEqual(heard, [2]);
});
