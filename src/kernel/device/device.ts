import type { Ipv4, Mac } from "../../wire/address.ts";
import type { Nanos } from "../../sim/time.ts";
import { ETHERNET_HEADER } from "../../wire/ethernet.ts";
import type { Actor, CapturedFrame, Errno, LinkKind, LinkType, OperState } from "../uapi/index.ts";
import type { InetAddress } from "../ipv4/address.ts";
import { type DeviceConf, type NeighParams } from "../conf.ts";
import { Inet6Device } from "../ipv6/inet6.ts";
import type { Neighbour } from "../neigh/neighbour.ts";
import type { Netns } from "../netns.ts";
import type { Qdisc } from "../sched/qdisc.ts";
import type { Skb } from "../skb.ts";
import type { BridgePort } from "./bridge-port.ts";

/** A packet socket on a device: what tcpdump opens. */
export interface Tap {
  readonly incoming: boolean;
  readonly outgoing: boolean;
  readonly sink: (frame: CapturedFrame) => void;
}

/** What takes frames from a device before the stack sees them: the bridge, macvlan, ipvlan. Models: rx_handler. */
export interface RxHandler {
  /** True: the frame is the handler's now. `skb.data` is at the Ethernet header. */
  receive(skb: Skb): boolean;
}

/** Result of handing a packet down: 0, or why it could not be sent. */
export type XmitResult = 0 | Errno;

/** The path cost of a port whose driver tells no speed. */
export const UNKNOWN_SPEED_COST = 100;

/**
 * A network device of a namespace. Subclasses are the kinds; they say what happens to a frame that is sent.
 * Models: struct net_device, with the IPv4 part (struct in_device) and the ARP table's share of it.
 */
export abstract class NetDevice {
  abstract readonly kind: LinkKind;
  ns: Netns;
  index = 0;
  name: string;
  mac: Mac;
  mtu: number;
  /** The address was set by somebody: a bridge keeps it then (addr_assign_type). */
  macSet = false;
  readonly by: Actor;
  /** The device that this one sits on, and those that sit on this one, oldest first. Models: netdev_adjacent. */
  lower: NetDevice | null = null;
  readonly uppers: NetDevice[] = [];
  rxHandler: RxHandler | null = null;
  /** Takes IPv4 packets after PREROUTING (ipvlan in mode l3s). Models: l3mdev_ip_rcv. */
  layer3: { receivePacket(skb: Skb): boolean } | null = null;
  /** IFLA_PERM_ADDRESS of the kinds that have one. */
  permanentMac: Mac | null = null;
  /** The VLAN devices on this one, by identifier. Models: vlan_group. */
  vlans: Map<number, NetDevice> | null = null;
  up = false;
  /** False until the device was up once: then its qdisc is still noop. */
  wasUp = false;
  noArp = false;
  promiscuity = 0;
  userPromisc = false;
  allMulticast = 0;
  userAllMulticast = false;
  /** IFF_MULTICAST. */
  multicastFlag: boolean;
  group = 0;
  /** What listeners heard of it last. */
  told = "";
  minMtu = 68;
  /** 0: no bound. */
  maxMtu = 65535;
  txQueueLength = 1000;
  /** The discipline that somebody put at the root of the egress; null: noqueue. */
  qdisc: Qdisc | null = null;
  alias = "";
  /** The bridge port that this device is, when it has a master. */
  port: BridgePort | null = null;
  /** Packet sockets that are open on the device. */
  readonly taps: Tap[] = [];
  readonly addresses: InetAddress[] = [];
  readonly neighbours = new Map<number, Neighbour<Ipv4>>();
  readonly proxies = new Set<number>();
  /** Further addresses that the device listens to (`bridge fdb add ... self`). */
  readonly unicast = new Map<Mac, Actor>();
  readonly conf: DeviceConf;
  readonly neighParams: NeighParams;
  /** Models: neigh_parms.reachable_time, drawn anew every 300 s from base_reachable_time. */
  reachableTime = 0 as Nanos;
  /** The IPv6 part; a new one when the device moves to another namespace. */
  in6: Inet6Device;
  rxPackets = 0;
  rxBytes = 0;
  rxDropped = 0;
  rxErrors = 0;
  multicast = 0;
  txPackets = 0;
  txBytes = 0;
  txDropped = 0;
  txErrors = 0;
  collisions = 0;
  txCarrierErrors = 0;

