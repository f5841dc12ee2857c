/**
 * What `npm pack` does before and after it packs: a checkout runs src/ as it stands, but Node strips no types below node_modules, so that a package
 * must hold JavaScript.
 *
 *     pack.ts before   dist/client/ from src/client/, and a package.json that says so, with the dependencies of the client alone
 *     pack.ts after    the checkout as it was
 *
 * When the packing is broken off in between, the next `before` or `after` puts things right.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

const root = join(import.meta.dirname, "..");
const manifestPath = join(root, "package.json");
/** Out of the package's way: beside dist, and ignored by git as that is. */
const keptPath = join(root, "build/package.checkout.json");
const dist = join(root, "dist");

switch (process.argv[2]) {
  case "before":
    restore();
    build();
    writePackaged();
    break;
  case "after":
    restore();
    rmSync(dist, { recursive: true, force: true });
    break;
  default:
    console.error("usage: pack.ts before|after");
    process.exitCode = 2;
}

function restore(): void {
  if (existsSync(keptPath)) renameSync(keptPath, manifestPath);
}

function build(): void {
  rmSync(dist, { recursive: true, force: true });
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { status } = spawnSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json")], {
    // npm's own output on stdout is for programs.
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) throw new Error("the client could not be built");
}

function writePackaged(): void {
  const text = readFileSync(manifestPath, "utf8");
  const { private: _, devDependencies: __, optionalDependencies: ___, overrides: ____, ...kept } = manifestIn(text);
  const packaged = {
    ...kept,
    exports: { "./client": { types: "./dist/client/index.d.ts", default: "./dist/client/index.js" } },
    // npm reads this file once more when it has packed.
    scripts: { postpack: kept.scripts["postpack"] },
    dependencies: dependenciesOf(kept.dependencies),
  };
  mkdirSync(dirname(keptPath), { recursive: true });
  renameSync(manifestPath, keptPath);
  writeFileSync(manifestPath, `${JSON.stringify(packaged, null, 2)}\n`);
}

/** Those that the built files import. */
function dependenciesOf(all: Readonly<Record<string, string>>): Record<string, string> {
  const files = globSync("client/**/*.js", { cwd: dist }).map((name) => readFileSync(join(dist, name), "utf8"));
  const imported = files.flatMap((text) => [...text.matchAll(/(?:from|import)[ (]"(?<name>[^."][^"]*)"/g)]);
  const names = new Set(imported.map(({ groups }) => groups?.["name"] ?? "").filter((name) => !isBuiltin(name)));
  return Object.fromEntries(
    [...names].sort().map((name) => {
      const version = all[name];
      if (version === undefined) throw new Error(`the client imports ${name}, which is no dependency of package.json`);
      return [name, version];
    }),
  );
}

function manifestIn(text: string): Manifest {
  return JSON.parse(text) as Manifest;
}
