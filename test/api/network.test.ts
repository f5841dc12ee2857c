import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { expectError, expectInstance, startTestServer, type Answer, type TestServer } from "./helpers.ts";

function create(server: TestServer, name: string, network: unknown): Promise<Answer> {
  return server.call("POST", "/instances", { body: { name, image: "ramet/base", start: false, network } });
}

test("an instance without a wish is in user mode with nothing forwarded", async (context) => {
  const server = await startTestServer(context);
  const { network } = expectInstance(await create(server, "plain", {}), 201);
  assert.deepEqual([network.mode, network.ports], ["user", []]);
});

test("host ports are the caller's where asked for and chosen where not, and no two are equal", async (context) => {
  const server = await startTestServer(context);
  const ports = [{ guest_port: 80 }, { guest_port: 80 }, { guest_port: 53, protocol: "udp" }];
  const first = expectInstance(await create(server, "first", { ports }), 201).network.ports;
  assert.deepEqual(
    first.map(({ guest_port, protocol }) => [guest_port, protocol]),
    [
      [80, "tcp"],
      [80, "tcp"],
      [53, "udp"],
    ],
  );
  assert.notEqual(first[0]?.host_port, first[1]?.host_port);
  const asked = [{ guest_port: 80, host_port: first[0]?.host_port }];
  expectError(await create(server, "second", { ports: asked }), 409, "insufficient_resources");
  assert.equal((await server.call("DELETE", "/instances/first")).status, 204);
  assert.equal(
    expectInstance(await create(server, "second", { ports: asked }), 201).network.ports[0]?.host_port,
    first[0]?.host_port,
  );
});

test("a host port that another program has is a 409 that names it, and nothing is made", async (context) => {
  const server = await startTestServer(context);
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  context.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  const ports = [{ guest_port: 80 }, { guest_port: 81, host_port: port }];
  const answer = await create(server, "late", { ports });
  expectError(answer, 409, "insufficient_resources");
  assert.match(answer.text, new RegExp(`tcp port ${String(port)} `));
  expectError(await server.call("GET", "/instances/late"), 404, "not_found");
});

test("the bridge is a 501 where the hypervisor has none, before anything is made", async (context) => {
  const server = await startTestServer(context);
  const answer = await create(server, "node", { mode: "bridge" });
  expectError(answer, 501, "not_supported");
  assert.match(answer.text, /use network mode user/);
  expectError(await server.call("GET", "/instances/node"), 404, "not_found");
});

test("a network that makes no sense is a 400 that says so", async (context) => {
  const server = await startTestServer(context);
  const wishes = [
    { mode: "host" },
    { ports: [{ host_port: 80 }] },
    { ports: [{ guest_port: 0 }] },
    { ports: [{ guest_port: 65536 }] },
    { ports: [{ guest_port: 80, protocol: "sctp" }] },
    { ports: [{ guest_port: 80, address: "0.0.0.0" }] },
    { ports: {} },
    { mode: "bridge", ports: [{ guest_port: 80 }] },
    {
      ports: [
        { guest_port: 80, host_port: 8080 },
        { guest_port: 81, host_port: 8080 },
      ],
    },
  ];
  for (const wish of wishes) expectError(await create(server, "odd", wish), 400, "invalid_request");
});
