import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { OperatingError } from "../errors.ts";
import { openDatabase, type Database } from "../store/database.ts";
import { ApiTokens, type ApiTokenRequest } from "./api-tokens.ts";
import type { Authority } from "./authority.ts";

const root: Authority = {
  caller: { id: "local", name: "local" },
  grants: ["*"],
  expiresAtMs: null,
  onEnd: () => () => undefined,
};
const reading: ApiTokenRequest = { name: "reader", grants: ["instance:read"], expiresAtMs: null };

function makeTokens(context: TestContext): { tokens: ApiTokens; database: Database } {
  const database = openDatabase(":memory:");
  const tokens = new ApiTokens(database);
  context.after(() => {
    tokens.close();
    database.close();
  });
  return { tokens, database };
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (failure) {
    assert(failure instanceof OperatingError);
    return failure.code;
  }
  return "ok";
}

function authorityOf(tokens: ApiTokens, text: string): Authority {
  const authority = tokens.authorityOf(text);
  assert(authority !== null);
  return authority;
}

test("a token's text is its authority; a text with one character changed is none", (context) => {
  const { tokens } = makeTokens(context);
  const { token, text } = tokens.create(reading, root);
  assert.match(text, new RegExp(`^ramet_${token.id}_[A-Za-z0-9_-]{43}$`));
  const authority = authorityOf(tokens, text);
  assert.deepEqual([authority.caller, authority.grants], [{ id: token.id, name: "reader" }, ["instance:read"]]);
  for (const place of [8, 31, 40, 60]) {
    const changed = text.slice(0, place) + (text[place] === "a" ? "b" : "a") + text.slice(place + 1);
    assert.equal(
      codeOf(() => tokens.authorityOf(changed)),
      "unauthorized",
    );
  }
  for (const other of ["", "ramet", text.slice(0, -1), `${text}a`, ` ${text}`, text.toUpperCase()])
    assert.equal(tokens.authorityOf(other), null);
});

test("the secret of a token is in no column of the database", (context) => {
  const { tokens, database } = makeTokens(context);
  const { text } = tokens.create(reading, root);
  const secret = text.split("_").slice(2).join("_");
  const stored = JSON.stringify(database.prepare("select *, hex(secret_digest) from api_tokens").all());
  assert.ok(stored.includes("reader"));
  assert.ok(!stored.includes(secret));
  assert.ok(!stored.toLowerCase().includes(Buffer.from(secret, "base64url").toString("hex")));
});

test("a token makes none with more than it has, of scopes or of time", (context) => {
  const { tokens } = makeTokens(context);
  const endsAtMs = Date.now() + 3_600_000;
  const { text } = tokens.create({ name: "maker", grants: ["token:write", "instance:*"], expiresAtMs: endsAtMs }, root);
  const maker = authorityOf(tokens, text);
  const makes = (request: Partial<ApiTokenRequest>): string =>
    codeOf(() => tokens.create({ ...reading, ...request }, maker));
  assert.equal(makes({}), "ok");
  assert.equal(makes({ grants: ["instance:*", "token:write"] }), "ok");
  for (const grant of ["*", "snapshot:read", "token:*", "token:read"] as const)
    assert.equal(makes({ grants: ["instance:read", grant] }), "forbidden");
  assert.equal(makes({ expiresAtMs: endsAtMs }), "ok");
  assert.equal(makes({ expiresAtMs: endsAtMs + 1 }), "forbidden");
  // Without an end of its own it has its maker's.
  assert.equal(tokens.create(reading, maker).token.expiresAtMs, endsAtMs);
  assert.equal(tokens.create(reading, maker).token.createdBy, maker.caller.id);
});

test("a token revokes none that may do more than itself", (context) => {
  const { tokens } = makeTokens(context);
  const weak = authorityOf(tokens, tokens.create({ ...reading, grants: ["token:write"] }, root).text);
  const strong = tokens.create({ ...reading, name: "strong", grants: ["*"] }, root);
  assert.equal(
    codeOf(() => tokens.revoke("strong", weak)),
    "forbidden",
  );
  assert.equal(authorityOf(tokens, strong.text).caller.name, "strong");
  assert.equal(
    codeOf(() => tokens.revoke("strong", root)),
    "ok",
  );
  assert.equal(
    codeOf(() => tokens.authorityOf(strong.text)),
    "unauthorized",
  );
});

