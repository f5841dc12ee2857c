import assert from "node:assert/strict";
import { test } from "node:test";
import Hypeman from "@onkernel/hypeman";
import * as clientLibrary from "@onkernel/hypeman/lib/index.mjs";
import { calls } from "./calls.ts";
import { callsOf, whatSpeaksAgainst } from "./judge.ts";

/** Calls that are no methods of the client: exec has none in this language, and the library's functions stand beside it. */
const besideTheClient = ["exec", "lib.cpToInstance", "lib.cpFromInstance", "lib.pushImage"];

/** The rest of its library only prepares `pushImage` or ends in it. */
const preparing = ["extractPushConfig", "loadDockerImage", "push", "pushFromURL"];

test("every call of the official client has an entry, with the HTTP form that the client gives it", async () => {
  const found = await callsOfTheClient();
  assert.ok(found.size > 50, "the client has calls");
  const ours = Object.entries(calls).filter(([name]) => !besideTheClient.includes(name));
  assert.deepEqual(
    ours.map(([name, { http }]) => [name, withoutNames(http)]),
    [...found].map(([name, http]) => [name, withoutNames(http)]),
  );
});

test("every function of the client's library has an entry or leads to one", () => {
  const functions = Object.keys(clientLibrary).filter((name) => !preparing.includes(name));
  const listed = besideTheClient.filter((name) => name.startsWith("lib.")).map((name) => name.slice("lib.".length));
  assert.deepEqual(functions.toSorted(), listed.toSorted());
});

test("a request belongs to the most exact of the forms it fits", () => {
  assert.deepEqual(callsOf({ method: "GET", path: "/devices/available" }), ["devices.listAvailable"]);
  assert.deepEqual(callsOf({ method: "GET", path: "/devices/d1" }), ["devices.retrieve"]);
  assert.deepEqual(callsOf({ method: "GET", path: "/images/a%2Fb" }), ["images.get"]);
});

test("a contract whose call was never made, or failed, does not pass", () => {
  const health = { method: "GET", path: "/health", code: null };
  assert.match(whatSpeaksAgainst("health.check", []) ?? "", /never made the call/);
  assert.notEqual(whatSpeaksAgainst("health.check", [{ ...health, status: 404 }]), null);
});

/** Each method of each resource, called with a stand-in for every argument, and the request it made of them. */
async function callsOfTheClient(): Promise<Map<string, string>> {
  let seen = "";
  const client = new Hypeman({
    baseURL: "http://server.test",
    apiKey: "none",
    fetch: (input, init) => {
      const request = new Request(input, init);
      seen = `${request.method} ${decodeURIComponent(new URL(request.url).pathname)}`;
      return Promise.resolve(Response.json({}));
    },
  });
  const found = new Map<string, string>();
  for (const [path, resource] of resourcesOf(client, "")) {
    for (const method of methodsOf(resource)) {
      const call = Reflect.get(resource, method) as (...args: unknown[]) => Promise<unknown>;
      await call.call(resource, "{id}", { id: "{owner}" });
      found.set(`${path}.${method}`, seen);
    }
  }
  return found;
}

function resourcesOf(holder: object, path: string): [string, object][] {
  return Object.entries(holder).flatMap(([name, value]: [string, unknown]): [string, object][] => {
    if (typeof value !== "object" || value === null || name.startsWith("_") || !("_client" in value)) return [];
    const below = path === "" ? name : `${path}.${name}`;
    return [[below, value], ...resourcesOf(value, below)];
  });
}

function methodsOf(resource: object): string[] {
  const prototype = Object.getPrototypeOf(resource) as object;
  return Object.getOwnPropertyNames(prototype).filter((name) => name !== "constructor");
}

/** What a parameter is called is ours to say. */
function withoutNames(http: string): string {
  return http.replace(/\{\w+\}/g, "{}");
}
