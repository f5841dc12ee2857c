import assert from "node:assert/strict";
import Hypeman, { AuthenticationError, BadRequestError, ConflictError, NotFoundError } from "@onkernel/hypeman";
import { expectNotSupported, expectRefused } from "./expect.ts";
import { contract } from "./harness.ts";

const image = "ramet/base";

contract(
  "instances.create",
  "a refusal is the client's own error, with the server's code",
  async ({ client, server }) => {
    const { id } = await client.instances.create({ name: "web", image });
    await expectRefused(client.instances.get("nobody"), NotFoundError, "not_found");
    await expectRefused(client.instances.create({ name: "web", image }), ConflictError, "name_conflict");
    await expectRefused(
      client.instances
        .restore("web")
        .then(() => client.instances.stop(id))
        .then(() => client.instances.restore(id)),
      ConflictError,
      "invalid_state",
    );
    await expectRefused(client.instances.create({ name: "Not a name", image }), BadRequestError, "invalid_request");
    await expectRefused(
      client.instances.create({ name: "x", image, size: "tiny" }),
      BadRequestError,
      "invalid_request",
    );
    const message = await expectRefused(
      client.instances.create({ name: "x", image, size: "128MB", ...{ memory: "256MB" } }),
      BadRequestError,
      "invalid_request",
    );
    assert.match(message, /"memory" is 256MB and "size" is 128MB/);
    const stranger = new Hypeman({ baseURL: server.url, apiKey: "somebody-else" });
    await expectRefused(stranger.instances.list(), AuthenticationError, "unauthorized");
  },
);

contract("instances.create", "what will not change by itself is asked once", async ({ client, exchanges }) => {
  await client.instances.create({ name: "web", image });
  const before = exchanges.length;
  await expectRefused(client.instances.create({ name: "web", image }), ConflictError, "name_conflict");
  await expectNotSupported(client.instances.create({ name: "y", image, devices: ["gpu"] }));
  await expectRefused(client.instances.get("nobody"), NotFoundError, "not_found");
  assert.deepEqual(
    exchanges.slice(before).map(({ code }) => code),
    ["name_conflict", "not_supported", "not_found"],
  );
});

contract(
  "instances.update",
  "an instance that is busy is asked again until it is free",
  async ({ client, server, exchanges }) => {
    const { id } = await client.instances.create({ name: "web", image });
    const held = server.domain.lock.acquire(id, "snapshot");
    const before = exchanges.length;
    const update = client.instances.update(id, { env: { A: "1" } });
    const updated = update.then((instance) => instance.env);
    while (exchanges.length === before) await new Promise((resolve) => setImmediate(resolve));
    held[Symbol.dispose]();
    assert.deepEqual(await updated, { A: "1" });
    assert.deepEqual(
      exchanges.slice(before).map(({ code }) => code),
      ["instance_busy", null],
    );
  },
);
