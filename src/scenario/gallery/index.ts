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
  ["pause", () => import("./09-pause.ts")],
  ["no-plugin", () => import("./10-no-plugin.ts")],
  ["host-gw", () => import("./11-host-gw.ts")],
  ["vxlan", () => import("./12-vxlan.ts")],
  ["vxlan-by-hand", () => import("./13-vxlan-by-hand.ts")],
  ["flannel-on-docker0", () => import("./14-flannel-on-docker0.ts")],
  ["calico", () => import("./15-calico.ts")],
  ["userspace", () => import("./16-userspace.ts")],
  ["kube-proxy-iptables", () => import("./17-kube-proxy-iptables.ts")],
  ["nodeport", () => import("./18-nodeport.ts")],
  ["lvs-by-hand", () => import("./19-lvs-by-hand.ts")],
  ["ipvs-and-nftables", () => import("./20-ipvs-and-nftables.ts")],
  ["service-types", () => import("./21-service-types.ts")],
  ["headless", () => import("./22-headless.ts")],
  ["a-pod-dies", () => import("./23-a-pod-dies.ts")],
  ["dns", () => import("./24-dns.ts")],
  ["ingress", () => import("./25-ingress.ts")],
  ["network-policy", () => import("./26-network-policy.ts")],
  ["pod-to-internet", () => import("./27-pod-to-internet.ts")],
  ["mtu-black-hole", () => import("./28-mtu-black-hole.ts")],
  ["refused-or-timed-out", () => import("./29-refused-or-timed-out.ts")],
  ["overlapping-ranges", () => import("./30-overlapping-ranges.ts")],
  ["backends", () => import("./31-backends.ts")],
  ["two-nics", () => import("./32-two-nics.ts")],
  ["ha-control-plane", () => import("./33-ha-control-plane.ts")],
];

export const GALLERY: readonly GalleryEntry[] = FILES.map(([id, load]) => ({
  id,
  title: TITLES[id],
  load: async () => (await load()).default,
}));

export function galleryEntry(id: string): GalleryEntry | undefined {
  return GALLERY.find((entry) => entry.id === id);
}
