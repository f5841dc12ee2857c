import type { Instance } from "../client/shapes.ts";
import { formatTimings } from "./durations.ts";
import { printable } from "./printable.ts";

/** An instance as `key: value` lines for people. */
export function describeInstance(instance: Instance): string {
  const lines: [string, string][] = [
    ["name", instance.name],
    ["id", instance.id],
    ["state", describeState(instance)],
    ["image", instance.image],
    ["memory", instance.memory],
    ["vcpus", String(instance.vcpus)],
    ["disk", instance.overlay_size],
    ["command", [...instance.entrypoint, ...instance.cmd].map(quoteWord).join(" ")],
    ["env", describePairs(instance.env)],
    ["tags", describePairs(instance.tags)],
    ["network", describeNetwork(instance)],
    ["hypervisor", `${instance.hypervisor} (${instance.accelerator})`],
    ["memory image", instance.has_memory_image ? "yes" : "no"],
    ["parent", instance.parent_id ?? "none"],
    ["depth", String(instance.depth)],
    ["exit", describeExit(instance)],
    ["created", instance.created_at],
  ];
  return lines.map(([key, value]) => `${`${key}:`.padEnd(14)}${printable(value)}\n`).join("");
}

/** One line: what state it is in now, and where the time went. */
export function describeOutcome(instance: Instance, timings: Readonly<Record<string, number>> = {}): string {
  const phases = formatTimings(timings);
  return printable(`${instance.name} is ${instance.state}${phases === "" ? "" : `: ${phases}`}`);
}

function describeState(instance: Instance): string {
  return instance.state_error === null ? instance.state : `${instance.state} (${instance.state_error})`;
}

function describeNetwork({ network: { mode, ip, mac } }: Instance): string {
  return [mode, ip, mac].filter((part) => part !== null).join(", ");
}

function describePairs(pairs: Readonly<Record<string, string>>): string {
  const words = Object.entries(pairs).map(([key, value]) => quoteWord(`${key}=${value}`));
  return words.length === 0 ? "none" : words.join(" ");
}

function describeExit({ exit }: Instance): string {
  if (exit === null) return "none";
  const how =
    exit.exit_code !== null
      ? `code ${exit.exit_code}`
      : exit.signal !== null
        ? `signal ${exit.signal}`
        : "code unknown";
  return `${how} (${exit.reason})`;
}

/** Quotes as a POSIX shell reads it back. */
function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
