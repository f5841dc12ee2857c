/** What the libraries offer against generators that a kernel's reseed does not reach. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

interface NodeLibrary {
  readonly freshRandomBytes: (length: number) => Buffer;
  readonly seededRandom: () => () => number;
}
const nodeLibrary = new URL("node/ramet-mailbox.mjs", import.meta.url).href;
const { freshRandomBytes, seededRandom } = (await import(nodeLibrary)) as NodeLibrary;

test("Python: after a reseed, equal states draw different numbers", () => {
  const drawn = new Set([1, 2, 3].map(() => python("random.seed(1); reseed(); print(random.random())")));
  assert.equal(drawn.size, 3);
  assert.equal(
    new Set([1, 2].map(() => python("random.seed(1); print(random.random())"))).size,
    1,
    "as they do without",
  );
});

test("Python: NumPy's generator is seeded with 32-bit words, and only when NumPy was imported", () => {
  const fake =
    "import types; numpy = types.ModuleType('numpy.random'); numpy.seed = print; sys.modules['numpy.random'] = numpy";
  const words = JSON.parse(python(`${fake}; reseed()`)) as number[];
  assert.equal(words.length, 8);
  assert.ok(words.every((word) => Number.isInteger(word) && word >= 0 && word < 2 ** 32));
  assert.equal(python("reseed(); print('numpy' in sys.modules)"), "False");
});

test("Python: a mailbox that wakes seeds anew, unless told otherwise", () => {
  const wake = (words: string): string =>
    python(
      `import ramet_mailbox as m; box = m.Mailbox.__new__(m.Mailbox); box._name = 'job'; box._sequences = lambda: [0]; ` +
        `box._await_delivery = lambda timeout: None; box._is_whole = lambda: True; box._payload = lambda: b'{}'; ` +
        `box._erase = lambda: None; random.seed(1); box.wait(${words}); print(random.random())`,
    );
  assert.notEqual(wake(""), wake(""));
  assert.equal(wake("reseed_random=False"), wake("reseed_random=False"));
});

test("Node: fresh random bytes are as many as asked for, and different each time", () => {
  assert.equal(freshRandomBytes(0).length, 0);
  assert.equal(freshRandomBytes(100_000).length, 100_000);
  assert.notDeepEqual(freshRandomBytes(32), freshRandomBytes(32));
});

test("Node: generators that are made anew are spread over [0, 1) and draw different numbers", () => {
  const [one, other] = [seededRandom(), seededRandom()];
  const drawn = Array.from({ length: 10_000 }, one);
  assert.ok(drawn.every((number) => number >= 0 && number < 1));
  assert.equal(new Set([...drawn, ...Array.from({ length: 10_000 }, other)]).size, 20_000);
  const tenths = Array.from({ length: 10 }, (_, tenth) => drawn.filter((n) => Math.floor(n * 10) === tenth).length);
  // Each is 1000 give or take 30; one that is 300 off is no chance.
  assert.ok(
    tenths.every((count) => Math.abs(count - 1000) < 300),
    tenths.join(" "),
  );
});

function python(program: string): string {
  const script = `import random, sys; from ramet_mailbox import reseed; ${program}`;
  const env = { ...process.env, PYTHONPATH: join(import.meta.dirname, "python"), PYTHONDONTWRITEBYTECODE: "1" };
  return execFileSync("python3", ["-c", script], { encoding: "utf8", env }).trimEnd();
}
