import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultInterface } from "./host-network.ts";

const head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";

test("the default route's interface is found among the others", () => {
  const local = "br0\t0000640A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0";
  const everywhere = "enp3s0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0";
  assert.equal(defaultInterface([head, local, everywhere, ""].join("\n")), "enp3s0");
  assert.equal(defaultInterface([head, local, ""].join("\n")), null);
  assert.equal(defaultInterface(""), null);
});
