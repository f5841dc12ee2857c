import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LineSplitter } from "./qmp-transport.ts";

test("gives the same lines however the stream is cut, characters of several bytes included", () => {
  const text = '{"event":"STOP"}\r\n{"return":"schön – 日本"}\r\n\r\n{"id":3}\n';
  const bytes = Buffer.from(text);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: bytes.length })), (cuts) => {
      const splitter = new LineSplitter();
      const borders = [0, ...cuts.sort((left, right) => left - right), bytes.length];
      const lines = borders.slice(1).flatMap((end, index) => [...splitter.push(bytes.subarray(borders[index], end))]);
      assert.deepEqual(lines, ['{"event":"STOP"}', '{"return":"schön – 日本"}', '{"id":3}']);
    }),
  );
});

test("a line without an end does not fill the memory", () => {
  const splitter = new LineSplitter();
  const megabyte = Buffer.alloc(1 << 20, 0x20);
  assert.throws(() => {
    for (let count = 0; count < 20; count += 1) assert.deepEqual([...splitter.push(megabyte)], []);
  }, /longer than/);
});
