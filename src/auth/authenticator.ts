import { hash, timingSafeEqual } from "node:crypto";
import { OperatingError } from "../errors.ts";
import type { ApiTokens } from "./api-tokens.ts";
import type { Authority } from "./authority.ts";
import { authorityOfJwt, looksLikeJwt } from "./jwt.ts";

/** Bearer token → authority. @throws OperatingError `unauthorized` with what is wrong with it. */
export type Authenticate = (bearer: string) => Promise<Authority>;

/** The server's own first token: may do everything, and never ends. */
const local: Authority = {
  caller: { id: "local", name: "local" },
  grants: ["*"],
  expiresAtMs: null,
  onEnd: () => () => undefined,
};

export interface Credentials {
  /** The server's own token, of `<data-dir>/token`. */
  readonly token: string;
  readonly apiTokens: ApiTokens;
  /** Null: no JWT is accepted. */
  readonly jwtSecret: Uint8Array | null;
}

/** Makes the check of all bearer tokens that this server knows (RFC 6750). */
export function makeAuthenticator({ token, apiTokens, jwtSecret }: Credentials): Authenticate {
  const expected = digestOf(token);
  return async (bearer) => {
    // Digests are compared, not the tokens, so that neither a difference's place nor the length shows in the time that it takes.
    if (timingSafeEqual(digestOf(bearer), expected)) return local;
    const authority = apiTokens.authorityOf(bearer);
    if (authority !== null) return authority;
    if (jwtSecret !== null && looksLikeJwt(bearer)) return await authorityOfJwt(bearer, jwtSecret);
    throw new OperatingError("unauthorized", `This bearer token is unknown to this server; ${whereTheTokenIs}.`);
  };
}

/** For the sentences of refusals. */
export const whereTheTokenIs =
  "the server's own is in the file `token` of its data directory, and `ramet token create` makes others";

function digestOf(token: string): Buffer {
  return hash("sha256", token, "buffer");
}
