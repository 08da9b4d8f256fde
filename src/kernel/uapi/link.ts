import { err, ok } from "../../base/result.ts";
import type { Mac } from "../../wire/address.ts";
import { isGroupMac } from "../../wire/address.ts";
import { Bridge } from "../device/bridge.ts";
import type { NetDevice } from "../device/device.ts";
import {
  bridgeMacChanged,
  bridgeMtu,
  bringUp,
  drawReachableTime,
  enslave,
  followPorts,
  journalled,
  journalLink,
  linkRow,
  release,
  takeDown,
} from "../device/state.ts";
import { Veth } from "../device/veth.ts";
import { Vxlan } from "../device/vxlan.ts";
import { deleteAddress } from "../ipv4/address.ts";
import { arpAnnounce, flushNeighbours, notifies } from "../neigh/arp.ts";
import type { Netns } from "../netns.ts";
import { linkInfo } from "./link-info.ts";
import type {
  Actor,
  BridgeSpec,
  IfIndex,
  KernelError,
  KernelResult,
  LinkApi,
  LinkChange,
  LinkSpec,
  VethSpec,
  VxlanOptions,
  VxlanSpec,
} from "./types.ts";

type Lookup = (id: number) => Netns | undefined;

/** IFNAMSIZ - 1. */
const NAME_MAX = 15;

/** Models: net/core/rtnetlink.c for links. */
export function linkApi(ns: Netns, by: Actor, namespace: Lookup): LinkApi {
  return {
    list: () => ns.devices().map(linkInfo),
    byName: (name) => {
      const dev = ns.deviceByName(name);
      return dev === undefined ? undefined : linkInfo(dev);
    },
    byIndex: (index) => {
      const dev = ns.device(index);
      return dev === undefined ? undefined : linkInfo(dev);
    },
    add: (spec) => addLink(ns, spec, by, namespace),
    change: (index, change) => changeLink(ns, index, change, by, namespace),
    delete: (index) => {
      const dev = ns.device(index);
      if (dev === undefined) return err({ errno: "ENODEV" });
      if (dev.isLoopback) return err({ errno: "EOPNOTSUPP" });
      removeDevice(dev, by);
      return ok();
    },
  };
}

/** Models: dev_valid_name. */
function nameFault(name: string): KernelError | undefined {
  if (name === "" || name.length > NAME_MAX || name === "." || name === "..") return { errno: "EINVAL" };
  return /[/:\s]/.test(name) ? { errno: "EINVAL" } : undefined;
}

/** Models: dev_validate_mtu. */
function mtuFault(mtu: number | undefined, most: number, least = 68): KernelError | undefined {
  if (mtu === undefined) return undefined;
  if (mtu < least) return { errno: "EINVAL", extack: "mtu less than device minimum" };
  return mtu > most ? { errno: "EINVAL", extack: "mtu greater than device maximum" } : undefined;
}

function freeName(ns: Netns, stem: string): string {
  for (let i = 0; ; i++) if (ns.deviceByName(`${stem}${i}`) === undefined) return `${stem}${i}`;
}

function macFault(mac: Mac | undefined): KernelError | undefined {
  return mac !== undefined && (isGroupMac(mac) || mac === 0) ? { errno: "EADDRNOTAVAIL" } : undefined;
}

function addLink(ns: Netns, spec: LinkSpec, by: Actor, namespace: Lookup): KernelResult<IfIndex> {
  const fault = spec.name === undefined ? undefined : nameFault(spec.name);
  if (fault !== undefined) return err(fault);
  if (spec.name !== undefined && ns.deviceByName(spec.name) !== undefined) return err({ errno: "EEXIST" });
  const bad = mtuFault(spec.mtu, 65535) ?? macFault(spec.mac);
  if (bad !== undefined) return err(bad);
  switch (spec.kind) {
    case "veth":
      return addVeth(ns, spec, by, namespace);
    case "bridge":
      return addBridge(ns, spec, by);
    case "vxlan":
      return addVxlan(ns, spec, by);
  }
}

function enter(ns: Netns, dev: NetDevice, macGiven: boolean): void {
  ns.insert(dev);
  dev.macSet = macGiven;
  drawReachableTime(dev);
}

