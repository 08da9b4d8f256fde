import type { FibHop } from "./ipv4/fib-table.ts";
import type { NetDevice } from "./device/device.ts";
import type { Hop6 } from "./ipv6/fib6.ts";
import type { BridgePort } from "./device/bridge-port.ts";
import type { XfrmState } from "./xfrm/state.ts";
import type { XfrmWay } from "./xfrm/way.ts";
import { type Conntrack, CT_INVALID } from "./netfilter/conntrack/entry.ts";

/** Bytes kept free before the data for headers to come: Ethernet, IPv4 with options, UDP, VXLAN. */
export const HEADROOM = 128;

/** Buffers of this size are pooled. */
const POOLED = 2048;

/** packet(7) types of an skb, as eth_type_trans decides them. */
export const PACKET_HOST = 0;
export const PACKET_BROADCAST = 1;
export const PACKET_MULTICAST = 2;
export const PACKET_OTHERHOST = 3;
export const PACKET_OUTGOING = 4;
export const PACKET_LOOPBACK = 5;

/** `skb.socket` of what the kernel's own sockets send: ICMP. */
export const KERNEL_SOCKET = -1;

/**
 * A packet on its way: a byte buffer with headroom, and what the stack knows about it. `data` to `end` are its bytes as
 * the current layer sees them; pushing a header moves `data` down. Models: struct sk_buff.
 */
export class Skb {
  buf: Uint8Array;
  data = 0;
  end = 0;
  /** Offset of the link-layer header, and of the network header. */
  mac = 0;
  net = 0;
  id = 0;
  /** Device that it came in by, or that it leaves by. */
  dev: NetDevice | null = null;
  /** EtherType of what `net` points to. */
  protocol = 0;
  packetType = PACKET_HOST;
  mark = 0;
  /** Tag control of an 802.1Q tag that is not in the bytes, with VLAN_PRESENT; 0 for none. Models: skb_vlan_tag. */
  vlan = 0;
  /** The route that was chosen for it, and the next hop's address (the destination itself when on the link). */
  hop: FibHop | null = null;
  nexthop = 0;
  /** The route of an IPv6 packet; `nexthop` is then an Addr6. */
  hop6: Hop6 | null = null;
  /** Device that it counts as having come in by for sockets: its address's, when it crossed lo (inet_iif, inet6_iif). */
  iif: NetDevice | null = null;
  /** A copy of what this host sent to a group that it is in itself. */
  loopedBack = false;
  /** Marked by the input route: a better first hop exists (IPSKB_DOREDIRECT). */
  redirect = false;
  /** It was routed on its way out and comes back in to this host (lo, a broadcast's own copy): `hop` holds. */
  routed = false;
  /** Device that the sending socket is bound to (SO_BINDTODEVICE): a second lookup keeps to it. */
  bound: NetDevice | null = null;
  /** Path MTU in force where the route was looked up for output, 0 for the device's. */
  mtu = 0;
  /** The flow that conntrack took it for, and how it stands to it (CT_*). */
  ct: Conntrack | null = null;
  ctInfo = CT_INVALID;
  /** Set by the CT and NOTRACK targets before conntrack looks: leave it alone, or the zone. */
  ctZone = 0;
  /** The ports of the bridge that netfilter is to be told of (bridge-nf-call-iptables), while it is among them. */
  physIn: NetDevice | null = null;
  physOut: NetDevice | null = null;
  /** It passed PREROUTING as a bridged frame: the IP stack does not show it there again. */
  sabotaged = true;
  /** A bridged frame whose new destination must be asked for first, and the source address to give back to it. */
  bridgedDnat: BridgePort | null = null;
  savedMac: Uint8Array | null = null;
  /** Longest of the fragments that it was put together from, 0 for none: it goes on in pieces no longer than that. */
  fragMax = 0;
  /** Payload bytes of each of them, in order: it is cut there again where that fits. Models: the skb's frag_list. */
  fragSizes: readonly number[] | null = null;
  /** IPVS has dealt with it (skb->ipvs_property). */
  ipvs = false;
  /** `-j TRACE` marked it (skb->nf_trace). */
  nfTrace = false;
  /** IPsec: what is to protect it on its way out; the state that it came in under; it was protected here already. */
  xfrm: XfrmWay | null = null;
  secpath: XfrmState | null = null;
  transformed = false;
  /** The socket that it left from, for the owner and socket matches: 0 for none. */
  socket = 0;
  /** False once released: guards against a second release. */
  inUse = true;

  constructor(size: number) {
    this.buf = new Uint8Array(size);
  }

  get length(): number {
    return this.end - this.data;
  }

