import { formatIpv4, formatMac, type Mac } from "../../wire/address.ts";
import type { LinkRow } from "../../trace/rows.ts";
import { addAddressRoutes } from "../ipv4/address.ts";
import { ip6CarrierOff, ip6CarrierOn, ip6Down, ip6Up } from "../ipv6/addrconf.ts";
import { arpAnnounce, flushNeighbours, notifies } from "../neigh/arp.ts";
import type { Actor } from "../uapi/index.ts";
import { Bridge } from "./bridge.ts";
import { BridgePort } from "./bridge-port.ts";
import type { NetDevice } from "./device.ts";
import { UpperDevice } from "./upper.ts";
import { Veth } from "./veth.ts";
import { Vlan } from "./vlan.ts";
import { Vxlan } from "./vxlan.ts";
import { Wireguard } from "./wireguard.ts";

/** What follows when a device goes up or down, gains or loses its carrier, or changes hands. Models: net/core/dev.c notifiers. */

const CARRIER: Actor = { name: "kernel", detail: "carrier" };

export function linkRow(dev: NetDevice): LinkRow {
  return {
    index: dev.index,
    name: dev.name,
    kind: dev.kind,
    mac: formatMac(dev.mac),
    mtu: dev.mtu,
    up: dev.up,
    lowerUp: dev.lowerUp,
    operState: dev.operState,
    ...(dev.port === null ? {} : { master: dev.port.bridge.index, hairpin: dev.port.hairpin }),
    ...(dev instanceof Veth && dev.peer !== null
      ? { peer: { netns: dev.peer.ns.id, index: dev.peer.index } }
      : {}),
    ...(dev.lower === null ? {} : { lower: { netns: dev.lower.ns.id, index: dev.lower.index } }),
    ...(dev instanceof Vxlan
      ? {
          vxlan: {
            id: dev.options.id,
            dstPort: dev.options.dstPort,
            ...(dev.options.local === undefined ? {} : { local: formatIpv4(dev.options.local) }),
            ...(dev.options.dev === undefined ? {} : { dev: dev.options.dev }),
            learning: dev.options.learning,
          },
        }
      : {}),
  };
}

export function journalLink(dev: NetDevice, before: LinkRow | null, after: LinkRow | null, by: Actor): void {
  if (before !== null && after !== null && JSON.stringify(before) === JSON.stringify(after)) return;
  tellLink(dev, after);
  const { ns } = dev;
  ns.kernel.trace?.change(
    "link",
    ns.id,
    String((after ?? before)?.index ?? 0),
    before,
    after,
    by.name,
    by.detail ?? "",
  );
}

/** Listeners hear of a device, unless they have heard just that. Models: rtmsg_ifinfo. */
function tellLink(dev: NetDevice, row: LinkRow | null): void {
  if (dev.ns.monitor.idle) return;
  const text = JSON.stringify(row);
  if (dev.told === text) return;
  dev.told = text;
  dev.ns.monitor.tell({ kind: "link", gone: row === null, dev });
}

/** Runs `change` and journals what it made of each of `devs`, and of those whose carrier hangs on them. */
export function journalled(devs: readonly NetDevice[], by: Actor, change: () => void): void {
  const kernel = devs[0]?.ns.kernel;
  if (kernel == null || (kernel.trace === null && kernel.listeners === 0)) {
    change();
    return;
  }
  const all = new Set<NetDevice>();
  for (const dev of devs) for (const d of [dev, ...dependants(dev)]) all.add(d);
  const before = [...all].map((d) => [d, linkRow(d)] as const);
  change();
  for (const [dev, row] of before) journalLink(dev, row, linkRow(dev), devs.includes(dev) ? by : CARRIER);
}

/** Devices whose carrier may change with this one's. */
function dependants(dev: NetDevice): NetDevice[] {
  const out: NetDevice[] = [];
  if (dev instanceof Veth && dev.peer !== null) {
    out.push(dev.peer);
    above(dev.peer, out);
  }
  above(dev, out);
  return out;
}

/** The bridge and the upper devices that a device carries, and what they carry. */
function above(dev: NetDevice, out: NetDevice[]): void {
  for (const upper of dev.port === null ? dev.uppers : [dev.port.bridge, ...dev.uppers]) {
    out.push(upper);
    above(upper, out);
  }
}

/** Carriers of a device and its dependants before a change, to tell them of what became of it. */
export function withCarriers(dev: NetDevice, change: () => void): void {
  const watched = [dev, ...dependants(dev)].map((d) => [d, d.running] as const);
  change();
  for (const [d, was] of watched) {
    if (d.running === was) continue;
    if (was && d instanceof Veth) d.carrierLost();
    if (d !== dev) d.carrierSeen();
    carrierChanged(d, d.running);
  }
}

/** The carrier came or went on a device that stays as it is otherwise. Models: NETDEV_CHANGE, linkwatch. */
function carrierChanged(dev: NetDevice, on: boolean): void {
  if (!on && dev.port !== null) dev.port.bridge.fdb.removePort(dev.port, false);
  if (!dev.up) return;
  dev.ns.fib.setLinkdown(dev, !on);
  if (!on && dev.conf.arp_evict_nocarrier !== 0 && dev.ns.confAll.arp_evict_nocarrier !== 0) {
    flushNeighbours(dev, true, "the carrier is lost");
  }
  dev.ns.ip6.fib.setLinkdown(dev, !on);
  if (on) ip6CarrierOn(dev);
  else ip6CarrierOff(dev);
}

