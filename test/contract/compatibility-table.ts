/** The page that tells users of Hypeman what their client can do here, from the results of a run of the contract tests. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { calls, type Call, type CallName, type Ground } from "./calls.ts";
import type { ContractResult } from "./harness.ts";

/** Where the page stands. */
export const pagePath = join(import.meta.dirname, "../../docs/reference/hypeman-compatibility.md");

/** The results that a run wrote; an empty list when none of its tests was a contract. */
export function parseResults(text: string): ContractResult[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as ContractResult);
}

/** What a run on one ground leaves unproven, as sentences; none when the page may be written. */
export function whatIsUnproven(results: readonly ContractResult[], ground: Ground): string[] {
  return entries().flatMap(([name, call]) => {
    const own = results.filter((result) => result.call === name && result.ground === ground);
    const failed = own.filter(({ passed }) => !passed).map(({ promise }) => `${name}: failed: ${promise}`);
    if (call.verdict === "untested") return [`${name} has no contract test`];
    if (call.shownOn.includes(ground) && own.length === 0)
      return [`${name}: no test on ${ground} showed it in this run`];
    if (!call.shownOn.includes(ground) && own.length > 0)
      return [`${name}: a test on ${ground} shows it, which its entry in calls.ts does not say`];
    return failed;
  });
}

/** The page. A call that failed in this run is said to fail. */
export function renderPage(results: readonly ContractResult[]): string {
  const verdicts = entries().map(([name, call]) => verdictOf(name, call, results));
  const count = (verdict: string): number => verdicts.filter((each) => each === verdict).length;
  const rows = entries().map(([name, call], at) => {
    const cells = [
      `\`${name}\``,
      `\`${call.http}\``,
      verdicts[at] ?? "",
      call.how,
      call.verdict === "untested" ? "" : call.shownOn.map(groundName).join(", "),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return `${head(count)}\n${rows.join("\n")}\n`;
}

function head(count: (verdict: string) => number): string {
  return `# Hypeman's client on Ramet

The official client \`@onkernel/hypeman\` ${clientVersion()} drives Ramet: give it the server's address as \`baseURL\` and a token of Ramet's as \`apiKey\`.
Fields that are ours alone (mailboxes, lineage, \`memory_bytes\` …) come beside Hypeman's, and a client that does not know them ignores them.

This page is generated (\`npm run compatibility\`) from the contract tests in \`test/contract/\`, which use that client and nothing else, and a test run fails when it
is not what they showed: ${count("works")} calls work, ${count("differs")} differ, ${count("not supported")} answer \`501 not_supported\` with a sentence.

| call | HTTP | verdict | how it differs | shown on |
| ---- | ---- | ------- | -------------- | -------- |`;
}

function verdictOf(name: CallName, call: Call, results: readonly ContractResult[]): string {
  return results.some((result) => result.call === name && !result.passed) ? "fails" : call.verdict;
}

function groundName(ground: Ground): string {
  return ground === "vm" ? "real VMs" : "the fake driver";
}

function entries(): [CallName, Call][] {
  return Object.entries(calls) as [CallName, Call][];
}

function clientVersion(): string {
  const path = join(import.meta.dirname, "../../package.json");
  const { devDependencies } = JSON.parse(readFileSync(path, "utf8")) as { devDependencies: Record<string, string> };
  return devDependencies["@onkernel/hypeman"] ?? "";
}
