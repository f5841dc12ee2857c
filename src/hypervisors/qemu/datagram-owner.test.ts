import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { inodesOfPort, ownsUdpPort } from "./datagram-owner.ts";

const text = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  100: 00000000:D2B4 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12345 2 0000000000000000 0
  101: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 777 2 0000000000000000 0
  102: 0100007F:D2B4 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 0 2 0000000000000000 0
`;

test("reads the sockets of a local port, and none that only has it as a part", () => {
  assert.deepEqual(inodesOfPort(text, 0xd2b4), ["12345"]);
  assert.deepEqual(inodesOfPort(text, 0x35), ["777"]);
  assert.deepEqual(inodesOfPort(text, 0x5), []);
  assert.deepEqual(inodesOfPort(text, 0), []);
});

test("a port belongs to the process that has it bound, and to no other", async () => {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  assert.equal(ownsUdpPort(process.pid, port), true);
  assert.equal(ownsUdpPort(process.ppid, port), false);
  socket.close();
  await once(socket, "close");
  assert.equal(ownsUdpPort(process.pid, port), false);
});
