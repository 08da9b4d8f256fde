import type { IpAddress } from "../../wire/ip-address.ts";
import { isIpv4 } from "../../wire/ip-address.ts";
import { type Ipv6, IPV6_ANY } from "../../wire/address6.ts";
import { internetChecksum, pseudoHeaderSum6 } from "../../wire/checksum.ts";
import { IPPROTO_TCP } from "../../wire/ipv4.ts";
import { setU16 } from "../../base/bytes.ts";
import type { NetDevice, XmitResult } from "../device/device.ts";
import { isOwn } from "../ipv6/fib6-change.ts";
import { hopLimitOf } from "../ipv6/icmp-send.ts";
import { type Addr6, ANY6 } from "../ipv6/intern.ts";
import { flowLabel, ip6LocalOut, pushHeader6 } from "../ipv6/output.ts";
import { type OutputRoute6, routeOutput6, traceOutput6 } from "../ipv6/route.ts";
import type { Netns } from "../netns.ts";
import { PACKET_HOST, type Skb } from "../skb.ts";
import type { Errno } from "../uapi/index.ts";
import type { TcpNetwork, TcpPacket, TcpRoute, TcpRouteKey } from "./network.ts";

/** Least MSS that follows from a device's MTU: net.ipv6.route.min_adv_mss. */
const MIN_ADVMSS = 1220;
const HEADERS = 60;

/** TCP over IPv6. Models: ipv6_specific, net/ipv6/tcp_ipv6.c. */
export class Ipv6Network implements TcpNetwork {
  readonly family = "inet6";
  readonly headerLength = 40;
  readonly any = IPV6_ANY;
  readonly leastMtu = 1280;
  private readonly ns: Netns;

  constructor(ns: Netns) {
    this.ns = ns;
  }

  source(skb: Skb): Ipv6 {
    return this.at(skb, 8);
  }

  destination(skb: Skb): Ipv6 {
    return this.at(skb, 24);
  }

  private at(skb: Skb, offset: number): Ipv6 {
    const { book } = this.ns.ip6;
    return book.groups(book.read(skb.buf, skb.net + offset));
  }

  isUnicast(skb: Skb): boolean {
    const { book } = this.ns.ip6;
    return skb.packetType === PACKET_HOST && !book.isMulticast(book.read(skb.buf, skb.net + 24));
  }

  checksumOk(skb: Skb): boolean {
    const pseudo = pseudoHeaderSum6(skb.buf, skb.net + 8, IPPROTO_TCP, skb.end - skb.data);
    return internetChecksum(skb.buf, skb.data, skb.end, pseudo) === 0;
  }

  isLocal(address: IpAddress): boolean {
    if (isIpv4(address)) return false;
    const own = this.ns.ip6.book.of(address);
    return own === ANY6 || isOwn(this.ns.ip6, own);
  }

  isGroup(address: IpAddress): boolean {
    return isIpv4(address) || this.ns.ip6.book.isMulticast(this.ns.ip6.book.of(address));
  }

  route(key: TcpRouteKey): TcpRoute | Errno {
    if (isIpv4(key.dst)) return "EAFNOSUPPORT";
    const { book } = this.ns.ip6;
    const dst = book.of(key.dst);
    const src = key.src === undefined || isIpv4(key.src) ? ANY6 : book.of(key.src);
    let { device } = key;
    if (device === undefined && book.isLinkLocal(dst)) {
      // connect(2) has to name the link; an answer goes back by the link of the address that was spoken to.
      if (src === ANY6) return "EINVAL";
      device = this.ns.ip6.own.get(src)?.[0]?.dev;
    }
    const found = routeOutput6(this.ns, {
      dst,
      src,
      oif: device,
      strict: device !== undefined,
      mark: key.mark,
      tos: key.tos,
      protocol: IPPROTO_TCP,
      sport: key.sport,
      dport: key.dport,
    });
    if (typeof found === "string") return found;
    if (found.type === "multicast") return "ENETUNREACH";
    return new Ipv6Way(this.ns, found, dst === ANY6 ? found.source : dst, (key.sport << 16) ^ key.dport);
  }
}

class Ipv6Way implements TcpRoute {
  private readonly ns: Netns;
  private readonly found: OutputRoute6;
  private readonly to: Addr6;
  private readonly ports: number;

  constructor(ns: Netns, found: OutputRoute6, to: Addr6, ports: number) {
    this.ns = ns;
    this.found = found;
    this.to = to;
    this.ports = ports;
  }

  get source(): Ipv6 {
    return this.ns.ip6.book.groups(this.found.source);
  }

  get destination(): Ipv6 {
    return this.ns.ip6.book.groups(this.to);
  }

  get mtu(): number {
    return this.found.mtu;
  }

  get advmss(): number {
    const set = this.found.hop?.entry.advmss ?? 0;
    return set !== 0 ? set : Math.max(this.found.mtu - HEADERS, MIN_ADVMSS);
  }

  get isLocal(): boolean {
    return this.found.type === "local";
  }

  get dev(): NetDevice {
    return this.found.dev;
  }

  send(skb: Skb, packet: TcpPacket): XmitResult {
    const { ns, found, to } = this;
    traceOutput6(ns, skb, to, found);
    pushHeader6(ns, skb, found.source, to, {
      nextHeader: IPPROTO_TCP,
      hopLimit: packet.ttl ?? hopLimitOf(found),
      trafficClass: packet.tos,
      flowLabel: flowLabel(ns, found.source, to, IPPROTO_TCP, this.ports),
    });
    const segment = skb.net + 40;
    setU16(skb.buf, segment + 16, 0);
    const pseudo = pseudoHeaderSum6(skb.buf, skb.net + 8, IPPROTO_TCP, skb.end - segment);
    setU16(skb.buf, segment + 16, internetChecksum(skb.buf, segment, skb.end, pseudo));
    return ip6LocalOut(ns, skb, found);
  }

  confirm(): void {
    this.found.dev.in6.neighbours.get(this.found.nexthop)?.confirm();
  }
}
