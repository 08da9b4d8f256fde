import { err, ok } from "../../base/result.ts";
import type { Ipv4 } from "../../wire/address.ts";
import type { Nanos } from "../../sim/time.ts";
import type { NetDevice } from "../device/device.ts";
import { neighbour, removeNeighbour } from "../neigh/arp.ts";
import type { Neighbour } from "../neigh/neighbour.ts";
import type { Netns } from "../netns.ts";
import type { Actor, KernelResult, NeighApi, NeighInfo, NeighSpec } from "./types.ts";

const NEVER = 0 as Nanos;

/** Models: neigh_add, neigh_delete, neigh_dump_info of the ARP table. */
export function neighApi(ns: Netns, by: Actor): NeighApi {
  return {
    list: () =>
      ns
        .devices()
        .flatMap((dev) => [
          ...[...dev.neighbours.values()].map((n) => neighInfo(ns, n)),
          ...proxies(ns, dev),
        ]),
    add: (spec, verb) => add(ns, spec, verb, by),
    delete: (index, dst, proxy) => {
      const dev = ns.device(index);
      if (dev === undefined) return err({ errno: "ENODEV" });
      if (proxy === true) {
        if (!dev.proxies.delete(dst)) return err({ errno: "ENOENT" });
        return ok();
      }
      const entry = dev.neighbours.get(dst);
      if (entry === undefined) return err({ errno: "ENOENT" });
      entry.update(null, "FAILED", { admin: true, override: true }, by);
      removeNeighbour(entry, by);
      return ok();
    },
  };
}

function add(
  ns: Netns,
  spec: NeighSpec,
  verb: "add" | "replace" | "change" | "append",
  by: Actor,
): KernelResult<void> {
  const dev = ns.device(spec.dev);
  if (dev === undefined) return err({ errno: "ENODEV" });
  if (spec.proxy === true) {
    dev.proxies.add(spec.dst);
    return ok();
  }
  const old = dev.neighbours.get(spec.dst);
  if (old === undefined && verb === "change") return err({ errno: "ENOENT" });
  if (old !== undefined && verb === "add") return err({ errno: "EEXIST" });
  const entry = old ?? neighbour(dev, spec.dst);
  if (old === undefined) entry.by = by;
  const state = spec.state ?? "PERMANENT";
  const wanted = state === "DELAY" ? "PROBE" : state;
  // An entry that cannot become what was asked for stays behind, as one that nothing is known of.
  if (entry.update(spec.lladdr ?? null, wanted, { admin: true, override: true }, by)) return ok();
  return err({ errno: "EINVAL", extack: "No link layer address given" });
}

export function neighInfo(ns: Netns, n: Neighbour<Ipv4>): NeighInfo {
  return {
    dev: ns.indexOf(n.dev),
    dst: n.address,
    ...(n.valid ? { lladdr: n.mac } : {}),
    state: n.state,
    proxy: false,
    used: n.used,
    confirmed: n.confirmed,
    updated: n.updated,
    probes: n.probes,
    refcount: n.timed ? 1 : 0,
    by: n.by,
  };
}

function proxies(ns: Netns, dev: NetDevice): NeighInfo[] {
  return [...dev.proxies].map((dst) => ({
    dev: ns.indexOf(dev),
    dst: dst as Ipv4,
    state: "NONE",
    proxy: true,
    used: NEVER,
    confirmed: NEVER,
    updated: NEVER,
    probes: 0,
    refcount: 0,
    by: { name: "ip" },
  }));
}
