/** A registry, a place to make images, and a server on the fake driver that may pull from it. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { Check } from "typebox/value";
import { ImageSchema, type ImageBody } from "../../src/api/schemas/image.ts";
import { addImage, type HandmadeImage, type Made } from "../fixtures/oci-image.ts";
import { startRegistry, type Registry, type RegistryOptions } from "../fixtures/registry.ts";
import { startTestServer, type Answer, type TestServer, type TestServerOptions } from "./helpers.ts";

const readyWithinMs = 30_000;

/** Only root can unpack files with their owners. */
export const needsRoot = process.getuid?.() === 0 ? false : "only root can unpack images";

export interface ImageSetting {
  readonly registry: Registry;
  readonly server: TestServer;
  /** An OCI layout to make images in. */
  readonly layout: string;
  /** Makes an image and pushes it; gives what it is made of and what to pull. */
  readonly publish: (repository: string, image: HandmadeImage) => Promise<Made & { readonly name: string }>;
}

export async function startSetting(
  context: TestContext,
  options: { readonly registry?: RegistryOptions; readonly server?: TestServerOptions } = {},
): Promise<ImageSetting> {
  const directory = await mkdtemp(join(tmpdir(), "ramet-images-"));
  context.after(() => rm(directory, { recursive: true, force: true }));
  const registry = await startRegistry(context, options.registry);
  const flags = ["--insecure-registries", registry.host, "--image-source-dir", directory];
  const server = await startTestServer(context, { flags, ...options.server });
  const layout = join(directory, "layout");
  let count = 0;
  return {
    registry,
    server,
    layout,
    publish: async (repository, image) => {
      const tag = `made-${String(count++)}`;
      const made = await addImage(layout, tag, image);
      await registry.push(layout, tag, repository);
      return { ...made, name: `${registry.host}/${repository}` };
    },
  };
}

export function pathOf(name: string): string {
  return `/images/${encodeURIComponent(name)}`;
}

export function expectImage(answer: Answer, status: number): ImageBody {
  assert.equal(answer.status, status, answer.text);
  assert.ok(Check(ImageSchema, answer.body), `not an image: ${answer.text}`);
  return answer.body;
}

export async function pull(server: TestServer, name: string, more: object = {}): Promise<ImageBody> {
  return expectImage(await server.call("POST", "/images", { body: { name, ...more } }), 202);
}

/** The image once it is `ready` or `failed`, which its events tell. */
export async function settled(server: TestServer, name: string): Promise<ImageBody> {
  const over = AbortSignal.timeout(readyWithinMs);
  const { events } = server.domain.events.subscribe(null, ({ type }) => type === "image.state", over);
  const look = async () => expectImage(await server.call("GET", pathOf(name)), 200);
  let image = await look();
  while (!["ready", "failed"].includes(image.status)) {
    assert.ok(!(await events.next()).done, `${name} is still ${image.status}`);
    image = await look();
  }
  return image;
}

/** Pulls and waits until it is ready. */
export async function pullReady(server: TestServer, name: string, more: object = {}): Promise<ImageBody> {
  await pull(server, name, more);
  const image = await settled(server, name);
  assert.equal(image.status, "ready", image.error ?? "");
  return image;
}
