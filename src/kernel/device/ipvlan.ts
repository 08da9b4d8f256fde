import { must } from "../../base/result.ts";
import { type Ipv4, type Mac } from "../../wire/address.ts";
import { arpTargetIp } from "../../wire/arp.ts";
import {
  ETH_P_ARP,
  ETH_P_IP,
  ETHERNET_HEADER,
  ethDest,
  ethIsBroadcast,
  ethIsGroup,
  ethSource,
  ethType,
} from "../../wire/ethernet.ts";
import { ipv4Dest } from "../../wire/ipv4.ts";
import { hearsGroupFrame } from "../ipv6/mld.ts";
import { nfHook } from "../hooks.ts";
import { deliverLocal } from "../ipv4/input.ts";
import { ipOutput } from "../ipv4/output.ts";
import { routeOutput, traceOutput } from "../ipv4/route.ts";
import type { Actor, IpvlanOptions } from "../uapi/index.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { NetDevice, RxHandler, XmitResult } from "./device.ts";
import { devQueueXmit, netifReceive } from "./receive.ts";
import { UpperDevice } from "./upper.ts";

/** Multicast that every host listens to: all nodes of IPv4 and of IPv6. */
const ALL_NODES: ReadonlySet<number> = new Set([0x01005e000001, 0x333300000001]);

/** The ipvlans of one lower device; mode and flag are common to them. Models: struct ipvl_port. */
export class IpvlanPort implements RxHandler {
  readonly lower: NetDevice;
  readonly all = new Set<Ipvlan>();
  options: IpvlanOptions = { mode: "l3", flag: "bridge" };

  constructor(lower: NetDevice) {
    this.lower = lower;
  }

  /** Models: ipvlan_set_port_mode. */
  configure(options: Partial<IpvlanOptions>): void {
    this.options = { ...this.options, ...options };
    for (const dev of this.all) dev.noArp = this.options.mode !== "l2";
    this.lower.layer3 = this.options.mode === "l3s" ? this : null;
  }

  /** The device that owns an address. Models: ipvlan_ht_addr_lookup. */
  owner(address: Ipv4): Ipvlan | undefined {
    for (const dev of this.all) for (const a of dev.addresses) if (a.local === address) return dev;
    return undefined;
  }

  /** By the address that a frame is for: of an ARP packet the one that is asked for or answered. Models: ipvlan_addr_lookup. */
  ownerOf(skb: Skb): Ipvlan | undefined {
    const at = skb.data + ETHERNET_HEADER;
    switch (ethType(skb.buf, skb.data)) {
      case ETH_P_IP:
        return this.owner(ipv4Dest(skb.buf, at));
      case ETH_P_ARP:
        return this.owner(arpTargetIp(skb.buf, at));
      default:
        return undefined;
    }
  }

  /** A frame came in by the lower device. Models: ipvlan_handle_frame. */
  receive(skb: Skb): boolean {
    const { mode } = this.options;
    if (mode === "l3s") return false;
    if (mode === "l2" && ethIsGroup(skb.buf, skb.data)) {
      if (ethSource(skb.buf, skb.data) !== this.lower.mac) this.broadcast(skb, null);
      return false;
    }
    const dev = this.ownerOf(skb);
    if (dev === undefined) return false;
    netifReceive(dev, skb);
    return true;
  }

  /** Copies a group frame to every device that is up. Models: ipvlan_process_multicast. */
  broadcast(skb: Skb, from: Ipvlan | null): void {
    const dest = ethDest(skb.buf, skb.data);
    const everyone = ethIsBroadcast(skb.buf, skb.data) || ALL_NODES.has(dest);
    const { kernel } = this.lower.ns;
    for (const dev of this.all) {
      if (!everyone && !hearsGroupFrame(dev, dest)) continue;
      if (dev !== from && dev.up) kernel.backlog.add(dev, kernel.copy(dev.ns, skb));
    }
  }

  /**
   * l3s: the packet went through the lower namespace's PREROUTING; it passes its INPUT too and then belongs to a device
   * that never sees it as a frame. Models: ipvlan_l3_rcv, ipvlan_nf_input.
   */
  receivePacket(skb: Skb): boolean {
    const dev = this.owner(ipv4Dest(skb.buf, skb.net));
    if (dev === undefined || !dev.up) return false;
    if (!nfHook(this.lower.ns, "INPUT", skb, this.lower, null)) return true;
    dev.rxPackets++;
    dev.rxBytes += skb.end - skb.net + ETHERNET_HEADER;
    skb.dev = dev;
    deliverLocal(dev, skb, false);
    return true;
  }
}

