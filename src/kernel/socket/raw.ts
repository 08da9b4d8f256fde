import { icmpType } from "../../wire/icmp.ts";
import { IPPROTO_ICMP, ipv4Dest, ipv4HeaderLength, ipv4Source, ipv4Ttl } from "../../wire/ipv4.ts";
import type { NetDevice } from "../device/device.ts";
import type { OutputRoute } from "../ipv4/route.ts";
import type { Skb } from "../skb.ts";
import type { Actor, Endpoint, KernelResult } from "../uapi/index.ts";
import { InetSocket } from "./socket.ts";
import type { SocketTable } from "./table.ts";

/** raw(7) of protocol ICMP, with ICMP_FILTER. Models: net/ipv4/raw.c. */
export class RawSocket extends InetSocket {
  readonly kind = "icmp";
  readonly protocol = IPPROTO_ICMP;
  readonly accept: (type: number) => boolean;

  constructor(table: SocketTable, owner: string, by: Actor, accept: (type: number) => boolean) {
    super(table, owner, by);
    this.accept = accept;
  }

  protected transmit(
    bytes: Uint8Array,
    to: Endpoint,
    route: OutputRoute,
    ttl: number | undefined,
  ): KernelResult<void> {
    const skb = this.ns.kernel.alloc(this.ns, bytes.length, "socket", this.owner);
    skb.end = skb.data + bytes.length;
    skb.buf.set(bytes, skb.data);
    return this.sendIp(skb, to, route, ttl);
  }
}

/** Shows a packet to the raw sockets that listen for it; true when any took it. Models: raw_local_deliver. */
export function deliverRaw(dev: NetDevice, skb: Skb, protocol: number): boolean {
  const { ns } = dev;
  if (protocol !== IPPROTO_ICMP || ns.sockets.raw.length === 0) return false;
  const src = ipv4Source(skb.buf, skb.net);
  const dst = ipv4Dest(skb.buf, skb.net);
  const type = icmpType(skb.buf, skb.net + ipv4HeaderLength(skb.buf, skb.net));
  const iif = skb.iif ?? dev;
  let heard = false;
  for (const socket of [...ns.sockets.raw]) {
    if (!socket.accept(type)) continue;
    if (socket.source.address !== 0 && socket.source.address !== dst) continue;
    if (socket.peer !== undefined && socket.peer.address !== src) continue;
    if (socket.options.device !== undefined && socket.options.device !== iif.index) continue;
    heard = true;
    // Asked for every socket, and counted. Models: raw_rcv.
    if (ns.xfrm !== null && !ns.xfrm.allows("in", dev, skb)) continue;
    ns.kernel.trace?.deliver(ns.id, skb.id, IPPROTO_ICMP, 0, socket.owner);
    socket.deliver({
      bytes: skb.buf.slice(skb.net, skb.end),
      from: { address: src, port: 0 },
      to: dst,
      dev: ns.indexOf(iif),
      ttl: ipv4Ttl(skb.buf, skb.net),
      time: ns.kernel.queue.now,
    });
  }
  return heard;
}
