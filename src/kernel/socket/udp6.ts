import { err, ok } from "../../base/result.ts";
import { setU16 } from "../../base/bytes.ts";
import type { Ipv4 } from "../../wire/address.ts";
import { type Ipv6, mappedIpv4 } from "../../wire/address6.ts";
import { internetChecksum, pseudoHeaderSum6 } from "../../wire/checksum.ts";
import { ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH } from "../../wire/icmpv6.ts";
import { IPPROTO_UDP } from "../../wire/ipv4.ts";
import {
  setUdpChecksum,
  UDP_HEADER,
  udpChecksum,
  udpDestPort,
  udpLength,
  udpSourcePort,
  writeUdpHeader,
} from "../../wire/udp.ts";
import type { NetDevice } from "../device/device.ts";
import { ipLocalOut } from "../ipv4/output.ts";
import { routeOutput } from "../ipv4/route.ts";
import { icmpSend6 } from "../ipv6/icmp-send.ts";
import { type Addr6, ANY6 } from "../ipv6/intern.ts";
import { listens } from "../ipv6/mld.ts";
import type { Skb } from "../skb.ts";
import type { Endpoint, KernelResult, SendOptions } from "../uapi/index.ts";
import { Inet6Socket, type Outgoing6 } from "./socket6.ts";

/** UDP over IPv6 (RFC 8200, section 8.1). Models: net/ipv6/udp.c. */
export class UdpSocket6 extends Inet6Socket {
  readonly kind = "udp";
  readonly protocol = IPPROTO_UDP;

  override send(bytes: Uint8Array, to?: Endpoint<Ipv6>, options?: SendOptions): KernelResult<void> {
    if (this.port === 0) {
      const bound = this.ip6.sockets.bind(this, this.source, 0);
      if (!bound.ok) return bound;
    }
    const target = to === undefined ? this.peer?.address : this.ip6.book.of(to.address);
    if (target !== undefined && this.ip6.book.isMapped(target))
      return this.sendMapped(bytes, target, to?.port ?? this.peer?.port ?? 0, options?.ttl);
    return super.send(bytes, to, options);
  }

  override connect(remote: Endpoint<Ipv6>): KernelResult<void> {
    const to = this.ip6.book.of(remote.address);
    return this.ip6.book.isMapped(to) ? this.connectMapped(to, remote.port) : super.connect(remote);
  }

  /** Models: __ip6_datagram_connect's ipv4_connected. */
  private connectMapped(to: Addr6, port: number): KernelResult<void> {
    if (this.isV6Only) return err({ errno: "ENETUNREACH" });
    const { book } = this.ip6;
    const dst = book.word(to, 3) as Ipv4;
    const route = routeOutput(this.ns, { dst, oif: this.device, mark: this.options.mark });
    if (typeof route === "string") return err({ errno: route });
    if (this.source === ANY6) this.source = book.of(mappedIpv4(route.source));
    this.peer = { address: to, port };
    return this.port === 0 ? this.table.bind(this, this.source, 0) : ok();
  }

  protected transmit(bytes: Uint8Array, out: Outgoing6): KernelResult<void> {
    const skb = this.fill(bytes, out.port);
    return this.sendIp(skb, out, (at) => setUdpChecksum6(skb, at));
  }

  private fill(bytes: Uint8Array, port: number): Skb {
    const length = UDP_HEADER + bytes.length;
    const skb = this.ns.kernel.alloc(this.ns, length, "socket", this.owner);
    skb.end = skb.data + length;
    writeUdpHeader(skb.buf, skb.data, this.port, port, length);
    skb.buf.set(bytes, skb.data + UDP_HEADER);
    return skb;
  }

  /** ::ffff:a.b.c.d: the datagram leaves by IPv4. Models: udpv6_sendmsg's do_udp_sendmsg. */
  private sendMapped(
    bytes: Uint8Array,
    to: Addr6,
    port: number,
    ttl: number | undefined,
  ): KernelResult<void> {
    if (this.isV6Only) return err({ errno: "ENETUNREACH" });
    const { ns } = this;
    const dst = this.ip6.book.word(to, 3) as Ipv4;
    const src = this.ip6.book.isMapped(this.source)
      ? (this.ip6.book.word(this.source, 3) as Ipv4)
      : undefined;
    const route = routeOutput(ns, { dst, src, oif: this.device, mark: this.options.mark });
    if (typeof route === "string") return err({ errno: route });
    const skb = this.fill(bytes, port);
    setUdpChecksum(skb.buf, skb.data, route.source, dst);
    const result = ipLocalOut(ns, skb, route, dst, {
      protocol: IPPROTO_UDP,
      ttl: ttl ?? this.options.ttl ?? ns.ipv4.defaultTtl,
      tos: this.options.tos ?? 0,
      dontFragment: skb.length + 20 <= route.mtu,
    });
    return result === 0 || result === "ENOBUFS" ? ok() : err({ errno: result });
  }
}