  constructor(ns: Netns, name: string, mac: Mac, mtu: number, by: Actor) {
    this.ns = ns;
    this.name = name;
    this.mac = mac;
    this.mtu = mtu;
    this.by = by;
    this.multicastFlag = this.hasGroups;
    this.conf = ns.newDeviceConf();
    this.neighParams = ns.newNeighParams();
    this.in6 = new Inet6Device(this);
  }

  get isLoopback(): boolean {
    return false;
  }

  /** ARPHRD_*. */
  get linkType(): LinkType {
    return "ether";
  }

  /** Bytes of the link-layer header; frames of a device without one begin at the network header. */
  get headerLength(): number {
    return ETHERNET_HEADER;
  }

  /** IFF_MULTICAST when the device is made. */
  protected get hasGroups(): boolean {
    return true;
  }

  /** NETIF_F_HW_VLAN_CTAG_TX: tags stay beside the frame until it leaves the machine. */
  get carriesTags(): boolean {
    return true;
  }

  /** What stands at the root when nobody put anything there: devices of the kernel itself have no queue. */
  get defaultQdisc(): "noqueue" | "pfifo_fast" {
    return "noqueue";
  }

  /** IFF_UNICAST_FLT: further addresses do not make it promiscuous. */
  get filtersUnicast(): boolean {
    return false;
  }

  /** ndo_change_mtu: why the kind refuses an MTU that is within its bounds. */
  mtuRefusal(_mtu: number): Errno | undefined {
    return undefined;
  }

  /** What the MTU becomes when the lower device's has changed. */
  get mtuWithLower(): number {
    return this.mtu;
  }

  /** IPv4 groups that somebody joined here, and how often. Models: struct ip_mc_list. */
  readonly groups = new Map<Ipv4, number>();

  /** Models: ip_mc_join_group; the report of IGMP is not sent. */
  joinGroup(group: Ipv4): void {
    this.groups.set(group, (this.groups.get(group) ?? 0) + 1);
  }

  leaveGroup(group: Ipv4): void {
    const left = (this.groups.get(group) ?? 0) - 1;
    if (left > 0) this.groups.set(group, left);
    else this.groups.delete(group);
  }

  /** The carrier came or went. */
  carrierSeen(): void {
    // Of interest to some kinds only.
  }

  /** The namespace of what it stands on, or is wired to; its own for most. Models: rtnl_link_ops.get_link_net. */
  get linkNetns(): Netns {
    return this.ns;
  }

  /** A message about the device numbers that namespace. Models: rtnl_fill_link_netnsid. */
  mentionLink(): void {
    if (this.linkNetns !== this.ns) this.ns.numberOf(this.linkNetns.id);
  }

  /** IFLA_LINK as an index of whatever namespace the lower device lives in. */
  get lowerIndex(): number {
    return this.lower === null ? this.index : this.lower.index;
  }

  /** Whether this kind can lose its carrier at all: those that cannot show operstate UNKNOWN. */
  get tracksCarrier(): boolean {
    return true;
  }

  /** Bytes of a received frame that this kind leaves out of its counters. */
  get uncounted(): number {
    return 0;
  }

  /** What a bridge counts it as: 2 for 10 Gbit/s, 100 where the speed is not known. Models: port_cost. */
  get pathCost(): number {
    return 2;
  }

  /** netif_carrier_ok. */
  abstract get carrier(): boolean;

  /** ndo_start_xmit: `skb.data` is at the Ethernet header. The device owns the skb from here on. */
  abstract xmit(skb: Skb): XmitResult;

  get operState(): OperState {
    if (!this.tracksCarrier) return this.up ? "UNKNOWN" : "DOWN";
    if (!this.up) return "DOWN";
    return this.carrier ? "UP" : this.withoutCarrier;
  }

  /** Models: default_operstate, which looks the index up in this namespace, wherever the lower device lives. */
  protected get withoutCarrier(): "DOWN" | "LOWERLAYERDOWN" {
    const below = this.lowerIndex === this.index ? undefined : this.ns.device(this.lowerIndex);
    return below !== undefined && !below.carrier ? "LOWERLAYERDOWN" : "DOWN";
  }

  /** IFF_LOWER_UP. */
  get lowerUp(): boolean {
    return this.up && this.carrier;
  }

  /** Ready to send and receive: administratively up with a carrier. */
  get running(): boolean {
    return this.up && this.carrier;
  }
}
