import { Bridge } from "../device/bridge.ts";
import type { NetDevice } from "../device/device.ts";
import { IpTunnel } from "../device/ip-tunnel.ts";
import { Ipvlan } from "../device/ipvlan.ts";
import { Macvlan } from "../device/macvlan.ts";
import { Tun } from "../device/tun.ts";
import { Veth } from "../device/veth.ts";
import { Vlan } from "../device/vlan.ts";
import { Vxlan } from "../device/vxlan.ts";
import type { BridgePort } from "../device/bridge-port.ts";
import type { BridgePortOptions, LinkInfo, NetnsId } from "./types.ts";

/** A device as netlink describes it. Models: rtnl_fill_ifinfo. */
export function linkInfo(dev: NetDevice): LinkInfo {
  const { ns } = dev;
  const peer = dev instanceof Veth ? dev.peer : null;
  return {
    index: ns.indexOf(dev),
    name: dev.name,
    kind: dev.kind,
    mac: dev.mac,
    mtu: dev.mtu,
    up: dev.up,
    lowerUp: dev.lowerUp,
    operState: dev.operState,
    noArp: dev.noArp,
    promiscuity: dev.promiscuity,
    linkType: dev.linkType,
    minMtu: dev.minMtu,
    maxMtu: dev.maxMtu,
    promisc: dev.userPromisc,
    multicast: dev.multicastFlag,
    allMulticast: dev.allMulticast,
    allMulticastFlag: dev.userAllMulticast,
    ...(dev.group === 0 ? {} : { group: dev.group }),
    ...(dev.port === null ? {} : { master: ns.indexOf(dev.port.bridge), port: portOptions(dev.port) }),
    ...(peer === null ? {} : { peer: { netns: netnsOf(peer), index: peer.ns.indexOf(peer) } }),
    txQueueLength: dev.txQueueLength,
    qdisc: dev.qdisc?.options.kind ?? (dev.wasUp ? dev.defaultQdisc : "noop"),
    stats: {
      rxPackets: dev.rxPackets,
      rxBytes: dev.rxBytes,
      rxErrors: dev.rxErrors,
      rxDropped: dev.rxDropped,
      multicast: dev.multicast,
      txPackets: dev.txPackets,
      txBytes: dev.txBytes,
      txErrors: dev.txErrors,
      txDropped: dev.txDropped,
      txCarrier: dev.txCarrierErrors,
      collisions: dev.collisions,
    },
    ...(dev instanceof Bridge ? { bridge: dev.options } : {}),
    ...kindInfo(dev),
    ...(dev.permanentMac === null ? {} : { permanentMac: dev.permanentMac }),
    ...(dev.alias === "" ? {} : { alias: dev.alias }),
    by: dev.by,
  };
}

type Place = Pick<LinkInfo, "lower" | "home">;

/** What a kind of device tells beside the common facts, and what it stands on. */
function kindInfo(dev: NetDevice): Partial<LinkInfo> {
  if (dev instanceof IpTunnel) return { tunnel: dev.options, ...tunnelPlace(dev) };
  if (dev instanceof Vxlan) return { vxlan: dev.options, ...vxlanPlace(dev) };
  if (dev instanceof Tun) return { tun: dev.options };
  if (dev.lower === null) return {};
  const lower = { netns: netnsOf(dev.lower), index: dev.lower.ns.indexOf(dev.lower) };
  if (dev instanceof Macvlan) return { lower, macvlan: dev.options };
  if (dev instanceof Ipvlan) return { lower, ipvlan: dev.portOf.options };
  if (dev instanceof Vlan) return { lower, vlan: dev.options };
  return { lower };
}

function tunnelPlace(dev: IpTunnel): Place {
  const below = dev.options.dev === undefined ? undefined : dev.home.device(dev.options.dev);
  const lower = below === undefined ? null : { netns: netnsOf(below), index: below.ns.indexOf(below) };
  return { lower, ...(dev.home === dev.ns ? {} : { home: dev.home.id }) };
}

/** Only where it moved on: with the link's namespace its own index stands for what is below (rtnl_fill_link_netnsid). */
function vxlanPlace(dev: Vxlan): Place {
  if (dev.home === dev.ns) return {};
  return { lower: { netns: dev.home.id, index: dev.ns.indexOf(dev) }, home: dev.home.id };
}

function netnsOf(dev: NetDevice): NetnsId {
  return dev.ns.id;
}

function portOptions(port: BridgePort): BridgePortOptions {
  return {
    hairpin: port.hairpin,
    learning: port.learning,
    flood: port.flood,
    mcastFlood: port.mcastFlood,
    bcastFlood: port.bcastFlood,
    isolated: port.isolated,
    neighSuppress: port.neighSuppress,
    state: port.forwarding ? "forwarding" : "disabled",
    cost: port.cost,
    priority: port.priority,
    number: port.number,
  };
}
