import type { RouteOptions } from "fastify";
import { assert } from "../lib/assert.ts";
import type { Api } from "./context.ts";

/**
 * From now on no route can be registered that does not say, in its `config`, which scope it needs or that it is public. The OpenAPI
 * description of each gets its security from the same word, so the two cannot differ.
 */
export function requireScopes(app: Api): void {
  app.addHook("onRoute", (route) => {
    if (isDocumentationPage(route.url)) route.config = { ...route.config, scope: "public" };
    const scope = route.config?.scope;
    assert(scope !== undefined, `${nameOf(route)} says in its config which scope it needs, or "public"`);
    route.schema = { ...route.schema, security: scope === "public" ? [] : [{ bearer: [scope] }] };
  });
}

/** The page that browses the document is a plugin's, which takes no config of ours. */
function isDocumentationPage(url: string): boolean {
  return url === "/docs" || url.startsWith("/docs/");
}

function nameOf({ method, url }: RouteOptions): string {
  return `${String(method)} ${url}`;
}
