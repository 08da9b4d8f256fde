import { type Ipv4, IPV4_ANY, IPV4_BROADCAST, isMulticast } from "../../wire/address.ts";
import { type IpAddress, isIpv4 } from "../../wire/ip-address.ts";
import { IPPROTO_TCP, ipv4Dest, ipv4Source } from "../../wire/ipv4.ts";
import { setTcpChecksum, tcpChecksumOk } from "../../wire/tcp.ts";
import type { NetDevice, XmitResult } from "../device/device.ts";
import { ipLocalOut } from "../ipv4/output.ts";
import { type OutputRoute, routeOutput, traceOutput } from "../ipv4/route.ts";
import type { Netns } from "../netns.ts";
import { PACKET_HOST, type Skb } from "../skb.ts";
import type { Errno } from "../uapi/index.ts";
import type { TcpNetwork, TcpPacket, TcpRoute, TcpRouteKey } from "./network.ts";

/** Least MSS that follows from a device's MTU. Models: ip_rt_min_advmss. */
const MIN_ADVMSS = 256;
const HEADERS = 40;

/** TCP over IPv4. Models: ipv4_specific, net/ipv4/tcp_ipv4.c. */
export class Ipv4Network implements TcpNetwork {
  readonly family = "inet";
  readonly headerLength = 20;
  readonly any = IPV4_ANY;
  private readonly ns: Netns;

  constructor(ns: Netns) {
    this.ns = ns;
  }

  get leastMtu(): number {
    return this.ns.ipv4.minPmtu;
  }

  source(skb: Skb): Ipv4 {
    return ipv4Source(skb.buf, skb.net);
  }

  destination(skb: Skb): Ipv4 {
    return ipv4Dest(skb.buf, skb.net);
  }

  isUnicast(skb: Skb): boolean {
    if (skb.packetType !== PACKET_HOST) return false;
    const dst = ipv4Dest(skb.buf, skb.net);
    return !this.isGroup(dst) && skb.hop?.entry.type !== "broadcast";
  }

  checksumOk(skb: Skb): boolean {
    return tcpChecksumOk(skb.buf, skb.data, skb.end, this.source(skb), this.destination(skb));
  }

  isLocal(address: IpAddress): boolean {
    return isIpv4(address) && (address === IPV4_ANY || this.ns.fib.addressType(address) === "local");
  }

  isGroup(address: IpAddress): boolean {
    return !isIpv4(address) || isMulticast(address) || address === IPV4_BROADCAST;
  }

  route(key: TcpRouteKey): TcpRoute | Errno {
    if (!isIpv4(key.dst)) return "EAFNOSUPPORT";
    const src = key.src !== undefined && isIpv4(key.src) && key.src !== IPV4_ANY ? key.src : undefined;
    const { dst, device, mark, sport, dport } = key;
    const found = routeOutput(this.ns, { dst, src, oif: device, mark, protocol: IPPROTO_TCP, sport, dport });
    if (typeof found === "string") return found;
    if (found.type === "broadcast" || found.type === "multicast") return "ENETUNREACH";
    return new Ipv4Way(this.ns, found, key.dst === IPV4_ANY ? found.source : key.dst);
  }
}

class Ipv4Way implements TcpRoute {
  readonly destination: Ipv4;
  private readonly ns: Netns;
  private readonly found: OutputRoute;

  constructor(ns: Netns, found: OutputRoute, destination: Ipv4) {
    this.ns = ns;
    this.found = found;
    this.destination = destination;
  }

  get source(): Ipv4 {
    return this.found.source;
  }

  get mtu(): number {
    return this.found.mtu;
  }

  get advmss(): number {
    const set = this.found.hop?.entry.advmss ?? 0;
    // What IPsec puts around a segment counts on the way out only. Models: xfrm_default_advmss.
    const mtu = this.found.xfrm?.outer?.mtu ?? this.found.mtu;
    return set !== 0 ? set : Math.max(mtu - HEADERS, MIN_ADVMSS);
  }

  get isLocal(): boolean {
    return this.found.type === "local";
  }

  get dev(): NetDevice {
    return this.found.dev;
  }

  send(skb: Skb, packet: TcpPacket): XmitResult {
    setTcpChecksum(skb.buf, skb.data, skb.end, this.found.source, this.destination);
    skb.hop = this.found.hop;
    traceOutput(this.ns, skb, this.destination, this.found);
    return ipLocalOut(this.ns, skb, this.found, this.destination, {
      protocol: IPPROTO_TCP,
      ttl: packet.ttl ?? this.ns.ipv4.defaultTtl,
      tos: packet.tos,
      dontFragment: packet.dontFragment,
    });
  }

  confirm(): void {
    this.found.dev.neighbours.get(this.found.nexthop)?.confirm();
  }
}
