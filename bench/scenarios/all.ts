import type { Scenario } from "../scenario.ts";
import { api } from "./api.ts";
import { checkpoint } from "./checkpoint.ts";
import { deliver, deliverLarge } from "./deliver.ts";
import { floors } from "./floors.ts";
import { coldFork, warmFork, warmForkSizes } from "./fork.ts";
import { growth } from "./growth.ts";
import { markers } from "./markers.ts";
import { many } from "./many.ts";
import { besideLibvirt, besideSavevm } from "./restore.ts";

/** In the order in which they are measured. */
export const scenarios: readonly Scenario[] = [
  ...[256, 1024, 2048].map(coldFork),
  ...[256, 1024, 2048].map(warmFork),
  warmForkSizes,
  ...[256, 1024, 2048].map(besideLibvirt),
  ...[256, 1024, 2048].map(besideSavevm),
  deliver,
  deliverLarge,
  markers,
  ...[10, 30, 100, 500].map(checkpoint),
  ...[10, 50, 100].map(many),
  growth,
  api,
  floors,
];
