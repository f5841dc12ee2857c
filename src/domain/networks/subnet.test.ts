import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, numberOf, overlaps, parseSubnet } from "./subnet.ts";

test("a subnet's gateway is its first address, instances come after it, broadcast is left out", () => {
  const subnet = parseSubnet("10.100.3.7/16");
  assert.ok(subnet);
  assert.deepEqual(subnet, {
    cidr: "10.100.0.0/16",
    prefixLength: 16,
    gateway: "10.100.0.1",
    firstHost: 2,
    lastHost: 65534,
  });
  assert.equal(addressOf(subnet, 2), "10.100.0.2");
  assert.equal(addressOf(subnet, 65534), "10.100.255.254");
});

test("number and address are each other's inverse, also above 128.0.0.0", () => {
  const subnet = parseSubnet("192.168.254.0/23");
  assert.ok(subnet);
  for (const number of [2, 255, 256, subnet.lastHost])
    assert.equal(numberOf(subnet, addressOf(subnet, number)), number);
  assert.equal(numberOf(subnet, subnet.gateway), null);
  assert.equal(numberOf(subnet, "192.168.255.255"), null, "broadcast");
  assert.equal(numberOf(subnet, "192.168.253.5"), null, "another network");
});

test("what is no subnet with room for instances is refused", () => {
  for (const text of [
    "",
    "10.0.0.0",
    "10.0.0.0/33",
    "10.0.0.0/30",
    "10.0.0.0/7",
    "10.0.0.256/16",
    "010.0.0.0/16",
    "a/16",
  ])
    assert.equal(parseSubnet(text), null, text);
});

test("subnets overlap when one holds the other", () => {
  assert.equal(overlaps("10.100.0.0/16", "10.100.200.1/24"), true);
  assert.equal(overlaps("10.100.200.1/24", "10.100.0.0/16"), true);
  assert.equal(overlaps("10.100.0.0/16", "10.101.0.1/16"), false);
  assert.equal(overlaps("192.168.0.0/16", "127.0.0.1/8"), false);
});
