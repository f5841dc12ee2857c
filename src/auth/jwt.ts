import { errors, jwtVerify, type JWTPayload } from "jose";
import { OperatingError } from "../errors.ts";
import { runAt } from "../lib/run-at.ts";
import type { Authority } from "./authority.ts";

const longestSubject = 128;

/** Claims by which Hypeman's registry tokens are known: they are for pushing images, and its API refuses them too. */
const registryClaims = ["repos", "scope", "build_id"];

/** Whether a bearer token has the form of a JWT: three base64url parts (RFC 7515, section 3.1); the last is empty with `alg: none`. */
export function looksLikeJwt(text: string): boolean {
  return /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/.test(text);
}

/**
 * Whose authority a JWT of Hypeman's form is: HS256, with `sub`, `exp`, and `permissions`, a list of scopes; without that claim it may do everything,
 * as there. It cannot be revoked: it ends at its `exp`, or with the secret.
 * @throws OperatingError `unauthorized` with what is wrong with it.
 */
export async function authorityOfJwt(text: string, secret: Uint8Array): Promise<Authority> {
  const claims = await verify(text, secret);
  if (registryClaims.some((claim) => claim in claims)) throw refused("is a registry token, which opens no API");
  const { sub, exp } = claims;
  if (typeof sub !== "string" || sub === "" || sub.length > longestSubject || typeof exp !== "number") {
    throw refused(`must name whom it is for in "sub", with 1 to ${String(longestSubject)} characters`);
  }
  const expiresAtMs = exp * 1000;
  return {
    caller: { id: `jwt:${sub}`, name: sub },
    grants: permissionsOf(claims),
    expiresAtMs,
    onEnd: (end) => runAt(expiresAtMs, end),
  };
}

async function verify(text: string, secret: Uint8Array): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(text, secret, { algorithms: ["HS256"], requiredClaims: ["sub", "exp"] });
    return payload;
  } catch (failure) {
    if (failure instanceof errors.JOSEError) throw refused(sentences[failure.code] ?? "is no well-formed JWT", failure);
    throw failure;
  }
}

/** By the library's codes (jose, "errors"). Its own texts are not for callers. */
const sentences: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: "has expired",
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "is not signed with this server's secret",
  ERR_JOSE_ALG_NOT_ALLOWED: "must be signed with HS256, and is not",
  ERR_JWT_CLAIM_VALIDATION_FAILED: 'must have the claims "sub" and "exp", and, when it has "nbf", be valid by now',
};

function permissionsOf({ permissions }: JWTPayload): readonly string[] {
  if (permissions === undefined) return ["*"];
  if (Array.isArray(permissions) && permissions.every((each) => typeof each === "string")) return permissions;
  throw refused('must have a list of scopes in "permissions", or no such claim');
}

function refused(what: string, cause?: unknown): OperatingError {
  return new OperatingError("unauthorized", `This JWT ${what}.`, { cause });
}
