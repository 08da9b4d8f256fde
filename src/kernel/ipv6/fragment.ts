import { getU16, getU32, setU16, setU32 } from "../../base/bytes.ts";
import type { Timer } from "../../sim/queue.ts";
import { ICMPV6_PARAMPROB, ICMPV6_TIME_EXCEED } from "../../wire/icmpv6.ts";
import {
  IPPROTO_DSTOPTS,
  IPPROTO_FRAGMENT,
  IPPROTO_HOPOPTS,
  IPPROTO_ROUTING,
  ipv6ExtensionLength,
} from "../../wire/ipv6.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import { PACKET_HOST, type Skb } from "../skb.ts";
import { icmpSend6 } from "./icmp-send.ts";
import type { Inet6 } from "./inet6.ts";

const FRAGMENT_HEADER = 8;

/** Where the part that every router may look at ends, and where the protocol number of what follows stands. */
function unfragmentable(skb: Skb): { readonly end: number; readonly next: number } {
  const { buf, net } = skb;
  let next = net + 6;
  let at = net + 40;
  let kind = buf[next]!;
  let end = at;
  let marker = next;
  while (kind === IPPROTO_HOPOPTS || kind === IPPROTO_ROUTING || kind === IPPROTO_DSTOPTS) {
    next = at;
    at += ipv6ExtensionLength(buf, at, kind);
    // Destination options count only before a routing header (RFC 8200, section 4.1).
    if (kind !== IPPROTO_DSTOPTS) {
      end = at;
      marker = next;
    }
    kind = buf[next]!;
  }
  return { end, next: marker };
}

/** Cuts a packet of this host into pieces that fit `mtu`: RFC 8200, section 4.5. Models: ip6_fragment. */
export function fragment6(ns: Netns, skb: Skb, mtu: number): Skb[] {
  const { end: cut, next } = unfragmentable(skb);
  const { buf, net } = skb;
  const head = cut - net;
  const step = (mtu - head - FRAGMENT_HEADER) & ~7;
  const payload = skb.end - cut;
  const id = ns.ip6.nextFragmentId();
  const protocol = buf[next]!;
  const parts: Skb[] = [];
  const cause = ns.kernel.current;
  ns.kernel.current = skb.id;
  for (let at = 0; at < payload; at += step) {
    const n = Math.min(step, payload - at);
    const part = ns.kernel.alloc(ns, head + FRAGMENT_HEADER + n, "fragment");
    part.net = part.data;
    part.end = part.data + head + FRAGMENT_HEADER + n;
    part.buf.set(buf.subarray(net, cut), part.data);
    part.buf[part.data + next - net] = IPPROTO_FRAGMENT;
    setU16(part.buf, part.net + 4, part.length - 40);
    const o = part.data + head;
    part.buf[o] = protocol;
    part.buf[o + 1] = 0;
    setU16(part.buf, o + 2, at | (at + n < payload ? 1 : 0));
    setU32(part.buf, o + 4, id);
    part.buf.set(buf.subarray(cut + at, cut + at + n), o + FRAGMENT_HEADER);
    part.dev = skb.dev;
    part.hop6 = skb.hop6;
    part.nexthop = skb.nexthop;
    part.protocol = skb.protocol;
    part.packetType = skb.packetType;
    part.mark = skb.mark;
    parts.push(part);
  }
  ns.kernel.current = cause;
  return parts;
}

/** A fragment: the packet, and where in it the fragment header stands. */
interface Piece {
  readonly skb: Skb;
  readonly header: number;
  readonly offset: number;
  readonly length: number;
  readonly more: boolean;
}

interface Queue {
  readonly pieces: Piece[];
  readonly timer: Timer;
}

/** Fragments that wait for the rest of their packet. Models: net/ipv6/reassembly.c. */
export class FragmentQueues6 {
  private readonly ip6: Inet6;
  private readonly queues = new Map<string, Queue>();

  constructor(ip6: Inet6) {
    this.ip6 = ip6;
  }

