import {
  ipv4Dest,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Id,
  ipv4MoreFragments,
  ipv4Protocol,
  ipv4Source,
  setIpv4Checksum,
  setIpv4Fragment,
  setIpv4TotalLength,
  IPV4_MF,
  ipv4Flags,
} from "../../wire/ipv4.ts";
import { ETHERNET_HEADER } from "../../wire/ethernet.ts";
import { seconds } from "../../sim/time.ts";
import type { Timer } from "../../sim/queue.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import { PACKET_HOST, type Skb } from "../skb.ts";
import { icmpSend } from "./icmp-send.ts";

/** net.ipv4.ipfrag_time. */
const REASSEMBLY_TIME = seconds(30);

/** Sizes of the payloads that `payload` bytes are cut into: as they came, where those fit. */
function sizes(skb: Skb, payload: number, room: number): readonly number[] {
  const came = skb.fragSizes;
  if (came !== null) {
    let total = 0;
    let fits = true;
    for (const [i, n] of came.entries()) {
      total += n;
      if (n > room || (n % 8 !== 0 && i < came.length - 1)) fits = false;
    }
    if (fits && total === payload) return came;
  }
  const step = room & ~7;
  const result: number[] = [];
  for (let left = payload; left > 0; left -= step) result.push(Math.min(step, left));
  return result;
}

/** Cuts a packet into pieces that fit `mtu`, each a packet of its own. Models: ip_do_fragment. */
export function fragment(ns: Netns, skb: Skb, mtu: number): Skb[] {
  const header = ipv4HeaderLength(skb.buf, skb.net);
  const payload = skb.end - skb.net - header;
  const base = ipv4FragmentOffset(skb.buf, skb.net);
  const more = ipv4MoreFragments(skb.buf, skb.net);
  const parts: Skb[] = [];
  const cause = ns.kernel.current;
  ns.kernel.current = skb.id;
  let at = 0;
  for (const n of sizes(skb, payload, mtu - header)) {
    const part = ns.kernel.alloc(ns, header + n, "fragment");
    part.net = part.data;
    part.end = part.data + header + n;
    part.buf.set(skb.buf.subarray(skb.net, skb.net + header), part.data);
    const from = skb.net + header + at;
    part.buf.set(skb.buf.subarray(from, from + n), part.data + header);
    const last = at + n >= payload && !more;
    setIpv4TotalLength(part.buf, part.net, header + n);
    setIpv4Fragment(part.buf, part.net, last ? 0 : IPV4_MF, base + at);
    setIpv4Checksum(part.buf, part.net);
    part.dev = skb.dev;
    part.hop = skb.hop;
    part.nexthop = skb.nexthop;
    part.protocol = skb.protocol;
    part.packetType = skb.packetType;
    part.mark = skb.mark;
    parts.push(part);
    at += n;
  }
  ns.kernel.current = cause;
  return parts;
}

interface Queue {
  readonly parts: Skb[];
  readonly timer: Timer;
}

/** Fragments that wait for the rest of their packet. Models: net/ipv4/ip_fragment.c. */
export class FragmentQueues {
  private readonly ns: Netns;
  private readonly queues = new Map<string, Queue>();

  constructor(ns: Netns) {
    this.ns = ns;
  }

