/** What cannot be here is 501 with the reason, and not a path that was misspelt. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import Hypeman, { toFile } from "@onkernel/hypeman";
import { extractPushConfig, pushImage } from "@onkernel/hypeman/lib/index.mjs";
import { makeStopped } from "../api/helpers.ts";
import type { CallName } from "./calls.ts";
import { contract } from "./harness.ts";

/** Asked once each: the client would ask again after a 501, were it not told that this is of no use. */
const refused: readonly (readonly [CallName, (client: Hypeman) => Promise<unknown>])[] = [
  ["devices.create", (client) => client.devices.create({ pci_address: "0000:a2:00.0" })],
  ["devices.retrieve", (client) => client.devices.retrieve("gpu")],
  ["devices.list", (client) => client.devices.list()],
  ["devices.delete", (client) => client.devices.delete("gpu")],
  ["devices.listAvailable", (client) => client.devices.listAvailable()],
  ["ingresses.create", (client) => client.ingresses.create({ name: "web", rules: [] })],
  ["ingresses.list", (client) => client.ingresses.list()],
  ["ingresses.delete", (client) => client.ingresses.delete("web")],
  ["ingresses.get", (client) => client.ingresses.get("web")],
  ["resources.reclaimMemory", (client) => client.resources.reclaimMemory({ reclaim_bytes: 1 << 20 })],
  ["builders.create", (client) => client.builders.create({})],
  ["builders.list", (client) => client.builders.list()],
  ["builders.delete", (client) => client.builders.delete("b")],
  ["builders.get", (client) => client.builders.get("b")],
  ["builders.prune", (client) => client.builders.prune("b")],
  ["builds.create", async (client) => client.builds.create({ source: await toFile(Buffer.from("x"), "source.tgz") })],
  ["builds.list", (client) => client.builds.list()],
  ["builds.cancel", (client) => client.builds.cancel("b")],
  ["builds.events", (client) => client.builds.events("b")],
  ["builds.get", (client) => client.builds.get("b")],
  ["pushes.create", (client) => client.pushes.create({ image: "web", target: "registry.example/web" })],
  ["pushes.list", (client) => client.pushes.list()],
  ["pushes.get", (client) => client.pushes.get("p")],
  ["instances.volumes.attach", (client) => client.instances.volumes.attach("v", { id: "base", mount_path: "/mnt/v" })],
  ["instances.volumes.detach", (client) => client.instances.volumes.detach("v", { id: "base" })],
];

for (const [call, ask] of refused) {
  contract(call, "is refused with the reason, and asked once", async ({ client, server, exchanges }) => {
    await makeStopped(server, "base");
    await assert.rejects(ask(client), (failure) => {
      assert.ok(failure instanceof Hypeman.InternalServerError, String(failure));
      assert.equal(failure.status, 501);
      assert.match(failure.message, /not supported: /);
      return true;
    });
    // The client first tries out whether its fetch sends forms, without a server.
    assert.equal(exchanges.filter(({ path }) => path.startsWith("/")).length, 1);
  });
}

contract("lib.pushImage", "is refused at its first upload", async (given) => {
  const config = Buffer.from("{}");
  const layer = { digest: `sha256:${createHash("sha256").update("").digest("hex")}`, size: 0, data: Buffer.alloc(0) };
  const source = { config: () => Promise.resolve(config), layers: () => Promise.resolve([layer]) };
  const { baseURL, apiKey } = given.client;
  await assert.rejects(
    pushImage(extractPushConfig({ baseURL, apiKey }), source, "web:latest"),
    /HTTP 501.*not_supported/,
  );
  given.saw("lib.pushImage", 501, "not_supported");
});
