import assert from "node:assert/strict";
import test from "node:test";
import { madeUpResults, madeUpScenario, pair } from "./made-up-results.ts";
import { resultOf } from "./results.ts";
import { figuresPage, promiseTable, replaceBetweenMarks } from "./tables.ts";

const results = madeUpResults(
  madeUpScenario("fork", pair("resumed", 9, 10, [{ of: "ratio", atMost: 0.5, promise: "A fork against a peer's" }]), {
    name: "failed",
    unit: "count",
    samples: [0],
    targets: [{ of: "max", atMost: 0, promise: "None fails" }],
  }),
  resultOf({ scenario: { name: "lost", about: "About lost." }, figures: [], failure: "no disk\nat line 1" }),
);

test("each promise stands with what was seen and the bench that holds it", () => {
  const lines = promiseTable(results).split("\n");
  assert.ok(lines.includes("| A fork against a peer's | 0.5 × | 0.900 × | **no** | `fork` |"));
  assert.ok(lines.includes("| None fails | 0 | 0 | yes | `fork` |"));
});

test("the page has every figure, the machine, and why something was not measured", () => {
  const page = figuresPage(results, ["fork-time.svg"]);
  assert.match(page, /4 × Imaginary 1, 8 GiB, .*QEMU 7\.2\.0, libvirt 9\.0\.0, accelerator tcg/);
  assert.match(page, /\| resumed \| 1 \| 9\.00 ms \| 9\.00 ms \| 9\.00 ms \| peer \| 10\.0 ms \| 0\.900 × \|/);
  assert.match(page, /\| failed \| 1 \| 0 \| 0 \| 0 \| {2}\| {2}\| {2}\|/);
  assert.match(page, /## lost\n\nAbout lost\.\n\nNot measured: no disk\n/);
  assert.match(page, /!\[fork time\]\(charts\/fork-time\.svg\)/);
});

test("only what is between the marks of a page is replaced", () => {
  const marks = ["<!-- figures: written by ./ramet bench --publish -->", "<!-- end of figures -->"] as const;
  const page = `before\n${marks[0]}\nold\n${marks[1]}\nafter`;
  const replaced = replaceBetweenMarks(page, "new");
  assert.equal(replaced, `before\n${marks[0]}\n\nnew\n\n${marks[1]}\nafter`);
  assert.equal(replaceBetweenMarks(replaced, "new"), replaced);
  assert.throws(() => replaceBetweenMarks("nothing", "new"), /no place/);
});
