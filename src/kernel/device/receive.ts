import {
  ETH_P_8021Q,
  ETH_P_ARP,
  ETH_P_IP,
  ETH_P_IPV6,
  ETHERNET_HEADER,
  ethDest,
  ethIsBroadcast,
  ethIsGroup,
  ethType,
} from "../../wire/ethernet.ts";
import { ipReceive } from "../ipv4/input.ts";
import { ip6Receive } from "../ipv6/input.ts";
import { arpReceive } from "../neigh/arp.ts";
import { PACKET_BROADCAST, PACKET_HOST, PACKET_MULTICAST, PACKET_OTHERHOST, type Skb } from "../skb.ts";
import { bridgeReceive } from "./bridge.ts";
import { insertTag, takeTag, vlanReceive } from "./vlan-tag.ts";
import type { NetDevice, XmitResult } from "./device.ts";

/** Copies the frame to whoever captures on the device, and into the trace. Models: dev_queue_xmit_nit, ptype_all. */
function observe(dev: NetDevice, skb: Skb, incoming: boolean): void {
  const { kernel } = dev.ns;
  if (kernel.trace === null && dev.taps.length === 0) return;
  // A tag beside the frame is shown in its place.
  const { vlan } = skb;
  if (vlan !== 0) insertTag(skb);
  show(dev, skb, incoming);
  if (vlan !== 0) takeTag(skb);
}

function show(dev: NetDevice, skb: Skb, incoming: boolean): void {
  const { kernel } = dev.ns;
  if (kernel.trace !== null) {
    const raw = dev.headerLength === 0;
    kernel.trace.frame(dev.ns.id, dev.index, incoming, skb.id, skb.buf, skb.data, skb.end, skb.length, raw);
  }
  for (const tap of dev.taps) {
    if (incoming ? !tap.incoming : !tap.outgoing) continue;
    tap.sink({
      time: kernel.queue.now,
      netns: dev.ns.id,
      dev: dev.ns.indexOf(dev),
      direction: incoming ? "in" : "out",
      bytes: skb.buf.slice(skb.data, skb.end),
      length: skb.length,
    });
  }
}

/**
 * Sends the frame at `skb.data` (Ethernet header first) out of a device. Models: __dev_queue_xmit with the noqueue and
 * noop qdiscs: a device that is down answers ENETDOWN, one without a carrier swallows the frame.
 */
export function devQueueXmit(dev: NetDevice, skb: Skb): XmitResult {
  const { kernel } = dev.ns;
  skb.dev = dev;
  skb.mac = skb.data;
  if (!dev.up) {
    dev.txDropped++;
    kernel.drop(dev.ns, dev, skb, "LINK_DOWN", "__dev_queue_xmit");
    return "ENETDOWN";
  }
  if (!dev.carrier) {
    dev.txDropped++;
    // NET_XMIT_CN: the sender is not told.
    kernel.drop(dev.ns, dev, skb, "QDISC_DROP", "noop_enqueue");
    return 0;
  }
  return dev.qdisc === null ? hardStartXmit(dev, skb) : dev.qdisc.enqueue(skb);
}

/** The frame leaves its queue: captures see it, the device gets it. Models: dev_hard_start_xmit. */
export function hardStartXmit(dev: NetDevice, skb: Skb): XmitResult {
  observe(dev, skb, false);
  if (skb.vlan !== 0 && !dev.carriesTags) insertTag(skb);
  return dev.xmit(skb);
}

/** eth_type_trans: for whom is the frame? */
function packetType(dev: NetDevice, skb: Skb): number {
  if (dev.headerLength === 0) return PACKET_HOST;
  if (ethIsGroup(skb.buf, skb.data))
    return ethIsBroadcast(skb.buf, skb.data) ? PACKET_BROADCAST : PACKET_MULTICAST;
  return ethDest(skb.buf, skb.data) === dev.mac ? PACKET_HOST : PACKET_OTHERHOST;
}

/** A frame arrives at a device; `skb.data` is at its Ethernet header. Models: __netif_receive_skb_core. */
export function netifReceive(dev: NetDevice, skb: Skb, forUs = false): void {
  const { kernel } = dev.ns;
  if (!dev.up) {
    kernel.drop(dev.ns, dev, skb, "DEV_READY", "enqueue_to_backlog");
    return;
  }
  kernel.current = skb.id;
  skb.dev = dev;
  skb.mac = skb.data;
  skb.packetType = forUs ? PACKET_HOST : packetType(dev, skb);
  dev.rxPackets++;
  dev.rxBytes += skb.length - dev.uncounted;
  if (skb.vlan === 0 && dev.headerLength !== 0 && ethType(skb.buf, skb.data) === ETH_P_8021Q) takeTag(skb);
  observe(dev, skb, true);
  if (skb.vlan !== 0 && vlanReceive(dev, skb)) return;
  if (dev.port !== null) bridgeReceive(dev.port, skb);
  else if (dev.rxHandler === null || !dev.rxHandler.receive(skb)) deliverUp(dev, skb);
  kernel.current = 0;
}

/** A packet that was carried by another comes in at the device of that one, uncounted. Models: gro_cells_poll. */
export function netifReceiveAgain(dev: NetDevice, skb: Skb): void {
  const { kernel } = dev.ns;
  if (!dev.up) {
    kernel.drop(dev.ns, dev, skb, "DEV_READY", "gro_cells_receive");
    return;
  }
  kernel.current = skb.id;
  skb.dev = dev;
  skb.mac = skb.data;
  observe(dev, skb, true);
  deliverUp(dev, skb);
  kernel.current = 0;
}

/** Hands the packet to its network protocol. */
function deliverUp(dev: NetDevice, skb: Skb): void {
  if (dev.headerLength !== 0) {
    skb.protocol = ethType(skb.buf, skb.data);
    skb.data += ETHERNET_HEADER;
  }
  if (skb.vlan !== 0) {
    // A tag of a VLAN that nobody here is in; VLAN 0 only tells the priority.
    if ((skb.vlan & 0xfff) !== 0) skb.packetType = PACKET_OTHERHOST;
    skb.vlan = 0;
  }
  skb.net = skb.data;
  switch (skb.protocol) {
    case ETH_P_IP:
      if (dev.ns.asleep !== null && skb.packetType === PACKET_HOST) dev.ns.asleep(() => ipReceive(dev, skb));
      else ipReceive(dev, skb);
      return;
    case ETH_P_ARP:
      arpReceive(dev, skb);
      return;
    case ETH_P_IPV6:
      ip6Receive(dev, skb);
      return;
    default:
      dev.ns.kernel.drop(dev.ns, dev, skb, "UNHANDLED_PROTO", "__netif_receive_skb_core");
  }
}
