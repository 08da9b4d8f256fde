import { err, ok } from "../../base/result.ts";
import type { Mac } from "../../wire/address.ts";
import { Bridge } from "../device/bridge.ts";
import type { NetDevice } from "../device/device.ts";
import {
  bridgeMacChanged,
  bridgeMtu,
  bringUp,
  enslave,
  followPorts,
  journalled,
  journalLink,
  linkRow,
  release,
  takeDown,
} from "../device/state.ts";
import { Veth } from "../device/veth.ts";
import { IpTunnel } from "../device/ip-tunnel.ts";
import { loadModule } from "../device/modules.ts";
import { Ipvlan } from "../device/ipvlan.ts";
import { Macvlan } from "../device/macvlan.ts";
import { UpperDevice } from "../device/upper.ts";
import { Vlan } from "../device/vlan.ts";
import { Vxlan } from "../device/vxlan.ts";
import { Wireguard } from "../device/wireguard.ts";
import { deleteAddress } from "../ipv4/address.ts";
import { ip6Down, ip6MacChanged, ip6Moved, ip6MtuChanged } from "../ipv6/addrconf.ts";
import { arpAnnounce, flushNeighbours, notifies } from "../neigh/arp.ts";
import type { Netns } from "../netns.ts";
import { linkInfo } from "./link-info.ts";
import { addLink } from "./link-add.ts";
import { changeTunnel } from "./link-add-tunnel.ts";
import { changeMacvlan } from "./link-add-upper.ts";
import { type Lookup, macFault, mtuFault, nameFault } from "./link-checks.ts";
import type { Actor, IfIndex, KernelError, KernelResult, LinkApi, LinkChange } from "./types.ts";

const MODULE_OF_DEVICE: ReadonlyMap<string, string> = new Map([
  ["tunl0", "ipip"],
  ["gre0", "ip_gre"],
  ["gretap0", "ip_gre"],
]);

/** Models: net/core/rtnetlink.c for links. */
export function linkApi(ns: Netns, by: Actor, namespace: Lookup): LinkApi {
  return {
    list: () => ns.devices().map(linkInfo),
    byName: (name) => {
      // Asking for a module's own device by name loads the module (dev_load, MODULE_ALIAS_NETDEV).
      const module = MODULE_OF_DEVICE.get(name);
      if (module !== undefined) loadModule(ns.kernel, module);
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
      // A fallback tunnel stays, and says yes (ip_tunnel_dellink).
      if (dev instanceof IpTunnel && dev.options.fallback) return ok();
      removeDevice(dev, by);
      return ok();
    },
  };
}

/** Unregisters a device: its pair goes with it. Models: unregister_netdevice. */
export function removeDevice(dev: NetDevice, by: Actor): void {
  const { ns } = dev;
  for (const upper of [...dev.uppers]) removeDevice(upper, by);
  for (const vxlan of [...ns.vxlan.devices]) if (vxlan.underlay === dev) removeDevice(vxlan, by);
  if (dev instanceof Bridge) {
    for (const port of [...dev.ports]) journalled([port.dev], by, () => release(port.dev));
  }
  journalled([dev], by, () => {
    release(dev);
    takeDown(dev);
  });
  for (const address of [...dev.addresses])
    if (dev.addresses.includes(address)) deleteAddress(dev, address, by);
  ns.fib.removeDevice(dev, "gone");
  flushNeighbours(dev, false, "the device is gone");
  ip6Down(dev, true);
  if (dev instanceof Bridge) dev.fdb.stop();
  if (dev instanceof Bridge) for (const entry of [...dev.fdb.entries.values()]) dev.fdb.remove(entry.mac, by);
  if (dev instanceof Vxlan) {
    dev.forgetAll(by);
    dev.home.vxlan.devices.delete(dev);
  }
  if (dev instanceof UpperDevice) dev.detach();
  if (dev instanceof IpTunnel) dev.home.tunnels.delete(dev);
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
    const moved = moveTo(dev, namespace(change.netns), change.name, by);
    if (!moved.ok) return moved;
  }
  let result: KernelResult<void> = ok();
  journalled([dev], by, () => {
    result = applyChange(dev, change);
  });
  dev.mentionLink();
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
  if (change.multicast !== undefined) dev.multicastFlag = change.multicast;
  if (change.group !== undefined) dev.group = change.group;
  if (change.allMulticast !== undefined && change.allMulticast !== dev.userAllMulticast) {
    dev.userAllMulticast = change.allMulticast;
    dev.allMulticast += change.allMulticast ? 1 : -1;
  }
  if (change.promisc !== undefined && change.promisc !== dev.userPromisc) {
    dev.userPromisc = change.promisc;
    dev.promiscuity += change.promisc ? 1 : -1;
  }
  if (change.master !== undefined) {
    const bad = setMaster(dev, change.master);
    if (bad !== undefined) return err(bad);
  }
  if (change.up === true && !dev.up) {
    const bad = openRefusal(dev);
    if (bad !== undefined) return err(bad);
    bringUp(dev);
  }
  if (change.up === false) takeDown(dev);
  return applyKind(dev, change);
}

