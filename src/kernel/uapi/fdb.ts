import { err, ok } from "../../base/result.ts";
import { Bridge } from "../device/bridge.ts";
import type { BridgeFdbEntry } from "../device/bridge-fdb.ts";
import type { Mac } from "../../wire/address.ts";
import type { NetDevice } from "../device/device.ts";
import { Vxlan, type VxlanFdbEntry } from "../device/vxlan.ts";
import type { Netns } from "../netns.ts";
import type { Actor, FdbApi, FdbInfo, FdbSpec, KernelResult } from "./types.ts";

/** Models: rtnl_fdb_add, rtnl_fdb_del, rtnl_fdb_dump. */
export function fdbApi(ns: Netns, by: Actor): FdbApi {
  return {
    list: () => ns.devices().flatMap((dev) => entriesOf(ns, dev)),
    add: (spec, verb) => add(ns, spec, verb, by),
    delete: (spec) => remove(ns, spec, by),
  };
}

/** By device, newest first: a bridge's local entries stand with the bridge, the others with their port. */
function entriesOf(ns: Netns, dev: NetDevice): FdbInfo[] {
  const out: FdbInfo[] = dev instanceof Bridge ? ownFilter(ns, dev) : [];
  const bridge = dev instanceof Bridge ? dev : dev.port?.bridge;
  if (bridge !== undefined) {
    for (const entry of [...bridge.fdb.entries.values()].reverse()) {
      if ((entry.port?.dev ?? bridge) === dev) out.push(bridgeInfo(ns, bridge, dev, entry));
    }
  }
  if (dev instanceof Vxlan)
    for (const entry of [...dev.fdb.values()].reverse()) out.push(...vxlanInfo(ns, dev, entry));
  else if (!(dev instanceof Bridge) && !dev.isLoopback) out.push(...ownFilter(ns, dev));
  return out;
}

/** Groups that every device that is up listens to: all nodes of IPv6 and of IPv4. */
const ALL_NODES: readonly Mac[] = [0x333300000001 as Mac, 0x01005e000001 as Mac];
const MULTICAST: Actor = { name: "kernel", detail: "multicast group of all hosts" };

/** The device's own address filter. Models: ndo_dflt_fdb_dump. */
function ownFilter(ns: Netns, dev: NetDevice): FdbInfo[] {
  const { now } = ns.kernel.queue;
  const info = (mac: Mac, by: Actor): FdbInfo => ({
    dev: ns.indexOf(dev),
    mac,
    target: "self",
    state: "permanent",
    local: false,
    used: now,
    updated: now,
    by,
  });
  // IPv6's group stays when the device goes down, IPv4's does not.
  const joined = dev.up ? ALL_NODES : dev.wasUp ? ALL_NODES.slice(0, 1) : [];
  const groups = joined.map((mac) => info(mac, MULTICAST));
  return [...[...dev.unicast].map(([mac, by]) => info(mac, by)), ...groups];
}

function bridgeInfo(ns: Netns, bridge: Bridge, dev: NetDevice, entry: BridgeFdbEntry): FdbInfo {
  return {
    dev: ns.indexOf(dev),
    mac: entry.mac,
    target: "master",
    master: ns.indexOf(bridge),
    state: entry.local ? "permanent" : entry.isStatic ? "static" : "dynamic",
    local: entry.local,
    used: entry.used,
    updated: entry.updated,
    by: entry.by,
  };
}

function vxlanInfo(ns: Netns, dev: Vxlan, entry: VxlanFdbEntry): FdbInfo[] {
  return entry.remotes.map((remote) => ({
    dev: ns.indexOf(dev),
    mac: entry.mac,
    target: "self",
    state: entry.state,
    local: false,
    dst: remote.address,
    ...(remote.port === dev.options.dstPort ? {} : { port: remote.port }),
    ...(remote.vni === dev.options.id ? {} : { vni: remote.vni }),
    ...(remote.dev === undefined ? {} : { via: dev.home.indexOf(dev.home.device(remote.dev) ?? dev) }),
    ...(dev.home === ns ? {} : { home: dev.home.id }),
    used: entry.used,
    updated: entry.updated,
    by: entry.by,
  }));
}

function add(ns: Netns, spec: FdbSpec, verb: "add" | "append" | "replace", by: Actor): KernelResult<void> {
  const dev = ns.device(spec.dev);
  if (dev === undefined) return err({ errno: "ENODEV" });
  if (spec.target === "self") {
    if (dev instanceof Vxlan) return dev.addEntry(spec, verb, by);
    if (dev instanceof Bridge) return addToBridge(dev, dev, spec, verb, by);
    if (spec.state === "dynamic") return err({ errno: "EINVAL" });
    if (dev.unicast.has(spec.mac) && verb === "add") return err({ errno: "EEXIST" });
    dev.unicast.set(spec.mac, by);
    return ok();
  }
  if (dev.port === null) return err({ errno: "EOPNOTSUPP" });
  return addToBridge(dev.port.bridge, dev, spec, verb, by);
}

function addToBridge(
  bridge: Bridge,
  dev: NetDevice,
  spec: FdbSpec,
  verb: "add" | "append" | "replace",
  by: Actor,
): KernelResult<void> {
  const old = bridge.fdb.find(spec.mac);
  if (old !== undefined && verb === "add") return err({ errno: "EEXIST" });
  const { now } = bridge.ns.kernel.queue;
  const local = (spec.state ?? "permanent") === "permanent";
  bridge.fdb.put({
    mac: spec.mac,
    port: dev === bridge ? null : dev.port,
    local,
    isStatic: spec.state !== "dynamic",
    addedByUser: true,
    updated: now,
    used: now,
    by,
  });
  return ok();
}

function remove(ns: Netns, spec: FdbSpec, by: Actor): KernelResult<void> {
  const dev = ns.device(spec.dev);
  if (dev === undefined) return err({ errno: "ENODEV" });
  if (spec.target === "self" && dev instanceof Vxlan) return dev.deleteEntry(spec, by);
  const bridge = dev instanceof Bridge ? dev : dev.port?.bridge;
  if (bridge === undefined) {
    if (spec.target === "master") return err({ errno: "EOPNOTSUPP" });
    return dev.unicast.delete(spec.mac) ? ok() : err({ errno: "ENOENT" });
  }
  if (spec.target === "self" && bridge !== dev)
    return dev.unicast.delete(spec.mac) ? ok() : err({ errno: "ENOENT" });
  const entry = bridge.fdb.find(spec.mac);
  if (entry === undefined || (entry.port?.dev ?? bridge) !== dev) return err({ errno: "ENOENT" });
  bridge.fdb.remove(spec.mac, by);
  return ok();
}
