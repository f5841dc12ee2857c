import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { findFreePort, isPortFree } from "./free-port.ts";

const loopback = "127.0.0.1";

test("a TCP port is free until somebody listens on it, and again after that", async () => {
  const server = createServer().listen(0, loopback);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  assert.equal(await isPortFree("tcp", loopback, port), false);
  assert.equal(await isPortFree("udp", loopback, port), true, "the protocols have ports of their own");
  server.close();
  await once(server, "close");
  assert.equal(await isPortFree("tcp", loopback, port), true);
});

test("a UDP port is free until somebody has it", async () => {
  const socket = createSocket("udp4").bind(0, loopback);
  await once(socket, "listening");
  assert.equal(await isPortFree("udp", loopback, socket.address().port), false);
  socket.close();
});

test("a port that was found can be bound", async () => {
  for (const protocol of ["tcp", "udp"] as const) {
    const port = await findFreePort(protocol, loopback);
    assert.ok(port > 0);
    assert.equal(await isPortFree(protocol, loopback, port), true);
  }
});
