/** The bridge on this host: made, described and removed through iproute2 and nftables, one process for each change however large. */
import { readFile, writeFile } from "node:fs/promises";
import { OperatingError } from "../../errors.ts";
import {
  bridgeLines,
  deleteLinkLine,
  deleteRulesText,
  hostOfTap,
  rulesText,
  stationsText,
  tableNameOf,
  tapLines,
  type BridgePlan,
  type Station,
} from "./bridge-plan.ts";
import { ProgramError, runProgram } from "./run-program.ts";
import { overlaps } from "./subnet.ts";

/** A TAP of this server's that exists. */
export interface FoundTap {
  readonly name: string;
  readonly host: number;
  /** Whether a VMM has it open: the kernel gives it a carrier for as long. */
  readonly isOpen: boolean;
}

interface Link {
  readonly ifname: string;
  readonly ifalias?: string;
  readonly flags: readonly string[];
  readonly addr_info?: readonly { readonly family: string; readonly local?: string; readonly prefixlen?: number }[];
}

/**
 * Makes the bridge, unless it is there, and the rules, with these stations; lets IPv4 be forwarded. Can be run again.
 * @throws OperatingError `invalid_state` when name or subnet are somebody else's, `not_supported` when the kernel refuses.
 */
export async function makeBridge(plan: BridgePlan, stations: readonly Station[]): Promise<void> {
  const links = await listLinks();
  assertOurs(plan, links);
  try {
    if (!links.some(({ ifname }) => ifname === plan.bridgeName)) await runIp(bridgeLines(plan));
    await runProgram("nft", ["-f", "-"], rulesText(plan, stations));
    await forwardIpv4();
  } catch (cause) {
    // With stations it is a repair, and they are in use.
    if (stations.length === 0) await removeBridge(plan, []);
    const words = cause instanceof Error ? cause.message : "it failed";
    throw new OperatingError("not_supported", `the bridge ${plan.bridgeName} cannot be made: ${words}`, { cause });
  }
}

function assertOurs(plan: BridgePlan, links: readonly Link[]): void {
  const { bridgeName, subnet } = plan;
  const bridge = links.find(({ ifname }) => ifname === bridgeName);
  if (bridge !== undefined && bridge.ifalias !== tableNameOf(plan)) {
    const message = `the interface ${bridgeName} exists and is not this server's: choose another --bridge-name, and another --bridge-subnet`;
    throw new OperatingError("invalid_state", message);
  }
  for (const { ifname, addr_info = [] } of links) {
    const other = addr_info.find(({ local, prefixlen }) =>
      overlaps(subnet.cidr, `${local ?? ""}/${String(prefixlen)}`),
    );
    if (ifname === bridgeName || other === undefined) continue;
    const message = `the subnet ${subnet.cidr} overlaps ${other.local ?? ""}/${String(other.prefixlen)} of ${ifname}: choose another --bridge-subnet`;
    throw new OperatingError("invalid_state", message);
  }
}

/** Only an IPv4 address can be in the way. */
async function listLinks(): Promise<Link[]> {
  const links = JSON.parse(await runProgram("ip", ["-json", "-details", "address", "show"], "")) as Link[];
  return links.map((link) => ({
    ...link,
    addr_info: (link.addr_info ?? []).filter(({ family }) => family === "inet"),
  }));
}

/** Left on afterwards: nobody can know who else has come to need it (kernel: networking/ip-sysctl). */
async function forwardIpv4(): Promise<void> {
  const path = "/proc/sys/net/ipv4/ip_forward";
  if ((await readFile(path, "utf8")).trim() === "0") await writeFile(path, "1");
}

/** Removes TAPs, rules and bridge, whichever there are. */
export async function removeBridge(plan: BridgePlan, tapNames: readonly string[]): Promise<void> {
  const links = await listLinks();
  const bridge = links.find(({ ifname }) => ifname === plan.bridgeName);
  const isOurs = bridge?.ifalias === tableNameOf(plan);
  await deleteLinks(isOurs ? [...tapNames, plan.bridgeName] : tapNames);
  await runProgram("nft", ["-f", "-"], deleteRulesText(plan));
}

/** This server's TAPs, whoever made them. */
export async function findTaps(plan: BridgePlan): Promise<FoundTap[]> {
  const links = await listLinks();
  return links.flatMap(({ ifname, flags }) => {
    const host = hostOfTap(plan, ifname);
    return host === null ? [] : [{ name: ifname, host, isOpen: flags.includes("LOWER_UP") }];
  });
}

/** Makes TAPs that may send as these stations. When one cannot be made, none is there afterwards. */
export async function addStations(plan: BridgePlan, stations: readonly Station[]): Promise<void> {
  await runProgram("nft", ["-f", "-"], stationsText(plan, "add", stations));
  try {
    await runIp(stations.flatMap(({ tapName }) => tapLines(plan, tapName, process.getuid?.() ?? 0)));
  } catch (failure) {
    await removeStations(plan, stations);
    throw failure;
  }
}

export async function removeStations(plan: BridgePlan, stations: readonly Station[]): Promise<void> {
  await deleteTaps(stations.map(({ tapName }) => tapName));
  await runProgram("nft", ["-f", "-"], stationsText(plan, "delete", stations));
}

/** Their rules stay, until all rules are made anew. */
export async function deleteTaps(tapNames: readonly string[]): Promise<void> {
  await deleteLinks(tapNames);
}

/** One that is gone already is as good as deleted: with -force the lines after it are still run, and its absence is looked up. */
async function deleteLinks(names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  try {
    await runProgram("ip", ["-force", "-batch", "-"], `${names.map(deleteLinkLine).join("\n")}\n`);
  } catch (failure) {
    if (!(failure instanceof ProgramError)) throw failure;
    const left = (await listLinks()).filter(({ ifname }) => names.includes(ifname));
    if (left.length > 0) throw failure;
  }
}

async function runIp(lines: readonly string[]): Promise<void> {
  await runProgram("ip", ["-batch", "-"], `${lines.join("\n")}\n`);
}