  /** Takes a fragment; the whole packet when this was the last piece. Overlaps end the queue, as since RFC 5722's day. */
  add(dev: NetDevice, skb: Skb): Skb | null {
    const { buf, net } = skb;
    const key = `${ipv4Source(buf, net)} ${ipv4Dest(buf, net)} ${ipv4Id(buf, net)} ${ipv4Protocol(buf, net)}`;
    let queue = this.queues.get(key);
    if (queue === undefined) {
      const timer = this.ns.kernel.queue.after(REASSEMBLY_TIME, () => this.expire(key, dev));
      queue = { parts: [], timer };
      this.queues.set(key, queue);
    }
    const offset = ipv4FragmentOffset(buf, net);
    const length = skb.end - net - ipv4HeaderLength(buf, net);
    for (const other of queue.parts) {
      const from = ipv4FragmentOffset(other.buf, other.net);
      const to = from + other.end - other.net - ipv4HeaderLength(other.buf, other.net);
      if (offset >= to || offset + length <= from) continue;
      if (offset === from && offset + length === to) {
        this.ns.kernel.drop(this.ns, dev, skb, "DUP_FRAG", "ip_frag_queue");
        return null;
      }
      this.discard(key, queue, dev);
      this.ns.kernel.drop(this.ns, dev, skb, "DUP_FRAG", "ip_frag_queue");
      return null;
    }
    queue.parts.push(skb);
    queue.parts.sort((a, b) => ipv4FragmentOffset(a.buf, a.net) - ipv4FragmentOffset(b.buf, b.net));
    return this.complete(queue) ? this.assemble(key, queue, dev) : null;
  }

  private complete(queue: Queue): boolean {
    let expected = 0;
    for (const part of queue.parts) {
      if (ipv4FragmentOffset(part.buf, part.net) !== expected) return false;
      expected += part.end - part.net - ipv4HeaderLength(part.buf, part.net);
    }
    const last = queue.parts.at(-1);
    return last !== undefined && !ipv4MoreFragments(last.buf, last.net);
  }

  private assemble(key: string, queue: Queue, dev: NetDevice): Skb {
    queue.timer.cancel();
    this.queues.delete(key);
    const first = queue.parts[0]!;
    const header = ipv4HeaderLength(first.buf, first.net);
    let total = header;
    for (const part of queue.parts) total += part.end - part.net - header;
    const whole = this.ns.kernel.alloc(this.ns, total, "reassembled");
    whole.net = whole.data;
    whole.end = whole.data + total;
    whole.buf.set(first.buf.subarray(first.net, first.net + header), whole.data);
    let at = whole.data + header;
    for (const part of queue.parts) {
      whole.buf.set(part.buf.subarray(part.net + header, part.end), at);
      at += part.end - part.net - header;
    }
    setIpv4TotalLength(whole.buf, whole.net, total);
    setIpv4Fragment(whole.buf, whole.net, ipv4Flags(first.buf, first.net) & ~IPV4_MF, 0);
    setIpv4Checksum(whole.buf, whole.net);
    if (dev.headerLength > 0) {
      whole.mac = whole.data - ETHERNET_HEADER;
      whole.buf.set(first.buf.subarray(first.mac, first.mac + ETHERNET_HEADER), whole.mac);
    }
    whole.dev = dev;
    whole.hop = first.hop;
    whole.packetType = PACKET_HOST;
    whole.protocol = first.protocol;
    whole.fragSizes = queue.parts.map((part) => part.end - part.net - header);
    whole.fragMax = Math.max(...queue.parts.map((part) => part.end - part.net));
    for (const part of queue.parts) this.ns.kernel.consume(this.ns, part, "ip_defrag");
    return whole;
  }

  private discard(key: string, queue: Queue, dev: NetDevice): void {
    queue.timer.cancel();
    this.queues.delete(key);
    for (const part of queue.parts)
      this.ns.kernel.drop(this.ns, dev, part, "FRAG_REASM_TIMEOUT", "ip_expire");
  }

  /** The rest did not come; if the first piece did, its sender is told. Models: ip_expire. */
  private expire(key: string, dev: NetDevice): void {
    const queue = this.queues.get(key);
    if (queue === undefined) return;
    const first = queue.parts[0];
    if (first !== undefined && ipv4FragmentOffset(first.buf, first.net) === 0) {
      this.ns.kernel.current = first.id;
      icmpSend(this.ns, first, 11, 1, 0);
      this.ns.kernel.current = 0;
    }
    this.discard(key, queue, dev);
  }
}
