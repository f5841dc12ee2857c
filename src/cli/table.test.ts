import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { displayWidth, formatTable } from "./table.ts";

const columns = [
  { title: "NAME", shrinksTo: 4 },
  { title: "N", align: "right" as const },
  { title: "WHAT", shrinksTo: 6 },
];

test("aligns columns and leaves no blanks at the end of a line", () => {
  assert.equal(
    formatTable(columns, [
      ["a", "1", "x"],
      ["longer", "10", ""],
    ]),
    "NAME     N  WHAT\na        1  x\nlonger  10\n",
  );
});

test("cuts the widest column first when the terminal is narrow", () => {
  const text = formatTable(columns, [["worker-1", "1", "a very long description"]], 26);
  assert.equal(text, "NAME      N  WHAT\nworker-1  1  a very long …\n");
});

test("never writes a line longer than the terminal, as far as columns may shrink", () => {
  const cell = fc.string({ unit: "grapheme", maxLength: 40 });
  const number = fc.integer({ min: 0, max: 999 }).map(String);
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, number, cell)), fc.integer({ min: 1, max: 60 }), (rows, width) => {
      const narrowest = 4 + 2 + 3 + 2 + 6;
      for (const line of formatTable(columns, rows, width).split("\n")) {
        assert.ok(displayWidth(line) <= Math.max(width, narrowest));
      }
    }),
  );
});

test("shows what a terminal would obey as an escape", () => {
  assert.equal(formatTable([{ title: "A" }], [["\u001b[2J\nx\u202e"]]), "A\n\\u001b[2J\\u000ax\\u202e\n");
});

test("counts wide characters twice, and marks not at all", () => {
  assert.equal(displayWidth("こんにちは"), 10);
  assert.equal(displayWidth("e\u0301"), 1);
  assert.equal(
    formatTable([{ title: "A", shrinksTo: 1 }, { title: "B" }], [["こんにちは", "x"]], 8),
    "A      B\nこん…  x\n",
  );
});
