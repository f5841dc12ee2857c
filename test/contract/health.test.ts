import assert from "node:assert/strict";
import { contract } from "./harness.ts";

contract("health.check", "says that the server answers", async ({ client }) => {
  assert.equal((await client.health.check()).status, "ok");
});
