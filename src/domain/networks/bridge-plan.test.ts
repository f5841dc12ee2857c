import assert from "node:assert/strict";
import { test } from "node:test";
import { hostOfTap, macAddressOf, ownerOf, rulesText, stationOf, tapNameOf, type BridgePlan } from "./bridge-plan.ts";
import { parseSubnet } from "./subnet.ts";

const planOf = (dataDir: string, cidr = "10.0.0.0/8"): BridgePlan => {
  const subnet = parseSubnet(cidr);
  assert.ok(subnet);
  return { bridgeName: "ramet0", subnet, owner: ownerOf(dataDir) };
};

test("a TAP's name fits, leads back to its host, and is no other server's", () => {
  const plan = planOf("/var/lib/ramet");
  const other = planOf("/tmp/elsewhere");
  for (const host of [2, 35, 36, plan.subnet.lastHost]) {
    for (const which of ["first", "second"] as const) {
      const name = tapNameOf(plan, host, which);
      assert.ok(Buffer.byteLength(name) <= 15, name);
      assert.equal(hostOfTap(plan, name), host);
      assert.equal(hostOfTap(other, name), null);
    }
  }
  for (const name of ["rmt", "eth0", `rmt${plan.owner}`, `rmt${plan.owner}-1`])
    assert.equal(hostOfTap(plan, name), null);
});

test("hardware addresses are local, unicast and one for each host", () => {
  const plan = planOf("/var/lib/ramet");
  const hosts = [1, 2, 255, 256, 65_536, plan.subnet.lastHost];
  const addresses = hosts.map((host) => macAddressOf(plan, host));
  assert.equal(new Set(addresses).size, hosts.length);
  for (const address of addresses) assert.match(address, /^02(:[0-9a-f]{2}){5}$/);
});

test("the rules hold every station once, as TAP, hardware address and IPv4 address", () => {
  const plan = planOf("/var/lib/ramet", "10.100.0.0/16");
  const stations = [stationOf(plan, 2), stationOf(plan, 3)];
  const text = rulesText(plan, stations);
  for (const { tapName, macAddress, ipv4 } of stations) {
    assert.equal(text.split(`"${tapName}" . ${macAddress} . ${ipv4}`).length, 2);
  }
  assert.ok(!rulesText(plan, []).includes("elements"), "nft refuses an empty list of elements");
});
