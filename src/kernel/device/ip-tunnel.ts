import type { Ipv4, Mac } from "../../wire/address.ts";
import { ETH_P_IP, ETHERNET_HEADER } from "../../wire/ethernet.ts";
import {
  IPV4_HEADER,
  ipv4Dest,
  ipv4DontFragment,
  ipv4Source,
  ipv4Tos,
  ipv4Ttl,
  setIpv4Tos,
} from "../../wire/ipv4.ts";
import { type Nanos, seconds } from "../../sim/time.ts";
import { icmpSend } from "../ipv4/icmp-send.ts";
import { learnMtu } from "../ipv4/icmp.ts";
import { ipLocalOut } from "../ipv4/output.ts";
import { type OutputRoute, routeOutput, traceOutput } from "../ipv4/route.ts";
import type { Netns } from "../netns.ts";
import { PACKET_HOST, type Skb } from "../skb.ts";
import type { Actor, TunnelOptions } from "../uapi/index.ts";
import { NetDevice, type XmitResult } from "./device.ts";
import { netifReceive } from "./receive.ts";

/** An error about an outer packet is passed on for this long (IPTUNNEL_ERR_TIMEO). */
const ERROR_MEMORY = seconds(30);
/** ECN codepoints, RFC 3168. */
const ECN_MASK = 3;
const ECN_CE = 3;
const ECN_ECT0 = 2;

/**
 * A device whose frames travel inside IPv4 packets to another host. Subclasses say which header stands between the two.
 * Models: net/ipv4/ip_tunnel.c.
 */
export abstract class IpTunnel extends NetDevice {
  options: TunnelOptions;
  /** The namespace that the outer packets live in: where the tunnel was made. */
  readonly home: Netns;
  /** IP protocol of the outer packets. */
  abstract readonly protocol: number;
  /** ICMP errors about outer packets that no sender was told of yet, and when the last came. */
  private errors = 0;
  private errorTime: Nanos = (0 - ERROR_MEMORY) as Nanos;

  constructor(ns: Netns, name: string, mac: Mac, mtu: number, by: Actor, options: TunnelOptions) {
    super(ns, name, mac, mtu, by);
    this.home = ns;
    this.options = options;
    this.minMtu = 0;
    this.maxMtu = 0;
  }

  override get linkNetns(): Netns {
    return this.home;
  }

  /** Those that `ip tunnel` makes show their bounds. Models: ip_tunnel_create. */
  boundMtu(): void {
    this.minMtu = 68;
    this.maxMtu = 65535 - IPV4_HEADER - this.shim;
  }

  override mtuRefusal(mtu: number): "EINVAL" | undefined {
    return mtu < 68 || mtu > 65535 - IPV4_HEADER - this.shim ? "EINVAL" : undefined;
  }

  /** Bytes between the outer IPv4 header and what the tunnel carries. */
  abstract get shim(): number;

  /** Writes those bytes at `skb.data`, which is already moved. */
  protected abstract writeShim(skb: Skb): void;

  override get tracksCarrier(): boolean {
    return false;
  }

  get carrier(): boolean {
    return true;
  }

  /** Models: ip_tunnel_xmit. */
  xmit(skb: Skb): XmitResult {
    const { home, options } = this;
    skb.net = skb.data + this.headerLength;
    const overIp = this.innerProtocol(skb) === ETH_P_IP;
    const remote = this.remoteOf(skb);
    if (remote === 0) return this.fail(skb, "IP_OUTNOROUTES");
    const route = this.route(remote);
    if (typeof route === "string") {
      traceOutput(home, skb, remote, route);
      this.txCarrierErrors++;
      return this.fail(skb, "IP_OUTNOROUTES");
    }
    if (route.dev === this) {
      this.collisions++;
      return this.fail(skb, "TUNNEL_LOOP");
    }
    const innerDf = overIp && ipv4DontFragment(skb.buf, skb.net);
    const dontFragment = options.pathMtuDiscovery || innerDf;
    if (!this.fits(skb, route, overIp, innerDf)) return this.fail(skb, "PKT_TOO_BIG");
    if (this.errors > 0) this.reportError(skb);
    const innerTos = overIp ? ipv4Tos(skb.buf, skb.net) : 0;
    const tos = encapTos((options.tos & 1) !== 0 ? innerTos : options.tos, innerTos);
    const ttl = options.ttl !== 0 ? options.ttl : overIp ? ipv4Ttl(skb.buf, skb.net) : home.ipv4.defaultTtl;
    const length = skb.length - this.headerLength;
    if (this.send(skb, route, remote, { ttl, tos, dontFragment }) === 0) {
      this.txPackets++;
      this.txBytes += length;
    } else {
      this.txErrors++;
      this.txDropped++;
    }
    return 0;
  }

  /** EtherType of what is carried: of the frame itself, when the tunnel carries frames. */
  protected innerProtocol(skb: Skb): number {
    return skb.protocol;
  }

  /** The other end: the tunnel's, or else the next hop that the packet's route names. 0: nobody. */
  protected remoteOf(skb: Skb): Ipv4 {
    return this.options.remote !== 0 ? this.options.remote : (skb.nexthop as Ipv4);
  }

