/**
 * Who may import whom. Imports point down only:
 *
 *     cli, web, examples ──► client                         (HTTP only, as a user's script would)
 *     main ──► api ──► auth ──► store, lib
 *               └────► domain/forks ──► domain/snapshots ──► domain/checkpoints ──► domain/instances
 *                                                                                   │
 *                                                     domain/{history,mailboxes,networks,images,volumes}
 *     domain ──► hypervisors/driver.ts, memory, guest, store, observability ──► lib
 *
 * `scripts/check-imports.ts` runs these rules and fails when they saw no module. Tests may import anything in src/.
 */
const leaves = ["domain/history", "domain/mailboxes", "domain/networks", "domain/images", "domain/volumes"];
const ground = ["lib", "observability", "store", "guest", "memory", "hypervisors"];

const mayImport = {
  lib: [],
  config: ["lib"],
  observability: ["lib"],
  store: ["lib", "observability"],
  auth: ["lib", "store"],
  memory: ["lib"],
  guest: ["lib"],
  hypervisors: ["memory", "lib"],
  "domain/history": ground,
  "domain/mailboxes": ground,
  "domain/networks": ground,
  "domain/images": ground,
  "domain/volumes": ground,
  "domain/instances": [...ground, ...leaves],
  "domain/checkpoints": [...ground, ...leaves, "domain/instances"],
  "domain/snapshots": [...ground, ...leaves, "domain/instances", "domain/checkpoints"],
  "domain/schedules": [...ground, ...leaves, "domain/instances", "domain/checkpoints", "domain/snapshots"],
  "domain/resources": [...ground, ...leaves, "domain/instances"],
  "domain/forks": [...ground, ...leaves, "domain/instances", "domain/checkpoints", "domain/snapshots"],
  // Of `hypervisors` and `guest` the types only: what a driver can do, and the session of an exec. The machine is the domain's.
  api: ["lib", "observability", "auth", "domain", "guest", "hypervisors"],
  client: [],
  cli: ["client", "lib"],
};

const unlisted = { path: "^src/.*/", pathNot: Object.keys(mayImport).map((folder) => `^src/${folder}/`) };
const anyError = "^src/errors\\.ts$";
const test = "\\.test\\.ts$";

const layer = ([folder, allowed]) => ({
  name: `${folder} imports only ${allowed.join(", ") || "itself"}`,
  severity: "error",
  from: { path: `^src/${folder}/`, pathNot: test },
  to: {
    path: "^src/",
    pathNot: [
      ...[folder, ...allowed].map((open) => `^src/${open}/`),
      // lib knows nothing of Ramet; client and cli know only what HTTP tells them.
      ...(["lib", "client", "cli"].includes(folder) ? [] : [anyError]),
    ],
  },
});

module.exports = {
  forbidden: [
    { name: "no cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "everything imported exists", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "every folder that is imported stands in the import table",
      severity: "error",
      from: {},
      to: unlisted,
    },
    {
      name: "every folder that imports stands in the import table",
      severity: "error",
      from: unlisted,
      to: {},
    },
    {
      name: "only main.ts names a driver",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/main\\.ts$", "^src/hypervisors/", test] },
      to: { path: "^src/hypervisors/[^/]+/" },
    },
    {
      name: "drivers are strangers to each other",
      severity: "error",
      from: { path: "^src/hypervisors/([^/]+)/", pathNot: test },
      to: { path: "^src/hypervisors/[^/]+/", pathNot: "^src/hypervisors/$1/" },
    },
    {
      name: "src does not import tests, scripts, benches or examples",
      severity: "error",
      from: { path: "^src/", pathNot: test },
      to: { path: ["^(test|scripts|bench|examples)/", test] },
    },
    {
      name: "examples import what a user's program would: ramet/client",
      severity: "error",
      from: { path: "^examples/" },
      to: { path: "^(src|test|scripts|bench|guest)/", pathNot: "^src/client/index\\.ts$" },
    },
    {
      name: "production code imports production packages",
      severity: "error",
      from: { path: "^src/", pathNot: test },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only"] },
    },
    ...Object.entries(mayImport).map(layer),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    // What runs in a guest, beside a library that is put there with it.
    exclude: { path: "^examples/.*\\.mjs$" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