/** IFF_UP. Models: dev_open, fib_netdev_event(NETDEV_UP), inetdev_event. */
export function bringUp(dev: NetDevice): void {
  if (dev.up) return;
  withCarriers(dev, () => {
    dev.up = true;
    dev.wasUp = true;
    if (dev instanceof Vxlan) dev.home.vxlan.open(dev);
    if (dev instanceof UpperDevice) dev.opened();
  });
  drawReachableTime(dev);
  if (!dev.ns.monitor.idle) tellLink(dev, linkRow(dev));
  if (dev.isLoopback && dev.addresses.length === 0) dev.ns.loopbackUp();
  for (const address of dev.addresses) addAddressRoutes(dev, address);
  dev.ns.fib.reviveDevice(dev);
  if (notifies(dev)) for (const address of dev.addresses) arpAnnounce(dev, address.local);
  ip6Up(dev);
  vlansFollow(dev, true);
}

/** A device's VLANs come up and go down with it. Models: vlan_device_event. */
function vlansFollow(dev: NetDevice, up: boolean): void {
  for (const vlan of dev.vlans?.values() ?? []) {
    if (vlan.up === up || (vlan instanceof Vlan && vlan.options.looseBinding)) continue;
    journalled([vlan], { name: "kernel", detail: `${dev.name} ${up ? "came up" : "went down"}` }, () =>
      up ? bringUp(vlan) : takeDown(vlan),
    );
  }
}

/** Models: dev_close, fib_disable_ip, neigh_ifdown. */
export function takeDown(dev: NetDevice): void {
  dev.ns.netfilter.masqueradeGone(dev.index);
  if (!dev.up) return;
  withCarriers(dev, () => {
    dev.up = false;
    dev.qdisc?.reset();
    if (dev instanceof Wireguard) dev.stop();
    if (dev instanceof UpperDevice) dev.closed();
    if (dev instanceof Vxlan) {
      dev.home.vxlan.close(dev);
      dev.stop();
    }
  });
  if (dev instanceof Bridge) for (const port of dev.ports) dev.fdb.removePort(port, false);
  dev.ns.fib.removeDevice(dev);
  flushNeighbours(dev, false, `${dev.name} went down`);
  ip6Down(dev);
  vlansFollow(dev, false);
}

/** reachable_time is uniform between half and one and a half of its base. Models: neigh_rand_reach_time. */
export function drawReachableTime(dev: NetDevice): void {
  const base = dev.neighParams.baseReachableTime;
  dev.reachableTime = (base / 2 + Math.floor(dev.ns.kernel.random.unit() * base)) as typeof dev.reachableTime;
}

/** Models: br_add_if. */
export function enslave(dev: NetDevice, bridge: Bridge): void {
  const number = nextPortNumber(bridge);
  withCarriers(bridge, () => {
    const port = new BridgePort(bridge, dev, number);
    dev.port = port;
    dev.promiscuity++;
    bridge.ports.unshift(port);
  });
  if (bridge.up && !bridge.isLoopback && bridge.running) bridge.ns.fib.setLinkdown(bridge, false);
  bridge.fdb.addLocal(dev.mac, dev.port);
  followPorts(bridge);
  bridgeMtu(bridge);
}

function nextPortNumber(bridge: Bridge): number {
  let n = 1;
  while (bridge.ports.some((p) => p.number === n)) n++;
  return n;
}

/** Models: br_del_if. */
export function release(dev: NetDevice): void {
  const { port } = dev;
  if (port === null) return;
  const { bridge } = port;
  const was = bridge.running;
  bridge.fdb.removePort(port, true);
  bridge.ports.splice(bridge.ports.indexOf(port), 1);
  dev.port = null;
  dev.promiscuity--;
  if (bridge.running !== was) carrierChanged(bridge, bridge.running);
  followPorts(bridge);
  bridgeMtu(bridge);
}

/** The bridge's address follows its ports, unless it was set. Models: br_stp_recalculate_bridge_id. */
export function followPorts(bridge: Bridge): void {
  const old = bridge.mac;
  if (!bridge.recalculateMac()) return;
  bridgeMacChanged(bridge, old);
}

export function bridgeMacChanged(bridge: Bridge, old: Mac): void {
  const entry = bridge.fdb.find(old);
  if (entry !== undefined && entry.local && entry.port === null)
    bridge.fdb.remove(old, { name: "kernel", detail: "the address changed" });
  bridge.fdb.addLocal(bridge.mac, null);
}

/** Until it is set, a bridge's MTU is the smallest of its ports'. Models: br_mtu_auto_adjust. */
export function bridgeMtu(bridge: Bridge): void {
  if (bridge.mtuSet || bridge.ports.length === 0) return;
  bridge.mtu = Math.min(...bridge.ports.map((p) => p.dev.mtu));
}