/** The peer is registered first and so gets the lower index. Models: veth_newlink. */
function addVeth(ns: Netns, spec: VethSpec, by: Actor, namespace: Lookup): KernelResult<IfIndex> {
  const peerNs = spec.peer?.netns === undefined ? ns : namespace(spec.peer.netns);
  if (peerNs === undefined) return err({ errno: "EINVAL" });
  const wanted = spec.peer?.name;
  const fault = wanted === undefined ? undefined : nameFault(wanted);
  if (fault !== undefined) return err(fault);
  const bad = mtuFault(spec.peer?.mtu, 65535) ?? macFault(spec.peer?.mac);
  if (bad !== undefined) return err(bad);
  if (wanted !== undefined && peerNs.deviceByName(wanted) !== undefined) return err({ errno: "EEXIST" });
  if (wanted !== undefined && peerNs === ns && wanted === spec.name) return err({ errno: "EEXIST" });
  const { kernel } = ns;
  const peerName = wanted ?? freeName(peerNs, "veth");
  const peer = new Veth(
    peerNs,
    peerName,
    spec.peer?.mac ?? kernel.randomMac(),
    spec.peer?.mtu ?? spec.mtu ?? 1500,
    by,
  );
  enter(peerNs, peer, spec.peer?.mac !== undefined);
  const dev = new Veth(
    ns,
    spec.name ?? freeName(ns, "veth"),
    spec.mac ?? kernel.randomMac(),
    spec.mtu ?? 1500,
    by,
  );
  enter(ns, dev, spec.mac !== undefined);
  dev.peer = peer;
  peer.peer = dev;
  journalLink(peer, null, linkRow(peer), by);
  journalLink(dev, null, linkRow(dev), by);
  return ok(ns.indexOf(dev));
}

function addBridge(ns: Netns, spec: BridgeSpec, by: Actor): KernelResult<IfIndex> {
  const mac = spec.mac ?? ns.kernel.randomMac();
  const dev = new Bridge(
    ns,
    spec.name ?? freeName(ns, "bridge"),
    mac,
    spec.mtu ?? 1500,
    by,
    spec.bridge ?? {},
  );
  dev.mtuSet = spec.mtu !== undefined;
  enter(ns, dev, spec.mac !== undefined);
  journalLink(dev, null, linkRow(dev), by);
  dev.fdb.addLocal(mac, null);
  return ok(ns.indexOf(dev));
}

const VXLAN_DEFAULTS = {
  dstPort: 8472,
  learning: true,
  ttl: 0,
  ageing: 300,
  srcPortMin: 0,
  srcPortMax: 0,
} as const;

/** Models: vxlan_newlink, vxlan_config_validate. */
function addVxlan(ns: Netns, spec: VxlanSpec, by: Actor): KernelResult<IfIndex> {
  const options: VxlanOptions = { ...VXLAN_DEFAULTS, ...spec.vxlan };
  if (options.group !== undefined) {
    return err({ errno: "EOPNOTSUPP", extack: "flannelgraph: vxlan multicast groups are not modelled yet" });
  }
  const lower = options.dev === undefined ? undefined : ns.device(options.dev);
  if (options.dev !== undefined && lower === undefined) {
    return err({ errno: "ENODEV", extack: "Invalid local interface, device not found" });
  }
  const rival = ns
    .devices()
    .some((d) => d instanceof Vxlan && d.options.id === options.id && d.options.dstPort === options.dstPort);
  if (rival) return err({ errno: "EEXIST", extack: "A VXLAN device with the specified VNI already exists" });
  const mtu = spec.mtu ?? (lower === undefined ? 1500 : lower.mtu - 50);
  const dev = new Vxlan(
    ns,
    spec.name ?? freeName(ns, "vxlan"),
    spec.mac ?? ns.kernel.randomMac(),
    mtu,
    by,
    options,
  );
  enter(ns, dev, spec.mac !== undefined);
  journalLink(dev, null, linkRow(dev), by);
  if (options.remote !== undefined) {
    dev.addEntry(
      {
        dev: ns.indexOf(dev),
        mac: 0 as Mac,
        target: "self",
        dst: options.remote,
        via: options.dev,
        state: "permanent",
      },
      "append",
      by,
    );
  }
  return ok(ns.indexOf(dev));
}

