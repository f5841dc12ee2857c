/**
 * Names of images, as the field writes them (distribution/reference):
 *
 *     127.0.0.1:5000/team/app:1.2@sha256:…      written
 *     └─ registry ──┘└ path ─┘└tag┘└ digest ┘
 *
 *     nginx  →  docker.io/library/nginx:latest  normalised, as Docker does
 */
import { OperatingError } from "../../errors.ts";

export interface Reference {
  readonly registry: string;
  readonly path: string;
  /** Null when there is a digest: that says more than a tag. */
  readonly tag: string | null;
  readonly digest: string | null;
  /** All of it, normalised: two references with one name are the same. */
  readonly name: string;
}

/** The registry of names that name none; a fact of the field. */
const defaultRegistry = "docker.io";
const aliasOfDefault = "index.docker.io";

const label = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
const registryPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[0-9A-Fa-f:]+\\])(?::[0-9]{1,5})?$`);
const component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const pathPattern = new RegExp(`^${component}(?:/${component})*$`);
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const longestPath = 255;

/** The form of a digest; the other algorithms of the standard are not in use. */
export const digestPattern = /^sha256:[0-9a-f]{64}$/;

/** @throws OperatingError `invalid_request` that says which part is wrong. */
export function parseReference(text: string): Reference {
  const [, named = "", digest = null] = /^(.*?)(?:@(.*))?$/s.exec(text) ?? [];
  const [, body = "", tag = null] = /^(.*?)(?::([^:/]*))?$/s.exec(named) ?? [];
  const { registry, path } = splitRegistry(body);
  if (!registryPattern.test(registry)) throw wrong(text, `${quote(registry)} is no host of a registry`);
  if (!pathPattern.test(path) || registry.length + path.length >= longestPath)
    throw wrong(text, "its path must be lower-case letters, digits and . _ - between them, at most 255 characters");
  if (tag !== null && !tagPattern.test(tag)) throw wrong(text, `${quote(tag)} is no tag`);
  if (digest !== null && !digestPattern.test(digest)) throw wrong(text, "its digest must be sha256: and 64 hex digits");
  if (digest !== null) return { registry, path, tag: null, digest, name: `${registry}/${path}@${digest}` };
  const tagOrLatest = tag ?? "latest";
  return { registry, path, tag: tagOrLatest, digest: null, name: `${registry}/${path}:${tagOrLatest}` };
}

/** The first part is a registry when it looks like a host; else it is part of a path on the default one. */
function splitRegistry(body: string): { registry: string; path: string } {
  const slash = body.indexOf("/");
  const first = slash === -1 ? "" : body.slice(0, slash);
  const isHost = /[.:[]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  const registry = isHost && first !== aliasOfDefault ? first : defaultRegistry;
  const path = isHost ? body.slice(slash + 1) : body;
  const isBare = registry === defaultRegistry && !path.includes("/");
  return { registry, path: isBare ? `library/${path}` : path };
}

function wrong(text: string, why: string): OperatingError {
  return new OperatingError(
    "invalid_request",
    `${quote(text)} is no name of an image: ${why}. Write it as nginx, nginx:1.27 or HOST:PORT/path/name:tag.`,
  );
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
