/** What somebody gets who installs the package: packed by npm as it would be published, and used from outside of the checkout. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { readmeExamples } from "./fixtures/readme-examples.ts";

const root = join(import.meta.dirname, "..");
const directory = mkdtempSync(join(tmpdir(), "ramet-package-"));
const checkout = join(directory, "checkout");
const consumer = join(directory, "consumer");
const installed = join(consumer, "node_modules/ramet");

before(() => {
  // Packing changes package.json for a moment, which other tests read.
  for (const name of ["package.json", "README.md", "LICENSE", "tsconfig.json", "tsconfig.build.json", "src/client"])
    cpSync(join(root, name), join(checkout, name), { recursive: true });
  cpSync(join(root, "scripts/pack.ts"), join(checkout, "scripts/pack.ts"));
  symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
  // As if an earlier packing had been broken off.
  run(process.execPath, [join(checkout, "scripts/pack.ts"), "before"], checkout);
  assert.notDeepEqual(readManifest(checkout), readManifest(root));
  run("npm", ["pack", "--offline", "--pack-destination", directory], checkout);
  mkdirSync(installed, { recursive: true });
  const { version } = readManifest(checkout);
  run("tar", ["xzf", `ramet-${version}.tgz`, "-C", installed, "--strip-components=1"], directory);
  for (const name of Object.keys(readManifest(installed).dependencies)) link(name);
  writeFileSync(join(consumer, "package.json"), '{ "type": "module" }');
});

after(() => {
  rmSync(directory, { recursive: true });
});

test("the package holds JavaScript and types, says so, and needs what the client needs", () => {
  const manifest = readManifest(installed);
  assert.deepEqual(Object.keys(manifest.dependencies), ["openapi-fetch", "undici", "ws"]);
  assert.deepEqual(manifest.exports, {
    "./client": { types: "./dist/client/index.d.ts", default: "./dist/client/index.js" },
  });
  assert.equal(manifest.private, undefined);
  const { stdout } = run("find", [".", "-type", "f", "-not", "-name", "*.js", "-not", "-name", "*.d.ts"], installed);
  assert.deepEqual(stdout.trim().split("\n").sort(), ["./LICENSE", "./README.md", "./package.json"]);
});

test("packing leaves the checkout as it was, also when an earlier one was broken off", () => {
  assert.equal(readFileSync(join(checkout, "package.json"), "utf8"), readFileSync(join(root, "package.json"), "utf8"));
  assert.equal(existsSync(join(checkout, "dist")), false);
});

test("a program in JavaScript runs with it, every part that is loaded when needed too", () => {
  writeFileSync(
    join(consumer, "program.js"),
    `import { RametClient, RametConnectionError } from "ramet/client";
     const refused = async (attempt) => {
       try { await attempt(); return "reached"; } catch (error) { return error instanceof RametConnectionError ? error.code : String(error); }
     };
     const env = {};
     const ramet = new RametClient({ baseUrl: "http://127.0.0.1:1", token: null, env });
     const secure = new RametClient({ baseUrl: "https://127.0.0.1:1", token: null, env, ca: process.argv[2] });
     const { calls } = ramet;
     const attempts = [
       () => ramet.health(),
       () => secure.health(),
       () => new RametClient({ dataDir: import.meta.dirname, env }).health(),
       () => calls.exec("x", { command: ["true"] }),
       () => calls.copyTo("x", { from: import.meta.filename, to: "/x" }),
       () => calls.copyFrom("x", { from: "/x", to: "./x" }),
     ];
     for (const attempt of attempts) process.stdout.write((await refused(attempt)) + "\\n");`,
  );
  const certificate = join(consumer, "ca.pem");
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "/dev/null"];
  run("openssl", ["req", "-x509", "-subj", "/CN=localhost", ...key, "-out", certificate], consumer);
  const { stdout } = run(process.execPath, ["program.js", certificate], consumer);
  assert.equal(stdout, "unreachable\n".repeat(6));
});

test("a program in TypeScript is checked with its types, and so are the examples of the client's README", () => {
  for (const name of ["@types/node", "undici-types"]) link(name);
  for (const [index, { program }] of readmeExamples().entries())
    writeFileSync(join(consumer, `example-${index + 1}.ts`), program);
  writeFileSync(
    join(consumer, "program.ts"),
    `import { type Instance, isRametError, RametApiError, RametClient, type RametInstance } from "ramet/client";
     const ramet = new RametClient({ ca: "ca.pem" });
     export const one: RametInstance = await ramet.fork("base", { mailbox: { job: { shard: 1 } } });
     export const state: Instance["state"] = (await one.get(AbortSignal.timeout(1000))).state;
     // @ts-expect-error a count is a number
     await ramet.fork("base", { count: "3" });
     // @ts-expect-error there is no such state
     export const wrong: Instance["state"] = "Asleep";
     // @ts-expect-error an instance has no such field
     export const none = one.info.colour;
     export function codeOf(error: unknown): string | null {
       if (error instanceof RametApiError) return error.code;
       return isRametError(error) ? error.code : null;
     }`,
  );
  const settings = { extends: join(root, "tsconfig.json"), compilerOptions: { typeRoots: ["node_modules/@types"] } };
  writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify({ ...settings, include: ["*.ts"] }));
  assert.equal(run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "."], consumer).stdout, "");
});

interface Manifest {
  readonly version: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/** As if it were installed, from the packages of this checkout. */
function link(name: string): void {
  const target = join(consumer, "node_modules", name);
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(join(root, "node_modules", name), target);
}

function run(command: string, args: readonly string[], cwd: string): { readonly stdout: string } {
  const done = spawnSync(command, args, { cwd, encoding: "utf8", timeout: 50_000 });
  assert.equal(done.status, 0, `${command} ${args.join(" ")}: ${done.stdout}${done.stderr}`);
  return { stdout: done.stdout };
}
