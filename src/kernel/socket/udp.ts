import { type Ipv4, isMulticast } from "../../wire/address.ts";
import { IPPROTO_UDP, ipv4Dest, ipv4Source, ipv4Ttl } from "../../wire/ipv4.ts";
import {
  setUdpChecksum,
  UDP_HEADER,
  udpChecksumOk,
  udpDestPort,
  udpLength,
  udpSourcePort,
  writeUdpHeader,
} from "../../wire/udp.ts";
import { must } from "../../base/result.ts";
import { ESP_HEADER, espSpi } from "../../wire/esp.ts";
import { XFRM } from "../xfrm/late.ts";
import type { NetDevice } from "../device/device.ts";
import { icmpSend } from "../ipv4/icmp-send.ts";
import type { OutputRoute } from "../ipv4/route.ts";
import type { Skb } from "../skb.ts";
import type { Endpoint, KernelResult } from "../uapi/index.ts";
import { InetSocket } from "./socket.ts";
import { deliverMapped } from "./udp6.ts";

/** udp(7), RFC 768. Models: net/ipv4/udp.c. */
export class UdpSocket extends InetSocket {
  readonly kind = "udp";
  readonly protocol = IPPROTO_UDP;

  override send(
    bytes: Uint8Array,
    to?: Endpoint,
    options?: Parameters<InetSocket["send"]>[2],
  ): KernelResult<void> {
    if (this.source.port === 0) {
      const bound = this.ns.sockets.bind(this, { address: this.source.address, port: 0 });
      if (!bound.ok) return bound;
    }
    return super.send(bytes, to, options);
  }

  protected transmit(
    bytes: Uint8Array,
    to: Endpoint,
    route: OutputRoute,
    ttl: number | undefined,
  ): KernelResult<void> {
    const skb = this.ns.kernel.alloc(this.ns, bytes.length + UDP_HEADER, "socket", this.owner);
    skb.end = skb.data + UDP_HEADER + bytes.length;
    writeUdpHeader(skb.buf, skb.data, this.source.port, to.port, UDP_HEADER + bytes.length);
    skb.buf.set(bytes, skb.data + UDP_HEADER);
    setUdpChecksum(skb.buf, skb.data, route.source, to.address);
    return this.sendIp(skb, to, route, ttl);
  }
}

/** A datagram for this host; `skb.data` is at the UDP header. Models: __udp4_lib_rcv. */
export function udpReceive(dev: NetDevice, skb: Skb, broadcast: boolean): void {
  const { ns } = dev;
  const { kernel } = ns;
  const { buf, data } = skb;
  if (skb.length < UDP_HEADER || udpLength(buf, data) < UDP_HEADER || udpLength(buf, data) > skb.length) {
    kernel.drop(ns, dev, skb, "PKT_TOO_SMALL", "__udp4_lib_rcv");
    return;
  }
  skb.end = data + udpLength(buf, data);
  const src = ipv4Source(buf, skb.net);
  const dst = ipv4Dest(buf, skb.net);
  const port = udpDestPort(buf, data);
  if (!udpChecksumOk(buf, data, src, dst)) {
    kernel.drop(ns, dev, skb, "UDP_CSUM", "__udp4_lib_rcv");
    return;
  }
  if (ns.vxlan.receive(dev, skb, port)) return;
  const own = ns.encapSockets.size === 0 ? undefined : ns.encapSockets.get(port);
  if (own !== undefined) {
    kernel.trace?.deliver(ns.id, skb.id, IPPROTO_UDP, port, "kernel");
    own(dev, skb);
    return;
  }
  if (broadcast || isMulticast(dst)) {
    deliverToGroup(dev, skb, src, dst, port);
    return;
  }
  const socket = ns.sockets.findUdp(src, udpSourcePort(buf, data), dst, port, (skb.iif ?? dev).index);
  if (socket === undefined) {
    const both = ns.ip6.sockets.dual(port, dev.index, { address: src, port: udpSourcePort(buf, data) });
    if (both !== undefined) {
      if (deliverMapped(both, dev, skb, src, dst, ipv4Ttl(buf, skb.net))) kernel.pool.release(skb);
      else kernel.drop(ns, dev, skb, "SOCKET_RCVBUFF", "udp_queue_rcv_skb");
      return;
    }
    skb.data = skb.net;
    icmpSend(ns, skb, 3, 3, 0);
    kernel.drop(ns, dev, skb, "NO_SOCKET", "__udp4_lib_rcv");
    return;
  }
  if (socket.options.espInUdp === true && encapsulated(dev, skb)) return;
  if (!deliver(socket, dev, skb, src, dst, port)) {
    kernel.drop(ns, dev, skb, "SOCKET_RCVBUFF", "udp_queue_rcv_skb");
    return;
  }
  kernel.pool.release(skb);
}

/** ESP in UDP, or a byte that keeps a NAT's entry alive: no matter of the socket. Models: xfrm4_udp_encap_rcv. */
function encapsulated(dev: NetDevice, skb: Skb): boolean {
  const { ns } = dev;
  const at = skb.data + UDP_HEADER;
  const length = skb.end - at;
  if (length === 1 && skb.buf[at] === 0xff) {
    ns.kernel.consume(ns, skb, "xfrm4_udp_encap_rcv");
    return true;
  }
  if (length <= ESP_HEADER || espSpi(skb.buf, at) === 0) return false;
  skb.data = at;
  XFRM.get().of(ns).receive(dev, skb, true);
  return true;
}

/** Models: __udp4_lib_mcast_deliver: everyone who listens there gets one. */
function deliverToGroup(dev: NetDevice, skb: Skb, src: Ipv4, dst: Ipv4, port: number): void {
  const { ns } = dev;
  let heard = false;
  for (const socket of ns.sockets.udpOn(port)) {
    if (socket.source.address !== 0 && socket.source.address !== dst) continue;
    if (deliver(socket, dev, skb, src, dst, port)) heard = true;
  }
  if (heard) ns.kernel.pool.release(skb);
  else ns.kernel.drop(ns, dev, skb, "NO_SOCKET", "__udp4_lib_mcast_deliver");
}

function deliver(socket: UdpSocket, dev: NetDevice, skb: Skb, src: Ipv4, dst: Ipv4, port: number): boolean {
  const { ns } = dev;
  ns.kernel.trace?.deliver(ns.id, skb.id, IPPROTO_UDP, port, socket.owner);
  return socket.deliver({
    bytes: skb.buf.slice(skb.data + UDP_HEADER, skb.end),
    from: { address: src, port: udpSourcePort(skb.buf, skb.data) },
    to: dst,
    dev: ns.indexOf(skb.iif ?? must(skb.dev, "device of a received packet")),
    ttl: ipv4Ttl(skb.buf, skb.net),
    time: ns.kernel.queue.now,
  });
}
