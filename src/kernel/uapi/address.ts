import { err, ok } from "../../base/result.ts";
import type { NetDevice } from "../device/device.ts";
import { Ipvlan } from "../device/ipvlan.ts";
import { addAddress, addressRow, defaultScope, deleteAddress, type InetAddress } from "../ipv4/address.ts";
import type { Netns } from "../netns.ts";
import type { Actor, AddressApi, AddressInfo, AddressSpec, KernelResult } from "./types.ts";

/** Models: net/ipv4/devinet.c (inet_rtm_newaddr, inet_rtm_deladdr). */
export function addressApi(ns: Netns, by: Actor): AddressApi {
  return {
    list: () => ns.devices().flatMap((dev) => dev.addresses.map((a) => addressInfo(ns, dev, a))),
    add: (spec, replace) => add(ns, spec, replace === true, by),
    delete: (index, local, prefixLength) => {
      const dev = ns.device(index);
      if (dev === undefined) return err({ errno: "ENODEV" });
      const found = dev.addresses.find(
        (a) => a.local === local && (prefixLength === undefined || a.length === prefixLength),
      );
      if (found === undefined) return err({ errno: "EADDRNOTAVAIL", extack: "ipv4: Address not found" });
      deleteAddress(dev, found, by);
      return ok();
    },
    flush: (index) => {
      const dev = ns.device(index);
      if (dev === undefined) return err({ errno: "ENODEV" });
      for (const a of [...dev.addresses]) if (dev.addresses.includes(a)) deleteAddress(dev, a, by);
      return ok();
    },
  };
}

function add(ns: Netns, spec: AddressSpec, replace: boolean, by: Actor): KernelResult<void> {
  const dev = ns.device(spec.dev);
  if (dev === undefined) return err({ errno: "ENODEV" });
  if (spec.prefixLength > 32) return err({ errno: "EINVAL" });
  if (dev instanceof Ipvlan && !replace && dev.portOf.owner(spec.local) !== undefined)
    return err({ errno: "EADDRINUSE", extack: "Address already assigned to an ipvlan device" });
  const old = dev.addresses.find((a) => a.local === spec.local && a.length === spec.prefixLength);
  if (old !== undefined && replace) {
    const before = addressRow(dev, old);
    old.validLifetime = spec.validLifetime;
    old.preferredLifetime = spec.preferredLifetime;
    old.by = by;
    ns.kernel.trace?.change(
      "address",
      ns.id,
      `${dev.index}/${before.local}/${before.length}`,
      before,
      addressRow(dev, old),
      by.name,
      by.detail ?? "",
    );
    return ok();
  }
  return addAddress(dev, {
    local: spec.local,
    peer: spec.peer ?? spec.local,
    length: spec.prefixLength,
    broadcast: spec.broadcast,
    scope: spec.scope ?? defaultScope(spec.local),
    label: spec.label ?? dev.name,
    secondary: false,
    noPrefixRoute: spec.noPrefixRoute ?? false,
    validLifetime: spec.validLifetime,
    preferredLifetime: spec.preferredLifetime,
    by,
  });
}

export function addressInfo(ns: Netns, dev: NetDevice, a: InetAddress): AddressInfo {
  return {
    dev: ns.indexOf(dev),
    local: a.local,
    prefixLength: a.length,
    ...(a.peer === a.local ? {} : { peer: a.peer }),
    ...(a.broadcast === undefined ? {} : { broadcast: a.broadcast }),
    scope: a.scope,
    label: a.label,
    secondary: a.secondary,
    ...(a.validLifetime === undefined ? {} : { validLifetime: a.validLifetime }),
    ...(a.preferredLifetime === undefined ? {} : { preferredLifetime: a.preferredLifetime }),
    noPrefixRoute: a.noPrefixRoute,
    by: a.by,
  };
}
