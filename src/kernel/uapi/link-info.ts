import { Bridge } from "../device/bridge.ts";
import type { NetDevice } from "../device/device.ts";
import { Veth } from "../device/veth.ts";
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
    promisc: dev.userPromisc,
    ...(dev.port === null ? {} : { master: ns.indexOf(dev.port.bridge), port: portOptions(dev.port) }),
    ...(peer === null ? {} : { peer: { netns: netnsOf(peer), index: peer.ns.indexOf(peer) } }),
    txQueueLength: dev.txQueueLength,
    qdisc: dev.wasUp ? "noqueue" : "noop",
    stats: {
      rxPackets: dev.rxPackets,
      rxBytes: dev.rxBytes,
      rxErrors: 0,
      rxDropped: dev.rxDropped,
      multicast: dev.multicast,
      txPackets: dev.txPackets,
      txBytes: dev.txBytes,
      txErrors: 0,
      txDropped: dev.txDropped,
      txCarrier: dev.txCarrierErrors,
    },
    ...(dev instanceof Bridge ? { bridge: dev.options } : {}),
    ...(dev instanceof Vxlan ? { vxlan: dev.options } : {}),
    ...(dev.alias === "" ? {} : { alias: dev.alias }),
    by: dev.by,
  };
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
