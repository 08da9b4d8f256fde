import { MAC_ZERO } from "../../wire/address.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import type { Actor } from "../uapi/index.ts";
import { Gre, Gretap } from "./gre.ts";
import type { IpTunnel } from "./ip-tunnel.ts";
import { FALLBACK_OPTIONS, Ipip } from "./ipip.ts";
import { drawReachableTime, journalLink, linkRow } from "./state.ts";

/** Modules that put devices of their own into every namespace, those to come included (net.core.fb_tunnels_only_for_init_net 0). */
const FALLBACKS: Readonly<Record<string, (ns: Netns, by: Actor) => IpTunnel[]>> = {
  ipip: (ns, by) => [new Ipip(ns, "tunl0", 1480, by, FALLBACK_OPTIONS)],
  ip_gre: (ns, by) => [
    new Gre(ns, "gre0", 1476, by, FALLBACK_OPTIONS),
    new Gretap(ns, "gretap0", MAC_ZERO, 1462, by, FALLBACK_OPTIONS),
  ],
};

function populate(ns: Netns, module: string): void {
  const by: Actor = { name: "kernel", detail: `the module ${module}` };
  for (const dev of FALLBACKS[module]?.(ns, by) ?? []) {
    ns.insert(dev);
    drawReachableTime(dev);
    journalLink(dev, null, linkRow(dev), by);
    ns.tunnels.add(dev);
  }
}

/** modprobe(8), or what the kernel asks for itself. Does nothing when the module is there. */
export function loadModule(kernel: Kernel, module: string): void {
  if (kernel.modules.has(module)) return;
  kernel.modules.add(module);
  for (const ns of kernel.namespaces.values()) populate(ns, module);
}

/** A new namespace gets what the loaded modules give to each. */
export function populateNew(ns: Netns): void {
  for (const module of ns.kernel.modules) populate(ns, module);
}