/** Unregisters a device: its pair goes with it. Models: unregister_netdevice. */
export function removeDevice(dev: NetDevice, by: Actor): void {
  const { ns } = dev;
  if (dev instanceof Bridge) {
    for (const port of [...dev.ports]) journalled([port.dev], by, () => release(port.dev));
  }
  journalled([dev], by, () => {
    release(dev);
    takeDown(dev);
  });
  for (const address of [...dev.addresses])
    if (dev.addresses.includes(address)) deleteAddress(dev, address, by);
  ns.fib.removeDevice(dev, true);
  flushNeighbours(dev, false, "the device is gone");
  if (dev instanceof Bridge) dev.fdb.stop();
  if (dev instanceof Bridge) for (const entry of [...dev.fdb.entries.values()]) dev.fdb.remove(entry.mac, by);
  if (dev instanceof Vxlan) for (const entry of [...dev.fdb.values()]) dev.forget(entry, by);
  const row = linkRow(dev);
  ns.remove(dev);
  journalLink(dev, row, null, by);
  if (!(dev instanceof Veth) || dev.peer === null) return;
  const { peer } = dev;
  dev.peer = null;
  peer.peer = null;
  removeDevice(peer, by);
}

/** RTM_NEWLINK on an existing device; parts are applied in the kernel's order. Models: do_setlink. */
function changeLink(
  ns: Netns,
  index: IfIndex,
  change: LinkChange,
  by: Actor,
  namespace: Lookup,
): KernelResult<void> {
  const dev = ns.device(index);
  if (dev === undefined) return err({ errno: "ENODEV" });
  if (change.netns !== undefined) {
    const moved = moveTo(dev, namespace(change.netns), by);
    if (!moved.ok) return moved;
  }
  let result: KernelResult<void> = ok();
  journalled([dev], by, () => {
    result = applyChange(dev, change);
  });
  return result;
}

function applyChange(dev: NetDevice, change: LinkChange): KernelResult<void> {
  if (change.mac !== undefined) {
    const bad = setMac(dev, change.mac);
    if (bad !== undefined) return err(bad);
  }
  if (change.mtu !== undefined) {
    const bad = setMtu(dev, change.mtu);
    if (bad !== undefined) return err(bad);
  }
  if (change.name !== undefined && change.name !== dev.name) {
    const fault = nameFault(change.name);
    if (fault !== undefined) return err(fault);
    if (dev.ns.deviceByName(change.name) !== undefined) return err({ errno: "EEXIST" });
    dev.ns.rename(dev, change.name);
  }
  if (change.alias !== undefined) dev.alias = change.alias;
  if (change.txQueueLength !== undefined) dev.txQueueLength = change.txQueueLength;
  if (change.arp !== undefined) dev.noArp = !change.arp;
  if (change.promisc !== undefined && change.promisc !== dev.userPromisc) {
    dev.userPromisc = change.promisc;
    dev.promiscuity += change.promisc ? 1 : -1;
  }
  if (change.master !== undefined) {
    const bad = setMaster(dev, change.master);
    if (bad !== undefined) return err(bad);
  }
  if (change.up === true) bringUp(dev);
  if (change.up === false) takeDown(dev);
  return applyKind(dev, change);
}

function applyKind(dev: NetDevice, change: LinkChange): KernelResult<void> {
  if (change.bridge !== undefined) {
    if (!(dev instanceof Bridge)) return err({ errno: "EOPNOTSUPP" });
    const ages = change.bridge.ageingTime !== undefined;
    dev.options = { ...dev.options, ...change.bridge };
    if (ages) dev.fdb.scheduleGc(true);
  }
  if (change.port !== undefined) {
    if (dev.port === null) return err({ errno: "EOPNOTSUPP" });
    const { hairpin, learning, flood, mcastFlood, bcastFlood, isolated, neighSuppress, cost, priority } =
      change.port;
    const { port } = dev;
    port.hairpin = hairpin ?? port.hairpin;
    port.learning = learning ?? port.learning;
    port.flood = flood ?? port.flood;
    port.mcastFlood = mcastFlood ?? port.mcastFlood;
    port.bcastFlood = bcastFlood ?? port.bcastFlood;
    port.isolated = isolated ?? port.isolated;
    port.neighSuppress = neighSuppress ?? port.neighSuppress;
    port.cost = cost ?? port.cost;
    port.priority = priority ?? port.priority;
  }
  if (change.vxlan !== undefined) {
    if (!(dev instanceof Vxlan)) return err({ errno: "EOPNOTSUPP" });
    if (change.vxlan.id !== undefined && change.vxlan.id !== dev.options.id) {
      return err({ errno: "EOPNOTSUPP", extack: "Cannot change VNI" });
    }
    dev.options = { ...dev.options, ...change.vxlan };
  }
  return ok();
}

