import type { Scenario } from "../scenario.ts";
import { coldFork, warmFork } from "./fork.ts";

/** In the order in which they are measured. */
export const scenarios: readonly Scenario[] = [...[256, 1024, 2048].map(coldFork), ...[256, 1024, 2048].map(warmFork)];
