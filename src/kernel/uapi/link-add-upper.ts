import { err, ok } from "../../base/result.ts";
import type { NetDevice } from "../device/device.ts";
import { Ipvlan, IpvlanPort } from "../device/ipvlan.ts";
import { Macvlan, MacvlanPort } from "../device/macvlan.ts";
import type { UpperDevice } from "../device/upper.ts";
import { Vlan } from "../device/vlan.ts";
import type { Netns } from "../netns.ts";
import { freeName, type Lookup, register } from "./link-checks.ts";
import type {
  Actor,
  IfIndex,
  IpvlanOptions,
  IpvlanSpec,
  KernelError,
  KernelResult,
  MacvlanOptions,
  MacvlanSpec,
  VlanSpec,
} from "./types.ts";

/** Devices on a lower device: macvlan, ipvlan, vlan. */

type UpperSpec = MacvlanSpec | IpvlanSpec | VlanSpec;

function lowerOf(ns: Netns, spec: UpperSpec, namespace: Lookup): NetDevice | undefined {
  const home = spec.lowerNetns === undefined ? ns : namespace(spec.lowerNetns);
  return spec.lower === undefined ? undefined : home?.device(spec.lower);
}

function place(ns: Netns, dev: UpperDevice, macGiven: boolean, by: Actor): KernelResult<IfIndex> {
  dev.attach();
  register(ns, dev, macGiven, by);
  return ok(ns.indexOf(dev));
}

/** Something else takes the device's frames already. Models: netdev_rx_handler_register, netif_is_l3_master. */
function taken(lower: NetDevice, by: object | null): boolean {
  return lower.port !== null || (lower.rxHandler !== null && lower.rxHandler !== by);
}

/** Models: macvlan_common_newlink. */
export function addMacvlan(
  ns: Netns,
  spec: MacvlanSpec,
  by: Actor,
  namespace: Lookup,
): KernelResult<IfIndex> {
  let lower = lowerOf(ns, spec, namespace);
  if (spec.lower === undefined) return err({ errno: "EINVAL" });
  if (lower === undefined) return err({ errno: "ENODEV" });
  // A macvlan on a macvlan stands beside it.
  if (lower instanceof Macvlan) lower = lower.lower;
  if (lower.linkType !== "ether") return err({ errno: "EINVAL" });
  if (spec.mtu !== undefined && spec.mtu > lower.mtu) return err({ errno: "EINVAL" });
  const mode = spec.macvlan.mode ?? "vepa";
  const old = lower.rxHandler instanceof MacvlanPort ? lower.rxHandler : null;
  if (taken(lower, old)) return err({ errno: "EBUSY" });
  if (old !== null && (mode === "passthru" ? old.all.size > 0 : old.passthru !== undefined))
    return err({ errno: "EINVAL" });
  const mac = mode === "passthru" ? lower.mac : (spec.mac ?? ns.kernel.randomMac());
  const name = spec.name ?? freeName(ns, "macvlan");
  const mtu = spec.mtu ?? lower.mtu;
  const dev = new Macvlan(ns, name, mac, mtu, by, old ?? new MacvlanPort(lower), { mode });
  return place(ns, dev, spec.mac !== undefined, by);
}

/** Models: macvlan_changelink. */
export function changeMacvlan(dev: Macvlan, change: Partial<MacvlanOptions>): KernelError | undefined {
  const mode = change.mode ?? dev.options.mode;
  if ((mode === "passthru") !== (dev.options.mode === "passthru")) return { errno: "EINVAL" };
  dev.options = { mode };
  return undefined;
}

/** Models: ipvlan_link_new. */
export function addIpvlan(ns: Netns, spec: IpvlanSpec, by: Actor, namespace: Lookup): KernelResult<IfIndex> {
  let lower = lowerOf(ns, spec, namespace);
  if (spec.lower === undefined) return err({ errno: "EINVAL" });
  if (lower === undefined) return err({ errno: "ENODEV" });
  if (lower instanceof Ipvlan) lower = lower.lower;
  if (lower.linkType !== "ether") return err({ errno: "EINVAL" });
  const old = lower.rxHandler instanceof IpvlanPort ? lower.rxHandler : null;
  if (taken(lower, old)) return err({ errno: "EBUSY" });
  const port = old ?? new IpvlanPort(lower);
  const dev = new Ipvlan(ns, spec.name ?? freeName(ns, "ipvlan"), lower.mac, by, port);
  const added = place(ns, dev, false, by);
  port.configure(defined(spec.ipvlan));
  return added;
}

function defined(options: Partial<IpvlanOptions>): Partial<IpvlanOptions> {
  return {
    ...(options.mode !== undefined && { mode: options.mode }),
    ...(options.flag !== undefined && { flag: options.flag }),
  };
}

/** Models: vlan_newlink. */
export function addVlan(ns: Netns, spec: VlanSpec, by: Actor, namespace: Lookup): KernelResult<IfIndex> {
  const { id } = spec.vlan;
  if (id !== undefined && id >= 4095) return err({ errno: "ERANGE", extack: "8021q: Invalid VLAN id" });
  if (id === undefined) return err({ errno: "EINVAL", extack: "8021q: VLAN properties not specified" });
  if (spec.lower === undefined) return err({ errno: "EINVAL", extack: "8021q: link not specified" });
  const lower = lowerOf(ns, spec, namespace);
  if (lower === undefined) return err({ errno: "ENODEV", extack: "8021q: link does not exist" });
  if (lower.linkType !== "ether") {
    return err({ errno: "EOPNOTSUPP", extack: "8021q: VLANs not supported on device" });
  }
  if (lower.vlans?.has(id) === true)
    return err({ errno: "EEXIST", extack: "8021q: VLAN device already exists" });
  if (spec.mtu !== undefined && spec.mtu > lower.mtu) return err({ errno: "EINVAL" });
  const options = { id, reorderHeader: true, looseBinding: false, ...spec.vlan };
  const name = spec.name ?? freeName(ns, "vlan");
  const dev = new Vlan(ns, name, spec.mac ?? lower.mac, spec.mtu ?? lower.mtu, by, lower, { ...options, id });
  return place(ns, dev, spec.mac !== undefined, by);
}