/** The checksum is not optional here; the addresses stand at `skb.net + 8`. */
function setUdpChecksum6(skb: Skb, at: number): void {
  const length = skb.end - at;
  setU16(skb.buf, at + 6, 0);
  const pseudo = pseudoHeaderSum6(skb.buf, skb.net + 8, IPPROTO_UDP, length);
  const sum = internetChecksum(skb.buf, at, skb.end, pseudo);
  setU16(skb.buf, at + 6, sum === 0 ? 0xffff : sum);
}

/** A datagram for this host; `skb.data` is at the UDP header. Models: __udp6_lib_rcv. */
export function udpReceive6(dev: NetDevice, skb: Skb): void {
  const { ns } = dev;
  const { kernel } = ns;
  const { buf, data } = skb;
  if (skb.length < UDP_HEADER || udpLength(buf, data) < UDP_HEADER || udpLength(buf, data) > skb.length) {
    kernel.drop(ns, dev, skb, "PKT_TOO_SMALL", "__udp6_lib_rcv");
    return;
  }
  skb.end = data + udpLength(buf, data);
  const pseudo = pseudoHeaderSum6(buf, skb.net + 8, IPPROTO_UDP, skb.end - data);
  if (udpChecksum(buf, data) === 0 || internetChecksum(buf, data, skb.end, pseudo) !== 0) {
    kernel.drop(ns, dev, skb, "UDP_CSUM", "__udp6_lib_rcv");
    return;
  }
  const src = ns.ip6.book.read(buf, skb.net + 8);
  const dst = ns.ip6.book.read(buf, skb.net + 24);
  const port = udpDestPort(buf, data);
  if (ns.ip6.book.isMulticast(dst)) {
    deliverToGroup(dev, skb, src, dst, port);
    return;
  }
  const socket = ns.ip6.sockets.findUdp(src, udpSourcePort(buf, data), dst, port, (skb.iif ?? dev).index);
  if (socket === undefined) {
    icmpSend6(ns, skb, ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH, 0);
    kernel.drop(ns, dev, skb, "NO_SOCKET", "__udp6_lib_rcv");
    return;
  }
  if (!deliver(socket, dev, skb, src, dst, port)) {
    kernel.drop(ns, dev, skb, "SOCKET_RCVBUFF", "udpv6_queue_rcv_skb");
    return;
  }
  kernel.pool.release(skb);
}

/** Models: __udp6_lib_mcast_deliver: everyone who listens there gets one. */
function deliverToGroup(dev: NetDevice, skb: Skb, src: Addr6, dst: Addr6, port: number): void {
  const { ns } = dev;
  let heard = false;
  for (const socket of ns.ip6.sockets.udpOn(port)) {
    if (socket.source !== ANY6 && socket.source !== dst) continue;
    if (listens(dev, dst) && deliver(socket, dev, skb, src, dst, port)) heard = true;
  }
  if (heard) ns.kernel.pool.release(skb);
  else ns.kernel.drop(ns, dev, skb, "NO_SOCKET", "__udp6_lib_mcast_deliver");
}

function deliver(
  socket: UdpSocket6,
  dev: NetDevice,
  skb: Skb,
  src: Addr6,
  dst: Addr6,
  port: number,
): boolean {
  const { ns } = dev;
  const { book } = ns.ip6;
  const iif = skb.iif ?? dev;
  ns.kernel.trace?.deliver(ns.id, skb.id, IPPROTO_UDP, port, socket.owner);
  return socket.deliver({
    bytes: skb.buf.slice(skb.data + UDP_HEADER, skb.end),
    from: {
      address: book.groups(src),
      port: udpSourcePort(skb.buf, skb.data),
      ...(book.isLinkLocal(src) ? { scope: ns.indexOf(iif) } : {}),
    },
    to: book.groups(dst),
    dev: ns.indexOf(iif),
    ttl: skb.buf[skb.net + 7]!,
    time: ns.kernel.queue.now,
  });
}

/** An IPv4 datagram for a socket of both families; `skb.data` is at the UDP header. False: its buffer is full. */
export function deliverMapped(
  socket: UdpSocket6,
  dev: NetDevice,
  skb: Skb,
  src: Ipv4,
  dst: Ipv4,
  ttl: number,
): boolean {
  const { ns } = dev;
  ns.kernel.trace?.deliver(ns.id, skb.id, IPPROTO_UDP, socket.port, socket.owner);
  return socket.deliver({
    bytes: skb.buf.slice(skb.data + UDP_HEADER, skb.end),
    from: { address: mappedIpv4(src), port: udpSourcePort(skb.buf, skb.data) },
    to: mappedIpv4(dst),
    dev: ns.indexOf(dev),
    ttl,
    time: ns.kernel.queue.now,
  });
}
