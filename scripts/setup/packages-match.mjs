/**
 * Exits with 0 when node_modules holds what package-lock.json asks for, so that `npm ci`, which deletes all first, can be left out.
 * npm records what it installed in node_modules/.package-lock.json. Runs on any Node ≥ 18.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = process.argv[2] ?? ".";

process.exitCode = matches() ? 0 : 1;

function matches() {
  if (!existsSync(join(root, "node_modules/.package-lock.json"))) return false;
  const wanted = packagesOf("package-lock.json");
  const installed = packagesOf("node_modules/.package-lock.json");
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === "" || (optional === true && installed[path] === undefined)) return true;
    return installed[path]?.version === version && existsSync(join(root, path, "package.json"));
  });
}

function packagesOf(lockFile) {
  return JSON.parse(readFileSync(join(root, lockFile), "utf8")).packages;
}
