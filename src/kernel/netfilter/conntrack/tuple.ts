import { getU16 } from "../../../base/bytes.ts";
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_SCTP, IPPROTO_TCP, IPPROTO_UDP } from "../../../wire/ipv4.ts";
import type { AddressBook } from "../address-book.ts";
import type { NfFamily } from "../hooks.ts";
import { IpView } from "../packet.ts";

/** ICMP types that come in pairs (RFC 792, RFC 950), each with its answer; the same for ICMPv6 echo (RFC 4443). */
const ICMP_PAIRS: ReadonlyMap<number, number> = new Map([
  [8, 0],
  [0, 8],
  [13, 14],
  [14, 13],
  [15, 16],
  [16, 15],
  [17, 18],
  [18, 17],
]);
const ICMPV6_PAIRS: ReadonlyMap<number, number> = new Map([
  [128, 129],
  [129, 128],
  [139, 140],
  [140, 139],
]);

/** One direction of a flow, loose: for looking up. ICMP: `sport` is the id, `dport` is type << 8 | code. */
export class Key {
  family: NfFamily = 0;
  protocol = 0;
  zone = 0;
  src = 0;
  dst = 0;
  sport = 0;
  dport = 0;
  private readonly view = new IpView();

  /** Reads the packet at `net`. False: nothing that could be tracked. Models: nf_ct_get_tuple. */
  read(book: AddressBook, family: NfFamily, b: Uint8Array, net: number, end: number): boolean {
    const { view } = this;
    if (!view.look(book, family, b, net, end) || view.fragment) return false;
    this.family = family;
    this.protocol = view.protocol;
    this.src = view.src;
    this.dst = view.dst;
    this.sport = 0;
    this.dport = 0;
    const { l4 } = view;
    switch (view.protocol) {
      case IPPROTO_TCP:
      case IPPROTO_UDP:
      case IPPROTO_SCTP:
        if (end - l4 < 4) return false;
        this.sport = getU16(b, l4);
        this.dport = getU16(b, l4 + 2);
        return true;
      case IPPROTO_ICMP:
      case IPPROTO_ICMPV6:
        if (end - l4 < 8) return false;
        this.sport = icmpPair(view.protocol, b[l4]!) === undefined ? 0 : getU16(b, l4 + 4);
        this.dport = (b[l4]! << 8) | b[l4 + 1]!;
        return true;
      default:
        return true;
    }
  }

  /** Turns it round: what an answer looks like. False for an ICMP message that has none. Models: nf_ct_invert_tuple. */
  invert(): boolean {
    const { src, sport } = this;
    this.src = this.dst;
    this.dst = src;
    if (this.protocol === IPPROTO_ICMP || this.protocol === IPPROTO_ICMPV6) {
      const answer = icmpPair(this.protocol, this.dport >>> 8);
      if (answer === undefined) return false;
      this.dport = (answer << 8) | (this.dport & 0xff);
      return true;
    }
    this.sport = this.dport;
    this.dport = sport;
    return true;
  }

  copy(from: Key): void {
    this.family = from.family;
    this.protocol = from.protocol;
    this.zone = from.zone;
    this.set(from.src, from.dst, from.sport, from.dport);
  }

  set(src: number, dst: number, sport: number, dport: number): void {
    this.src = src;
    this.dst = dst;
    this.sport = sport;
    this.dport = dport;
  }

  hash(): number {
    return hashOf(this.family, this.protocol, this.zone, this.src, this.dst, this.sport, this.dport);
  }
}

function icmpPair(protocol: number, type: number): number | undefined {
  return (protocol === IPPROTO_ICMP ? ICMP_PAIRS : ICMPV6_PAIRS).get(type);
}

/** Whether an ICMP message may begin a flow: the requests. Models: nf_conntrack_icmp_packet's valid_new. */
export function icmpBegins(protocol: number, type: number): boolean {
  if (protocol === IPPROTO_ICMP) return type === 8 || type === 13 || type === 15 || type === 17;
  return type === 128 || type === 139;
}

/** Spreads a tuple over 32 bits; neighbours in any field land far apart. */
export function hashOf(
  family: number,
  protocol: number,
  zone: number,
  src: number,
  dst: number,
  sport: number,
  dport: number,
): number {
  let h = Math.imul(src ^ 0x9e3779b9, 0x85ebca6b);
  h = Math.imul((h ^ (h >>> 15)) + dst, 0xc2b2ae35);
  h = Math.imul((h ^ (h >>> 13)) + ((sport << 16) | dport), 0x27d4eb2f);
  h = Math.imul((h ^ (h >>> 16)) + ((zone << 12) ^ (protocol << 2) ^ family), 0x165667b1);
  return (h ^ (h >>> 15)) >>> 0;
}