/** Models: vlan_dev_open, macvlan_open: a VLAN needs a lower device that is up, an address may be taken by now. */
function openRefusal(dev: NetDevice): KernelError | undefined {
  if (dev instanceof Wireguard && !dev.start()) return { errno: "EADDRINUSE" };
  if (dev instanceof Vlan && !dev.lower.up && !dev.options.looseBinding) return { errno: "ENETDOWN" };
  if (dev instanceof Macvlan && dev.options.mode !== "passthru" && dev.addressBusy(dev.mac)) {
    return { errno: "EADDRINUSE" };
  }
  return undefined;
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
    if ((cost !== undefined && (cost < 1 || cost > 65535)) || (priority ?? 0) > 63)
      return err({ errno: "ERANGE" });
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
  const bad = applyOwn(dev, change);
  return bad === undefined ? ok() : err(bad);
}

/** ndo changelink of the kinds that are devices on others. */
function applyOwn(dev: NetDevice, change: LinkChange): KernelError | undefined {
  if (change.tunnel !== undefined) {
    return dev instanceof IpTunnel ? changeTunnel(dev, change.tunnel) : { errno: "EOPNOTSUPP" };
  }
  if (change.macvlan !== undefined) {
    return dev instanceof Macvlan ? changeMacvlan(dev, change.macvlan) : { errno: "EOPNOTSUPP" };
  }
  if (change.ipvlan !== undefined) {
    if (!(dev instanceof Ipvlan)) return { errno: "EOPNOTSUPP" };
    dev.portOf.configure(change.ipvlan);
  }
  if (change.vlan !== undefined) {
    if (!(dev instanceof Vlan)) return { errno: "EOPNOTSUPP" };
    // The identifier is not looked at again (vlan_changelink).
    dev.options = { ...dev.options, ...change.vlan, id: dev.options.id };
  }
  return undefined;
}

function setMac(dev: NetDevice, mac: Mac): KernelError | undefined {
  if (dev.isLoopback) return undefined;
  if (dev instanceof Ipvlan) return { errno: "EOPNOTSUPP" };
  const bad = macFault(mac);
  if (bad !== undefined) return bad;
  if (dev instanceof Macvlan && dev.addressBusy(mac)) return { errno: "EADDRINUSE" };
  dev.macSet = true;
  return becomeMac(dev, mac);
}

/** The device's address is another one now: whoever knows the old one is told. */
function becomeMac(dev: NetDevice, mac: Mac): KernelError | undefined {
  const old = dev.mac;
  const open = dev.up && dev instanceof UpperDevice;
  if (open) dev.closed();
  dev.mac = mac;
  if (open) dev.opened();
  for (const upper of dev.uppers)
    if (upper instanceof Ipvlan || (upper instanceof Vlan && !upper.macSet)) becomeMac(upper, mac);
  if (dev instanceof Bridge && old !== mac) bridgeMacChanged(dev, old);
  flushNeighbours(dev, false, "the device's address changed");
  ip6MacChanged(dev);
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
  const bad = mtuFault(mtu, dev.maxMtu, dev.minMtu);
  if (bad !== undefined) return bad;
  const refused = dev.mtuRefusal(mtu);
  if (refused !== undefined) return { errno: refused };
  dev.mtu = mtu;
  ip6MtuChanged(dev);
  for (const upper of dev.uppers) if (upper.mtuWithLower !== upper.mtu) setMtu(upper, upper.mtuWithLower);
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
  if (dev.isLoopback || dev.linkType !== "ether") return { errno: "EINVAL" };
  if (dev.rxHandler !== null) return { errno: "EBUSY" };
  enslave(dev, bridge);
  return undefined;
}

/**
 * Models: __dev_change_net_namespace: down, without addresses, routes and master. A new name comes after the move, unless
 * the old one is taken where the device goes.
 */
function moveTo(
  dev: NetDevice,
  target: Netns | undefined,
  name: string | undefined,
  by: Actor,
): KernelResult<void> {
  if (target === undefined) return err({ errno: "EINVAL" });
  if (target === dev.ns) return ok();
  const fallback = dev instanceof IpTunnel && dev.options.fallback;
  if (dev.isLoopback || dev instanceof Bridge || fallback) {
    return err({ errno: "EINVAL", extack: "The interface netns is immutable" });
  }
  const taken = target.deviceByName(dev.name) !== undefined;
  if (
    taken &&
    (name === undefined || nameFault(name) !== undefined || target.deviceByName(name) !== undefined)
  )
    return err({ errno: "EEXIST" });
  // Who looks for what is below a carrier that goes now waits for the lock, and finds it where it moved.
  const losers = dev instanceof Veth && dev.running ? [dev, dev.peer] : [];
  journalled([dev], by, () => {
    release(dev);
    takeDown(dev);
  });
  for (const address of [...dev.addresses])
    if (dev.addresses.includes(address)) deleteAddress(dev, address, by);
  flushNeighbours(dev, false, "the device moved to another namespace");
  ip6Down(dev, true);
  const row = linkRow(dev);
  const { index } = dev;
  dev.ns.numberOf(target.id);
  dev.ns.remove(dev);
  journalLink(dev, row, null, by);
  if (taken && name !== undefined) dev.name = name;
  target.insert(dev, index);
  dev.wasUp = false;
  dev.qdisc = null;
  dev.taps.length = 0;
  Object.assign(dev.conf, target.newDeviceConf());
  ip6Moved(dev);
  for (const end of losers) end?.carrierLost();
  journalLink(dev, null, linkRow(dev), by);
  return ok();
}
