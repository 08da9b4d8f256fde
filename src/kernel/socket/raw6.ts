import { IPPROTO_ICMPV6 } from "../../wire/ipv4.ts";
import { setIcmpv6Checksum } from "../../wire/icmpv6.ts";
import type { NetDevice } from "../device/device.ts";
import { ANY6 } from "../ipv6/intern.ts";
import type { Skb } from "../skb.ts";
import type { Actor, KernelResult } from "../uapi/index.ts";
import { Inet6Socket, type Outgoing6 } from "./socket6.ts";
import type { SocketTable6 } from "./table6.ts";

/** ICMPv6 over a raw socket, with ICMP6_FILTER (RFC 3542, section 3). Models: net/ipv6/raw.c. */
export class RawSocket6 extends Inet6Socket {
  readonly kind = "icmp";
  readonly protocol = IPPROTO_ICMPV6;
  readonly accept: (type: number) => boolean;

  constructor(table: SocketTable6, owner: string, by: Actor, accept: (type: number) => boolean) {
    super(table, owner, by);
    this.accept = accept;
  }

  protected transmit(bytes: Uint8Array, out: Outgoing6): KernelResult<void> {
    const skb = this.ns.kernel.alloc(this.ns, bytes.length, "socket", this.owner);
    skb.end = skb.data + bytes.length;
    skb.buf.set(bytes, skb.data);
    return this.sendIp(skb, out, (at) => setIcmpv6Checksum(skb.buf, at, skb.end, skb.net + 8));
  }
}

/** Shows a packet to the raw sockets that listen for it; true when any took it. Models: raw6_local_deliver. */
export function deliverRaw6(dev: NetDevice, skb: Skb, protocol: number): boolean {
  const { ns } = dev;
  const { raw } = ns.ip6.sockets;
  if (protocol !== IPPROTO_ICMPV6 || raw.length === 0) return false;
  const { book } = ns.ip6;
  const src = book.read(skb.buf, skb.net + 8);
  const dst = book.read(skb.buf, skb.net + 24);
  const type = skb.buf[skb.data]!;
  const iif = skb.iif ?? dev;
  let heard = false;
  for (const socket of [...raw]) {
    if (!socket.accept(type)) continue;
    if (socket.source !== ANY6 && socket.source !== dst) continue;
    if (socket.peer !== undefined && socket.peer.address !== src) continue;
    if (socket.options.device !== undefined && socket.options.device !== iif.index) continue;
    heard = true;
    ns.kernel.trace?.deliver(ns.id, skb.id, IPPROTO_ICMPV6, 0, socket.owner);
    socket.deliver({
      bytes: skb.buf.slice(skb.data, skb.end),
      from: {
        address: book.groups(src),
        port: 0,
        ...(book.needsDevice(src) && !book.isMulticast(src) && src > 1 ? { scope: ns.indexOf(iif) } : {}),
      },
      to: book.groups(dst),
      dev: ns.indexOf(iif),
      ttl: skb.buf[skb.net + 7]!,
      time: ns.kernel.queue.now,
    });
  }
  return heard;
}
