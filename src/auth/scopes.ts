/**
 * What a caller may do, as `resource:action`. A grant is a scope or a wildcard:
 *
 *     *  ─covers─►  instance:*  ─covers─►  instance:read, instance:write, instance:delete
 *
 * No action implies another: who may write need not be allowed to read. The names are Hypeman's where it has them; `event`, `audit`,
 * `token` and `resource:write` are ours.
 */
const actionsOf = {
  instance: ["read", "write", "delete"],
  snapshot: ["read", "write", "delete"],
  image: ["read", "write", "delete"],
  volume: ["read", "write", "delete"],
  build: ["read", "write", "delete"],
  device: ["read", "write", "delete"],
  ingress: ["read", "write", "delete"],
  resource: ["read", "write"],
  event: ["read"],
  audit: ["read"],
  token: ["read", "write"],
} as const;

type Actions = typeof actionsOf;
type Resource = keyof Actions;

/** What one call needs. */
export type Scope = { [Name in Resource]: `${Name}:${Actions[Name][number]}` }[Resource];

/** What a token may hold. */
export type Grant = Scope | `${Resource}:*` | "*";

/** Every scope there is. */
export const scopes: readonly Scope[] = Object.entries(actionsOf).flatMap(([resource, actions]) =>
  actions.map((action) => `${resource}:${action}` as Scope),
);

/** Every grant there is: the wildcards and the scopes. */
export const grants: readonly Grant[] = [
  "*",
  ...Object.keys(actionsOf).map((resource) => `${resource}:*` as Grant),
  ...scopes,
];

/** Whether these grants allow a call that needs the scope. Texts that are no grant allow nothing. */
export function allows(held: readonly string[], needed: Scope): boolean {
  return held.includes("*") || held.includes(needed) || held.includes(`${resourceOf(needed)}:*`);
}

/** Whether these grants allow all that `grant` allows. */
export function covers(held: readonly string[], grant: Grant): boolean {
  if (grant === "*") return held.includes("*");
  return scopesOf(grant).every((scope) => allows(held, scope));
}

function scopesOf(grant: Exclude<Grant, "*">): readonly Scope[] {
  return scopes.filter((scope) => scope === grant || grant === `${resourceOf(scope)}:*`);
}

function resourceOf(scope: Scope): string {
  return scope.slice(0, scope.indexOf(":"));
}
