/** Promises of the repository itself. A rule that matters is a test here, never a paragraph alone. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { test } from "node:test";
import { statusOfCode } from "../src/api/status-of-code.ts";
import { errorCodes } from "../src/errors.ts";

const root = join(import.meta.dirname, "..");
const files = filesBelow(root);
const sourceEndings = new Set([".ts", ".js", ".mjs", ".cjs", ".sh", ".c", ".h", ".py", ".html", ".css"]);
const sources = files.filter((file) => sourceEndings.has(extname(file)) || file === "ramet");
const pages = files.filter((file) => file.endsWith(".md"));

const lineLimit = 400;
const agentLineLimit = 1500;
/** Files that are longer, and why splitting them would be worse. */
const longFiles: Readonly<Record<string, string>> = {
  "src/client/generated.ts": "written by `npm run openapi`",
};

const permissiveLicences = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "Unlicense",
]);

test("every concern has a README that says what belongs there", () => {
  const concerns = new Set(files.map(concernOf).filter((folder) => folder !== null));
  assert.ok(concerns.has("src/lib"), "src/lib is a concern");
  assert.ok(concerns.has("examples/node-server"), "each example is one");
  const silent = [...concerns].filter((folder) => !files.includes(`${folder}/README.md`));
  assert.deepEqual(silent, []);
});

test("docs/reference/errors.md explains every error code and no other, with the statuses that are answered", () => {
  const page = readFileSync(join(root, "docs/reference/errors.md"), "utf8");
  const rows = [...page.matchAll(/^\|\s*`(?<code>[a-z_]+)`\s*\|(?<statuses>[^|]*)\|/gm)];
  const explained = rows.map(({ groups }) => [
    groups?.["code"],
    groups?.["statuses"]?.match(/\b\d{3}\b/g)?.map(Number),
  ]);
  // A body that is too large or no JSON is refused with statuses of its own: `refusals` in src/api/errors.ts.
  const ofBodies: Partial<Record<string, readonly number[]>> = { invalid_request: [413, 415] };
  const answered = errorCodes.map((code) => [code, [statusOfCode[code], ...(ofBodies[code] ?? [])]]);
  assert.deepEqual(Object.fromEntries(explained), Object.fromEntries(answered));
  assert.equal(rows.length, errorCodes.length, "no code twice");
});

test("every error code can be answered, and some call's description in openapi.json says so", () => {
  const product = sources.filter((file) => file.startsWith("src/") && !file.endsWith(".test.ts"));
  const naming = new Set([
    "src/errors.ts",
    "src/api/status-of-code.ts",
    "src/api/schemas/error.ts",
    "src/client/generated.ts",
  ]);
  const code = product
    .filter((file) => !naming.has(file))
    .map((file) => readFileSync(join(root, file), "utf8"))
    .join("\n");
  assert.deepEqual(
    errorCodes.filter((name) => !new RegExp(`["'.]${name}\\b`).test(code)),
    [],
    "nothing throws these",
  );
  const document = readFileSync(join(root, "openapi.json"), "utf8");
  assert.deepEqual(
    errorCodes.filter((name) => !document.includes(`\`${name}\`: `)),
    [],
    "no call documents these",
  );
});

test("no file grows beyond what one sitting can read", () => {
  const tooLong = sources.filter((file) => lineCountOf(file) > limitOf(file));
  assert.deepEqual(tooLong.toSorted(), Object.keys(longFiles).toSorted());
});

test("nothing is left to do later", () => {
  // Put together here, so that this line is not its own finding.
  const marks = new RegExp(`\\b(${["TO", "DO"].join("")}|${["FIX", "ME"].join("")}|${"X".repeat(3)})\\b`);
  assert.deepEqual(linesThatMatch(files, marks), []);
});