function setMac(dev: NetDevice, mac: Mac): KernelError | undefined {
  if (dev.isLoopback) return undefined;
  const bad = macFault(mac);
  if (bad !== undefined) return bad;
  const old = dev.mac;
  dev.mac = mac;
  dev.macSet = true;
  if (dev instanceof Bridge && old !== mac) bridgeMacChanged(dev, old);
  flushNeighbours(dev, false, "the device's address changed");
  if (notifies(dev)) for (const address of dev.addresses) arpAnnounce(dev, address.local);
  if (dev.port === null) return undefined;
  const entry = dev.port.bridge.fdb.find(old);
  if (entry !== undefined && entry.local && entry.port === dev.port) {
    dev.port.bridge.fdb.remove(old, { name: "kernel", detail: "the port's address changed" });
  }
  dev.port.bridge.fdb.addLocal(mac, dev.port);
  followPorts(dev.port.bridge);
  return undefined;
}

function setMtu(dev: NetDevice, mtu: number): KernelError | undefined {
  const most =
    dev instanceof Vxlan && dev.options.dev !== undefined ? 65535 - 50 : dev.isLoopback ? Infinity : 65535;
  const bad = mtuFault(mtu, most, dev.isLoopback ? 0 : 68);
  if (bad !== undefined) return bad;
  dev.mtu = mtu;
  if (dev instanceof Bridge) dev.mtuSet = true;
  if (dev.port !== null) bridgeMtu(dev.port.bridge);
  return undefined;
}

/** The old master is left before the new one is tried, as in Linux. Models: do_set_master. */
function setMaster(dev: NetDevice, master: IfIndex | null): KernelError | undefined {
  if (dev.port !== null && dev.port.bridge.index === master) return undefined;
  release(dev);
  if (master === null) return undefined;
  const bridge = dev.ns.device(master);
  if (bridge === undefined) return { errno: "EINVAL" };
  if (!(bridge instanceof Bridge)) return { errno: "EOPNOTSUPP" };
  if (dev instanceof Bridge) return { errno: "ELOOP", extack: "Can not enslave a bridge to a bridge" };
  if (dev.isLoopback) return { errno: "EINVAL" };
  enslave(dev, bridge);
  return undefined;
}

/** Models: __dev_change_net_namespace: down, without addresses, routes and master; a new name comes after the move. */
function moveTo(dev: NetDevice, target: Netns | undefined, by: Actor): KernelResult<void> {
  if (target === undefined) return err({ errno: "EINVAL" });
  if (target === dev.ns) return ok();
  if (dev.isLoopback || dev instanceof Bridge) {
    return err({ errno: "EINVAL", extack: "The interface netns is immutable" });
  }
  if (target.deviceByName(dev.name) !== undefined) return err({ errno: "EEXIST" });
  journalled([dev], by, () => {
    release(dev);
    takeDown(dev);
  });
  for (const address of [...dev.addresses])
    if (dev.addresses.includes(address)) deleteAddress(dev, address, by);
  flushNeighbours(dev, false, "the device moved to another namespace");
  const row = linkRow(dev);
  const { index } = dev;
  dev.ns.remove(dev);
  journalLink(dev, row, null, by);
  target.insert(dev, index);
  dev.wasUp = false;
  dev.taps.length = 0;
  Object.assign(dev.conf, target.newDeviceConf());
  journalLink(dev, null, linkRow(dev), by);
  return ok();
}
