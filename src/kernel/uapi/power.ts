import { sysctlApi } from "./sysctl.ts";
import { deleteAddress } from "../ipv4/address.ts";
import { journalled, takeDown } from "../device/state.ts";
import type { Netns } from "../netns.ts";
import { ipvsApi } from "./ipvs-api.ts";
import { removeDevice } from "./link.ts";
import { nftApi } from "./nft-api.ts";
import { routeApi } from "./route.ts";
import type { Actor } from "./types.ts";

const BY: Actor = { name: "kernel", detail: "the machine has no power" };
const FAMILIES = ["ip", "ip6"] as const;
const TABLES = ["raw", "mangle", "nat", "filter", "security"] as const;

/**
 * What a namespace keeps in memory is gone, at once and without a word to anybody: sockets, rules, flows, routes, devices.
 * Its lo and its `cards` are still there, down and bare. The settings are those that `fresh` names.
 */
export function losePower(ns: Netns, cards: ReadonlySet<string>, fresh: ReadonlyMap<string, string>): void {
  ns.sockets.closeAll();
  ns.ip6.sockets.closeAll();
  for (const family of FAMILIES) for (const table of TABLES) ns.xtables.drop(family, table, BY);
  nftApi(ns, BY).commit([{ op: "flush-ruleset" }]);
  ipvsApi(ns, BY).flush();
  ns.netfilter.ipvs.forgetAll();
  ns.ipset.destroy(undefined, BY);
  loseDevices(ns, cards);
  ns.netfilter.conntrack.destroyWhere(() => true);
  ns.fib.rules.reset(BY);
  const routes = routeApi(ns, BY);
  for (const { dst, table, type, metric } of routes.list()) routes.delete({ dst, table, type, metric });
  ns.exceptions.clear();
  ns.peers.clear();
  ns.xfrm?.close();
  ns.xfrm = null;
  const sysctl = sysctlApi(ns, BY);
  for (const [key, value] of fresh) {
    const now = sysctl.get(key);
    if (now.ok && now.value !== value) sysctl.set(key, value);
  }
}

function loseDevices(ns: Netns, cards: ReadonlySet<string>): void {
  for (const dev of [...ns.devices()].reverse()) {
    if (ns.device(dev.index) !== dev) continue;
    if (!dev.isLoopback && !cards.has(dev.name)) {
      removeDevice(dev, BY);
      continue;
    }
    journalled([dev], BY, () => takeDown(dev));
    for (const address of [...dev.addresses])
      if (dev.addresses.includes(address)) deleteAddress(dev, address, BY);
    ns.fib.removeDevice(dev, "gone");
    dev.qdisc = null;
  }
}
