import type { Scenario } from "../schema.ts";
import type { Translated } from "../story.ts";
import { type GalleryId, TITLES } from "./titles.ts";

/** A scenario that is ready to be opened: its title at once, the rest when somebody opens it. */
export interface GalleryEntry {
  readonly id: GalleryId;
  readonly title: Translated;
  readonly load: () => Promise<Scenario>;
}

type Loaded = Promise<{ readonly default: Scenario }>;

/** Each in a file of its own, fetched when it is opened. */
const FILES: readonly (readonly [GalleryId, () => Loaded])[] = [
  ["first-packet", () => import("./01-first-packet.ts")],
  ["namespaces-and-a-cable", () => import("./02-namespaces-and-a-cable.ts")],
  ["bridge", () => import("./03-bridge.ts")],
  ["router-and-nat", () => import("./04-router-and-nat.ts")],
  ["iptables", () => import("./05-iptables.ts")],
  ["docker", () => import("./06-docker.ts")],
  ["no-nat", () => import("./07-no-nat.ts")],
  ["static-routes", () => import("./08-static-routes.ts")],
];

export const GALLERY: readonly GalleryEntry[] = FILES.map(([id, load]) => ({
  id,
  title: TITLES[id],
  load: async () => (await load()).default,
}));

export function galleryEntry(id: string): GalleryEntry | undefined {
  return GALLERY.find((entry) => entry.id === id);
}