test("a revoked token is told to all that is open under it, at once and once", (context) => {
  const { tokens } = makeTokens(context);
  const { token, text } = tokens.create(reading, root);
  const authority = authorityOf(tokens, text);
  const ended: string[] = [];
  authority.onEnd(() => ended.push("kept"));
  authority.onEnd(() => ended.push("forgotten"))();
  authorityOf(tokens, tokens.create({ ...reading, name: "other" }, root).text).onEnd(() => ended.push("other"));
  tokens.revoke(token.id, root);
  assert.deepEqual(ended, ["kept"]);
});

test("what opens between the check and the revocation ends too", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"], now: Date.now() });
  const { tokens } = makeTokens(context);
  const { token, text } = tokens.create(reading, root);
  const authority = authorityOf(tokens, text);
  tokens.revoke(token.id, root);
  let ends = 0;
  authority.onEnd(() => {
    ends++;
  });
  context.mock.timers.tick(1);
  assert.equal(ends, 1);
});

test("an expired token is refused, and what is open under it ends at that time", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"], now: Date.now() });
  const { tokens } = makeTokens(context);
  const { text } = tokens.create({ ...reading, expiresAtMs: Date.now() + 5_000 }, root);
  const authority = authorityOf(tokens, text);
  let ends = 0;
  authority.onEnd(() => {
    ends++;
  });
  context.mock.timers.tick(4_999);
  assert.deepEqual([ends, codeOf(() => tokens.authorityOf(text))], [0, "ok"]);
  context.mock.timers.tick(1);
  assert.deepEqual([ends, codeOf(() => tokens.authorityOf(text))], [1, "unauthorized"]);
});

test("the last use is known at once, and written once a minute and at the end", (context) => {
  const now = 1_800_000_000_000;
  context.mock.timers.enable({ apis: ["setTimeout", "Date"], now });
  const { tokens, database } = makeTokens(context);
  const { text } = tokens.create(reading, root);
  const written = (): unknown => database.prepare("select last_used_at_ms as ms from api_tokens").get()?.["ms"];
  const known = (): unknown => tokens.list()[0]?.lastUsedAtMs;
  assert.equal(known(), null);
  tokens.authorityOf(text);
  context.mock.timers.tick(30_000);
  tokens.authorityOf(text);
  assert.deepEqual([known(), written()], [now + 30_000, null]);
  context.mock.timers.tick(30_000);
  assert.equal(written(), now + 30_000);
  tokens.authorityOf(text);
  tokens.close();
  assert.equal(written(), now + 60_000);
});

test("a token is named by its id, its name, or the beginning of its id, and an ended one by no name", (context) => {
  const { tokens } = makeTokens(context);
  const first = tokens.create(reading, root).token;
  const second = tokens.create(reading, root).token;
  assert.equal(
    codeOf(() => tokens.revoke("reader", root)),
    "ambiguous",
  );
  assert.equal(
    codeOf(() => tokens.revoke("nobody", root)),
    "not_found",
  );
  assert.equal(tokens.revoke(first.id.slice(0, 20), root).id, first.id);
  assert.equal(tokens.revoke("reader", root).id, second.id);
  assert.equal(
    codeOf(() => tokens.revoke("reader", root)),
    "not_found",
  );
  assert.equal(
    codeOf(() => tokens.revoke(second.id, root)),
    "ok",
  );
});

test("ended tokens are forgotten after a month, live ones never", (context) => {
  const now = 1_800_000_000_000;
  context.mock.timers.enable({ apis: ["setTimeout", "Date"], now });
  const { tokens, database } = makeTokens(context);
  tokens.create({ ...reading, name: "expiring", expiresAtMs: now + 1 }, root);
  tokens.create({ ...reading, name: "revoked" }, root);
  tokens.create({ ...reading, name: "live" }, root);
  tokens.revoke("revoked", root);
  const names = (): string[] => new ApiTokens(database).list().map(({ name }) => name);
  assert.deepEqual(names().toSorted(), ["expiring", "live", "revoked"]);
  context.mock.timers.setTime(now + 31 * 24 * 60 * 60 * 1000);
  assert.deepEqual(names(), ["live"]);
});