  /** Makes room for a header of `bytes` before the data; the headroom must suffice (`ensureHeadroom`). */
  push(bytes: number): number {
    this.data -= bytes;
    if (this.data < 0) throw new Error("bug: skb_under_panic");
    return this.data;
  }

  /** Moves the packet within a larger buffer when there is no room for `bytes` more. */
  ensureHeadroom(bytes: number): void {
    if (this.data >= bytes) return;
    const extra = bytes + HEADROOM - this.data;
    const buf = new Uint8Array(this.buf.length + extra);
    buf.set(this.buf.subarray(this.data, this.end), this.data + extra);
    this.buf = buf;
    this.data += extra;
    this.end += extra;
    this.mac += extra;
    this.net += extra;
  }

  /**
   * The packet leaves one stack for another, through a cable or into a tunnel: what the first knew of it is forgotten;
   * `foreign`: the other is another namespace's, and the mark is forgotten too. Models: skb_scrub_packet.
   */
  scrub(foreign: boolean): void {
    this.ct = null;
    this.ctInfo = CT_INVALID;
    this.ctZone = 0;
    this.physIn = null;
    this.physOut = null;
    this.sabotaged = true;
    this.ipvs = false;
    this.nfTrace = false;
    this.fragMax = 0;
    this.fragSizes = null;
    this.hop = null;
    this.mtu = 0;
    this.xfrm = null;
    this.secpath = null;
    this.transformed = false;
    if (!foreign) return;
    this.mark = 0;
    this.socket = 0;
  }

  /** Makes room for `bytes` behind the packet. */
  ensureTailroom(bytes: number): void {
    if (this.end + bytes <= this.buf.length) return;
    const buf = new Uint8Array(this.end + bytes);
    buf.set(this.buf);
    this.buf = buf;
  }

  reset(id: number): void {
    this.data = HEADROOM;
    this.end = HEADROOM;
    this.mac = 0;
    this.net = 0;
    this.id = id;
    this.dev = null;
    this.protocol = 0;
    this.packetType = PACKET_HOST;
    this.mark = 0;
    this.vlan = 0;
    this.hop = null;
    this.nexthop = 0;
    this.hop6 = null;
    this.iif = null;
    this.loopedBack = false;
    this.redirect = false;
    this.bound = null;
    this.routed = false;
    this.mtu = 0;
    this.ct = null;
    this.ctInfo = CT_INVALID;
    this.ctZone = 0;
    this.physIn = null;
    this.physOut = null;
    this.sabotaged = true;
    this.bridgedDnat = null;
    this.savedMac = null;
    this.ipvs = false;
    this.fragMax = 0;
    this.fragSizes = null;
    this.nfTrace = false;
    this.xfrm = null;
    this.secpath = null;
    this.transformed = false;
    this.socket = 0;
    this.inUse = true;
  }
}

/** Hands out skbs and takes them back: a packet that ends returns its buffer. */
export class SkbPool {
  private readonly free: Skb[] = [];
  private lastId = 0;

  /** An empty skb with room for `size` bytes behind the headroom. */
  alloc(size: number): Skb {
    const need = HEADROOM + size;
    const skb = need <= POOLED ? (this.free.pop() ?? new Skb(POOLED)) : new Skb(need);
    skb.reset(++this.lastId);
    return skb;
  }

  /** A full copy, metadata too. Models: skb_copy; Linux's cheaper skb_clone shares the bytes. */
  copy(from: Skb): Skb {
    const skb = this.alloc(from.end - HEADROOM > 0 ? from.end - HEADROOM : from.end);
    skb.buf.set(from.buf.subarray(from.data, from.end), from.data);
    skb.data = from.data;
    skb.end = from.end;
    skb.mac = from.mac;
    skb.net = from.net;
    skb.dev = from.dev;
    skb.protocol = from.protocol;
    skb.packetType = from.packetType;
    skb.mark = from.mark;
    skb.vlan = from.vlan;
    skb.ct = from.ct;
    skb.ctInfo = from.ctInfo;
    skb.physIn = from.physIn;
    skb.sabotaged = from.sabotaged;
    skb.fragMax = from.fragMax;
    skb.secpath = from.secpath;
    skb.nfTrace = from.nfTrace;
    return skb;
  }

  release(skb: Skb): void {
    if (!skb.inUse) throw new Error(`bug: skb ${skb.id} released twice`);
    skb.inUse = false;
    skb.hop = null;
    skb.hop6 = null;
    skb.iif = null;
    skb.dev = null;
    skb.bound = null;
    if (skb.buf.length === POOLED && this.free.length < 1024) this.free.push(skb);
  }
}
