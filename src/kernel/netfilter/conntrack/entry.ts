import type { Nanos } from "../../../sim/time.ts";
import type { NfFamily } from "../hooks.ts";

/** How a packet stands to its flow (skb.ctInfo). Models: enum ip_conntrack_info. */
export const CT_ESTABLISHED = 0;
export const CT_RELATED = 1;
export const CT_NEW = 2;
export const CT_IS_REPLY = 3;
export const CT_ESTABLISHED_REPLY = 3;
export const CT_RELATED_REPLY = 4;
/** `-j NOTRACK`: not to be tracked. The skb has no entry then, as for INVALID. */
export const CT_UNTRACKED = 7;
/** No entry: conntrack could make nothing of it. */
export const CT_INVALID = 8;

/** Status bits of an entry. Models: enum ip_conntrack_status, same values. */
export const IPS_EXPECTED = 1 << 0;
export const IPS_SEEN_REPLY = 1 << 1;
export const IPS_ASSURED = 1 << 2;
export const IPS_CONFIRMED = 1 << 3;
export const IPS_SRC_NAT = 1 << 4;
export const IPS_DST_NAT = 1 << 5;
export const IPS_SEQ_ADJUST = 1 << 6;
export const IPS_SRC_NAT_DONE = 1 << 7;
export const IPS_DST_NAT_DONE = 1 << 8;
export const IPS_DYING = 1 << 9;

export const DIR_ORIGINAL = 0;
export const DIR_REPLY = 1;

/**
 * One direction of a flow as the table keeps it. IPv6 addresses stand as the number under which `AddressBook` keeps
 * them, so that both families compare as numbers. ICMP: `sport` is the id, `dport` is type << 8 | code.
 * Models: struct nf_conntrack_tuple with its hash node.
 */
export class Tuple {
  src = 0;
  dst = 0;
  sport = 0;
  dport = 0;
  readonly direction: 0 | 1;
  readonly ct: Conntrack;
  /** Chain of the hash table. */
  next: Tuple | null = null;
  hash = 0;

  constructor(ct: Conntrack, direction: 0 | 1) {
    this.ct = ct;
    this.direction = direction;
  }

  set(src: number, dst: number, sport: number, dport: number): void {
    this.src = src;
    this.dst = dst;
    this.sport = sport;
    this.dport = dport;
  }
}

/** A tracked flow. Models: struct nf_conn. */
export class Conntrack {
  id = 0;
  readonly family: NfFamily;
  readonly protocol: number;
  readonly zone: number;
  readonly original: Tuple = new Tuple(this, DIR_ORIGINAL);
  readonly reply: Tuple = new Tuple(this, DIR_REPLY);
  status = 0;
  mark = 0;
  /** Bits of its label, 0 to 127, that are set. */
  readonly labels = new Set<number>();
  /** When it is forgotten; refreshed by packets. Before confirmation: the timeout itself, a length of time. */
  expires = 0 as Nanos;
  /** The flow whose ICMP error made this one (RELATED), or null. */
  master: Conntrack | null = null;
  /** TCP's state machine, when the flow is TCP. */
  tcpState = 0;
  /** UDP: from when on it counts as a stream. */
  streamAt = 0 as Nanos;
  /** Where masquerading put it: it goes when that device goes down or loses the address. */
  masqIndex = 0;
  /** Packets and bytes of each direction (with net.netfilter.nf_conntrack_acct). */
  readonly packets = [0, 0] as [number, number];
  readonly bytes = [0, 0] as [number, number];

  constructor(family: NfFamily, protocol: number, zone: number) {
    this.family = family;
    this.protocol = protocol;
    this.zone = zone;
  }

  get confirmed(): boolean {
    return (this.status & IPS_CONFIRMED) !== 0;
  }
}