  /** Takes a fragment whose header is at `header`; the whole packet when this was the last piece. */
  add(dev: NetDevice, skb: Skb, header: number): Skb | null {
    const { ns } = this.ip6;
    const { kernel } = ns;
    const { buf, net } = skb;
    const field = getU16(buf, header + 2);
    const piece: Piece = {
      skb,
      header,
      offset: field & 0xfff8,
      length: skb.end - header - FRAGMENT_HEADER,
      more: (field & 1) !== 0,
    };
    if (piece.more && (piece.length & 7) !== 0) {
      icmpSend6(ns, skb, ICMPV6_PARAMPROB, 0, 4);
      kernel.drop(ns, dev, skb, "IP_INHDR", "ip6_frag_queue");
      return null;
    }
    const key = `${this.ip6.book.read(buf, net + 8)} ${this.ip6.book.read(buf, net + 24)} ${getU32(buf, header + 4)}`;
    let queue = this.queues.get(key);
    if (queue === undefined) {
      const timer = kernel.queue.after(this.ip6.settings.fragmentTime, () => this.expire(key, dev));
      queue = { pieces: [], timer };
      this.queues.set(key, queue);
    }
    const overlap = queue.pieces.find(
      (p) => piece.offset < p.offset + p.length && p.offset < piece.offset + piece.length,
    );
    if (overlap !== undefined) {
      // RFC 5722: overlapping pieces end the packet; a mere repetition is only dropped.
      const same = overlap.offset === piece.offset && overlap.length === piece.length;
      if (!same) this.discard(key, queue, dev);
      kernel.drop(ns, dev, skb, "DUP_FRAG", "ip6_frag_queue");
      return null;
    }
    queue.pieces.push(piece);
    queue.pieces.sort((a, b) => a.offset - b.offset);
    return complete(queue) ? this.assemble(key, queue, dev) : null;
  }

  private assemble(key: string, queue: Queue, dev: NetDevice): Skb {
    const { ns } = this.ip6;
    queue.timer.cancel();
    this.queues.delete(key);
    const first = queue.pieces[0]!;
    const { skb, header } = first;
    const head = header - skb.net;
    let total = head;
    for (const piece of queue.pieces) total += piece.length;
    const whole = ns.kernel.alloc(ns, total, "reassembled");
    whole.net = whole.data;
    whole.end = whole.data + total;
    whole.buf.set(skb.buf.subarray(skb.net, header), whole.data);
    // The header before the fragment header now names what followed it.
    const { next } = unfragmentable(skb);
    whole.buf[whole.data + next - skb.net] = skb.buf[header]!;
    let at = whole.data + head;
    for (const piece of queue.pieces) {
      const from = piece.header + FRAGMENT_HEADER;
      whole.buf.set(piece.skb.buf.subarray(from, from + piece.length), at);
      at += piece.length;
    }
    setU16(whole.buf, whole.net + 4, total - 40);
    whole.dev = dev;
    whole.iif = skb.iif;
    whole.hop6 = skb.hop6;
    whole.packetType = PACKET_HOST;
    whole.protocol = skb.protocol;
    for (const piece of queue.pieces) ns.kernel.consume(ns, piece.skb, "ip6_frag_reasm");
    return whole;
  }

  private discard(key: string, queue: Queue, dev: NetDevice): void {
    const { ns } = this.ip6;
    queue.timer.cancel();
    this.queues.delete(key);
    for (const piece of queue.pieces)
      ns.kernel.drop(ns, dev, piece.skb, "FRAG_REASM_TIMEOUT", "ip6frag_expire_frag_queue");
  }

  /** The rest did not come; if the first piece did, its sender is told. Models: ip6frag_expire_frag_queue. */
  private expire(key: string, dev: NetDevice): void {
    const queue = this.queues.get(key);
    if (queue === undefined) return;
    const { ns } = this.ip6;
    const first = queue.pieces[0];
    if (first !== undefined && first.offset === 0) {
      ns.kernel.current = first.skb.id;
      icmpSend6(ns, first.skb, ICMPV6_TIME_EXCEED, 1, 0);
      ns.kernel.current = 0;
    }
    this.discard(key, queue, dev);
  }
}

function complete(queue: Queue): boolean {
  let expected = 0;
  for (const piece of queue.pieces) {
    if (piece.offset !== expected) return false;
    expected += piece.length;
  }
  return queue.pieces.at(-1)?.more === false;
}