test("no path of one machine is written anywhere", () => {
  assert.deepEqual(linesThatMatch(files, /(^|[\s"'`(=:])\/(home\/(?!user\b)|Users\/)\w/), []);
  const checkout = `${root}/`;
  // A checkout right below the root directory shares its name with paths that mean something else.
  if (checkout.split("/").length > 3)
    assert.deepEqual(linesThatMatch(files, { test: (line) => line.includes(checkout) }), []);
});

test("only the command line and the tools print", () => {
  const printing = /\bconsole\.(debug|dir|error|info|log|table|trace|warn)\(/;
  const silent = sources.filter((file) => /^(src|test)\//.test(file) && !file.startsWith("src/cli/"));
  assert.deepEqual(linesThatMatch(silent, printing), []);
});

test("every link to a file of the repository leads to one", () => {
  const broken = pages.flatMap((page) =>
    linksOf(page)
      .filter((target) => !existsSync(join(root, dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  );
  assert.deepEqual(broken, []);
});

test("every package that ships has a permissive licence", () => {
  const lock = readJson("package-lock.json") as { packages: Record<string, { dev?: boolean; optional?: boolean }> };
  const shipped = Object.entries(lock.packages).filter(([path, { dev }]) => path !== "" && dev !== true);
  assert.ok(shipped.length > 10, "the lock file lists the packages");
  const refused = shipped
    .filter(([path, { optional }]) => optional !== true || existsSync(join(root, path)))
    .map(([path]) => ({ path, licence: (readJson(`${path}/package.json`) as { license?: unknown }).license }))
    .filter(({ licence }) => !isPermissive(licence));
  assert.deepEqual(refused, []);
});

test("the shell scripts parse", () => {
  const scripts = files.filter((file) => file === "ramet" || file.endsWith(".sh"));
  assert.ok(scripts.includes("ramet"), "the launcher is among them");
  const broken = scripts
    .map((file) => spawnSync("sh", ["-n", join(root, file)], { encoding: "utf8" }).stderr)
    .filter(Boolean);
  assert.deepEqual(broken, []);
});

/** Paths relative to the root, without what is not ours or not committed. */
function filesBelow(folder: string): string[] {
  const foreign = new Set(["node_modules", "build", "dist", ".git", ".ramet", "package-lock.json"]);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !foreign.has(entry.name) && !entry.name.endsWith(".log"))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      return entry.isFile() ? [relative(root, path)] : [];
    });
}

/** The folder that must explain itself: a folder of src/, guest/, test/ or examples/, with one level more where src/ nests, or all of bench/ and scripts/. */
function concernOf(file: string): string | null {
  const match =
    /^(?<concern>src\/(?:domain|hypervisors)\/[^/]+|(?:src|guest|test|examples)\/[^/]+|bench|scripts)\/./.exec(file);
  const concern = match?.groups?.["concern"] ?? null;
  // The interfaces of a nesting folder stand in it beside the concerns.
  return concern !== null && files.includes(concern) ? dirname(concern) : concern;
}

function limitOf(file: string): number {
  return /^guest\/agent\/[^/]+\.c$/.test(file) ? agentLineLimit : lineLimit;
}

function lineCountOf(file: string): number {
  return readFileSync(join(root, file), "utf8").split("\n").length - 1;
}

function linesThatMatch(paths: readonly string[], pattern: Pick<RegExp, "test">): string[] {
  return paths.flatMap((path) =>
    readFileSync(join(root, path), "utf8")
      .split("\n")
      .flatMap((line, index) =>
        pattern.test(line) ? [`${path}:${String(index + 1)}: ${line.trim().slice(0, 100)}`] : [],
      ),
  );
}

/** Targets of a page's inline links that are files: no addresses, no anchors, nothing inside code. */
function linksOf(page: string): string[] {
  const prose = readFileSync(join(root, page), "utf8")
    .replace(/^```[^]*?^```/gm, "")
    .replace(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\((?<target>[^)\s]+)[^)]*\)/g)]
    .map((match) => match.groups?.["target"]?.split("#")[0] ?? "")
    .filter((target) => target !== "" && !/^[a-z]+:/.test(target));
}

/** SPDX: of an OR one branch must be permissive, of an AND all. */
function isPermissive(licence: unknown): boolean {
  if (typeof licence !== "string") return false;
  return licence
    .replace(/[()]/g, "")
    .split(" OR ")
    .some((branch) => branch.split(" AND ").every((name) => permissiveLicences.has(name.trim())));
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}