/** A device that shares its lower device's address and is told apart by IP addresses. Models: drivers/net/ipvlan. */
export class Ipvlan extends UpperDevice {
  readonly kind = "ipvlan";
  readonly portOf: IpvlanPort;
  /** The carrier came or went while the device was there: until then its state is unknown. */
  private watched: boolean;

  constructor(ns: Netns, name: string, mac: Mac, by: Actor, port: IpvlanPort) {
    super(ns, name, mac, port.lower.mtu, by, port.lower);
    this.portOf = port;
    this.watched = !port.lower.carrier;
    this.permanentMac = mac;
  }

  override get tracksCarrier(): boolean {
    return this.watched;
  }

  override attach(): void {
    super.attach();
    this.portOf.all.add(this);
    this.lower.rxHandler = this.portOf;
  }

  override detach(): void {
    super.detach();
    this.portOf.all.delete(this);
    if (this.portOf.all.size > 0) return;
    this.lower.rxHandler = null;
    this.lower.layer3 = null;
  }

  override carrierSeen(): void {
    this.watched = true;
  }

  override get mtuWithLower(): number {
    return this.lower.mtu;
  }

  xmit(skb: Skb): XmitResult {
    const { length } = skb;
    const result = this.portOf.options.mode === "l2" ? this.sendFrame(skb) : this.sendPacket(skb);
    if (result === 0) {
      this.txPackets++;
      this.txBytes += length;
    } else this.txDropped++;
    return result;
  }

  /** Models: ipvlan_xmit_mode_l2. */
  private sendFrame(skb: Skb): XmitResult {
    const port = this.portOf;
    const { kernel } = this.ns;
    if (port.options.flag !== "vepa" && ethDest(skb.buf, skb.data) === ethSource(skb.buf, skb.data)) {
      const sibling = port.ownerOf(skb);
      if (sibling !== undefined && port.options.flag === "private") {
        kernel.drop(this.ns, this, skb, "NOT_SPECIFIED", "ipvlan_xmit_mode_l2");
        return "ENOBUFS";
      }
      if (sibling !== undefined) this.hand(skb, sibling);
      // Nobody of us: the host of the lower device, which has the same address.
      else kernel.backlog.add(this.lower, skb);
      return 0;
    }
    if (ethIsGroup(skb.buf, skb.data)) port.broadcast(skb, this);
    return devQueueXmit(this.lower, skb);
  }

  /** Straight to a sibling, which counts the Ethernet header twice. Models: ipvlan_rcv_frame. */
  private hand(skb: Skb, sibling: Ipvlan): void {
    skb.scrub(sibling.ns !== this.ns);
    sibling.rxBytes += ETHERNET_HEADER;
    this.ns.kernel.backlog.add(sibling, skb);
  }

  /** The lower device's namespace routes what leaves. Models: ipvlan_xmit_mode_l3, ipvlan_process_v4_outbound. */
  private sendPacket(skb: Skb): XmitResult {
    const port = this.portOf;
    const { ns } = this.lower;
    const { kernel } = ns;
    if (ethType(skb.buf, skb.data) !== ETH_P_IP || ethIsGroup(skb.buf, skb.data)) {
      kernel.drop(this.ns, this, skb, "NOT_SPECIFIED", "ipvlan_process_outbound");
      return 0;
    }
    const sibling = port.options.flag === "vepa" ? undefined : port.ownerOf(skb);
    if (sibling !== undefined) {
      if (port.options.flag !== "private") this.hand(skb, sibling);
      else {
        kernel.drop(this.ns, this, skb, "NOT_SPECIFIED", "ipvlan_xmit_mode_l3");
        return "ENOBUFS";
      }
      return 0;
    }
    skb.data += ETHERNET_HEADER;
    skb.net = skb.data;
    skb.scrub(this.ns !== ns);
    const dst = ipv4Dest(skb.buf, skb.net);
    const route = routeOutput(ns, { dst, oif: this.lower });
    traceOutput(ns, skb, dst, route);
    if (typeof route === "string" || (route.type !== "unicast" && route.type !== "local")) {
      this.txErrors++;
      kernel.drop(ns, this, skb, "IP_OUTNOROUTES", "ipvlan_process_v4_outbound");
      return 0;
    }
    skb.hop = route.hop;
    skb.nexthop = route.nexthop;
    skb.mtu = route.mtu;
    skb.dev = route.dev;
    if (!nfHook(ns, "OUTPUT", skb, null, route.dev)) return 0;
    const out = must(skb.dev, "device of a routed packet");
    skb.dev = null;
    return ipOutput(ns, out, skb);
  }
}