  private route(remote: Ipv4): ReturnType<typeof routeOutput> {
    const { home, options } = this;
    const oif = options.dev === undefined ? undefined : home.device(options.dev);
    const src = options.local === 0 ? undefined : options.local;
    return routeOutput(home, { dst: remote, src, oif });
  }

  private send(
    skb: Skb,
    route: OutputRoute,
    remote: Ipv4,
    header: { ttl: number; tos: number; dontFragment: boolean },
  ): XmitResult {
    const { home, shim } = this;
    skb.scrub(this.ns !== home);
    skb.ensureHeadroom(shim + IPV4_HEADER + ETHERNET_HEADER);
    skb.push(shim);
    this.writeShim(skb);
    const bytes = shim + IPV4_HEADER;
    const key = this.options.outputKey ?? 0;
    home.kernel.trace?.tunnel(true, this.ns.id, this.index, skb.id, bytes, key, route.source, remote);
    traceOutput(home, skb, remote, route);
    skb.dev = null;
    skb.packetType = PACKET_HOST;
    skb.redirect = false;
    skb.bound = null;
    // What becomes of the outer packet is not the sender's of the inner one. Models: iptunnel_xmit.
    ipLocalOut(home, skb, route, remote, { protocol: this.protocol, ...header });
    return 0;
  }

  /**
   * Whether there is room for the packet on the way to the other end. The path MTU of its destination is noted in any
   * case, its route's own where the outer packet may be cut, and a sender that forbids fragments hears of it.
   * Models: tnl_update_pmtu.
   */
  private fits(skb: Skb, route: OutputRoute, overIp: boolean, innerDf: boolean): boolean {
    if (!overIp) return true;
    const whole = this.options.pathMtuDiscovery || innerDf;
    const mtu = whole ? route.mtu - IPV4_HEADER - this.shim - this.headerLength : undefined;
    const { ns } = this;
    if (this.headerLength === 0) learnMtu(ns, ipv4Dest(skb.buf, skb.net), mtu);
    if (mtu === undefined || !innerDf || skb.end - skb.net <= mtu) return true;
    const cause = ns.kernel.current;
    ns.kernel.current = skb.id;
    icmpSend(ns, skb, 3, 4, mtu);
    ns.kernel.current = cause;
    return false;
  }

  /** The way was broken lately: the sender hears "host unreachable", and the packet goes all the same. Models: dst_link_failure. */
  private reportError(skb: Skb): void {
    if (this.ns.kernel.queue.now >= this.errorTime + ERROR_MEMORY) {
      this.errors = 0;
      return;
    }
    this.errors--;
    icmpSend(this.ns, skb, 3, 1, 0);
  }

  /** An ICMP error about an outer packet. Models: ipip_err, ipgre_err. */
  outerError(type: number, code: number): void {
    if (type === 3 ? code === 4 || code === 5 : type !== 11 || code !== 0) return;
    if (this.options.remote === 0 || (this.options.ttl === 0 && type === 11)) return;
    const { now } = this.ns.kernel.queue;
    this.errors = now < this.errorTime + ERROR_MEMORY ? this.errors + 1 : 1;
    this.errorTime = now;
  }

  /** A packet from the other end; `skb.data` is behind the outer headers. Models: ip_tunnel_rcv. */
  receive(skb: Skb, outer: number, protocol: number): void {
    const { ns, home, options } = this;
    const { kernel } = ns;
    const { buf } = skb;
    const local = ipv4Dest(buf, outer);
    const remote = ipv4Source(buf, outer);
    kernel.trace?.tunnel(
      false,
      ns.id,
      this.index,
      skb.id,
      skb.data - outer,
      options.inputKey ?? 0,
      local,
      remote,
    );
    const inner = skb.data + this.headerLength;
    if (protocol === ETH_P_IP && !decapEcn(buf, ipv4Tos(buf, outer), inner)) {
      this.rxErrors++;
      kernel.drop(ns, this, skb, "IP_INHDR", "ip_tunnel_rcv");
      return;
    }
    skb.scrub(ns !== home);
    skb.protocol = protocol;
    skb.nexthop = 0;
    netifReceive(this, skb);
  }

  protected fail(skb: Skb, reason: "IP_OUTNOROUTES" | "TUNNEL_LOOP" | "PKT_TOO_BIG"): XmitResult {
    this.txErrors++;
    this.ns.kernel.drop(this.ns, this, skb, reason, "ip_tunnel_xmit");
    return 0;
  }
}

/** ECN of the outer header: the inner one's, but a mark of congestion does not cross (RFC 6040). Models: INET_ECN_encapsulate. */
function encapTos(tos: number, inner: number): number {
  const ecn = inner & ECN_MASK;
  return (tos & ~ECN_MASK) | (ecn === ECN_CE ? ECN_ECT0 : ecn);
}

/** Brings congestion that the outer packet met into the inner one; false: the inner one cannot take it. Models: INET_ECN_decapsulate. */
function decapEcn(buf: Uint8Array, outerTos: number, inner: number): boolean {
  if ((outerTos & ECN_MASK) !== ECN_CE) return true;
  const tos = ipv4Tos(buf, inner);
  if ((tos & ECN_MASK) === 0) return false;
  setIpv4Tos(buf, inner, tos | ECN_CE);
  return true;
}
