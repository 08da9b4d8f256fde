import {
  type ConntrackMatch,
  type CtStateName,
  type Inverted,
  type XtAddress,
  type XtMark,
  type XtRange,
} from "../../../uapi/index.ts";
import { NANOS_PER_SECOND } from "../../../../sim/time.ts";
import {
  type Conntrack,
  CT_INVALID,
  CT_IS_REPLY,
  CT_UNTRACKED,
  IPS_ASSURED,
  IPS_CONFIRMED,
  IPS_DST_NAT,
  IPS_EXPECTED,
  IPS_SEEN_REPLY,
  IPS_SRC_NAT,
  type Tuple,
} from "../../conntrack/entry.ts";
import { NF_IP6 } from "../../hooks.ts";
import type { Matcher } from "../header.ts";
import type { PacketView } from "../view.ts";

/** What the flow of a packet says: `-m conntrack`, `state`, `connmark`, `connlimit`. */

const BIT: Readonly<Record<CtStateName, number>> = {
  ESTABLISHED: 1 << 0,
  RELATED: 1 << 1,
  NEW: 1 << 2,
  INVALID: 1 << 3,
  UNTRACKED: 1 << 4,
  SNAT: 1 << 5,
  DNAT: 1 << 6,
};

const STATUS = {
  NONE: 0,
  EXPECTED: IPS_EXPECTED,
  SEEN_REPLY: IPS_SEEN_REPLY,
  ASSURED: IPS_ASSURED,
  CONFIRMED: IPS_CONFIRMED,
} as const;

/** The states that a packet is in, as bits of `BIT`. */
function stateBits(v: PacketView): number {
  const { ct, ctInfo } = v.skb;
  if (ct === null || ctInfo >= CT_INVALID) return ctInfo === CT_UNTRACKED ? BIT.UNTRACKED : BIT.INVALID;
  let bits = 1 << (ctInfo % CT_IS_REPLY);
  if ((ct.status & IPS_SRC_NAT) !== 0) bits |= BIT.SNAT;
  if ((ct.status & IPS_DST_NAT) !== 0) bits |= BIT.DNAT;
  return bits;
}

export function stateMatcher(m: { readonly states: readonly CtStateName[] } & Inverted): Matcher {
  const mask = m.states.reduce((bits, name) => bits | BIT[name], 0);
  const { invert = false } = m;
  return (v) => ((stateBits(v) & mask) !== 0) !== invert;
}

type OfFlow = (ct: Conntrack, v: PacketView) => boolean;

/** An address of a tuple; IPv6 ones are looked up in the book. */
function tupleAddress(spec: XtAddress, pick: (ct: Conntrack) => number): OfFlow {
  const { address, mask, invert = false } = spec;
  if (typeof address === "number" && typeof mask === "number")
    return (ct) => (((pick(ct) ^ address) & mask) === 0) !== invert;
  const wanted = typeof address === "number" ? [] : address;
  const under = typeof mask === "number" ? [] : mask;
  return (ct, v) => {
    if (ct.family !== NF_IP6) return false;
    const bytes = v.ns.kernel.addresses.bytes(pick(ct));
    let same = true;
    for (let i = 0; i < 8; i++) {
      const group = (bytes[2 * i]! << 8) | bytes[2 * i + 1]!;
      if (((group ^ wanted[i]!) & under[i]!) !== 0) same = false;
    }
    return same !== invert;
  };
}

function tuplePort(spec: XtRange, pick: (ct: Conntrack) => number): OfFlow {
  const { min, max, invert = false } = spec;
  return (ct) => {
    const port = pick(ct);
    return (port >= min && port <= max) !== invert;
  };
}

const TUPLE_SIDES = [
  ["origSrc", "origSrcPort", (ct: Conntrack): Tuple => ct.original, true],
  ["origDst", "origDstPort", (ct: Conntrack): Tuple => ct.original, false],
  ["replSrc", "replSrcPort", (ct: Conntrack): Tuple => ct.reply, true],
  ["replDst", "replDstPort", (ct: Conntrack): Tuple => ct.reply, false],
] as const;

/** Models: conntrack_mt. Without a flow only the state can match. */
export function conntrackMatcher(m: ConntrackMatch): Matcher {
  const all: OfFlow[] = [];
  if (m.direction !== undefined) {
    const reply = m.direction === "REPLY";
    all.push((_ct, v) => v.skb.ctInfo >= CT_IS_REPLY === reply);
  }
  for (const [address, port, tuple, source] of TUPLE_SIDES) {
    const wanted = m[address];
    if (wanted !== undefined)
      all.push(tupleAddress(wanted, (ct) => (source ? tuple(ct).src : tuple(ct).dst)));
    const ports = m[port];
    if (ports !== undefined) all.push(tuplePort(ports, (ct) => (source ? tuple(ct).sport : tuple(ct).dport)));
  }
  if (m.protocol !== undefined) {
    const { protocol, invert = false } = m.protocol;
    all.push((ct) => (ct.protocol === protocol) !== invert);
  }
  if (m.status !== undefined) {
    const mask = m.status.status.reduce((bits, name) => bits | STATUS[name], 0);
    const { invert = false } = m.status;
    all.push((ct) => ((ct.status & mask) !== 0) !== invert);
  }
  if (m.expire !== undefined) {
    const { min, max, invert = false } = m.expire;
    all.push((ct, v) => {
      const left = ct.confirmed ? ct.expires - v.ns.kernel.queue.now : 0;
      const seconds = Math.max(0, Math.floor(left / NANOS_PER_SECOND));
      return (seconds >= min && seconds <= max) !== invert;
    });
  }
  const state = m.state === undefined ? null : stateMatcher(m.state);
  return (v) => {
    if (state !== null && !state(v)) return false;
    const { ct } = v.skb;
    if (ct === null) return state !== null;
    for (const holds of all) if (!holds(ct, v)) return false;
    return true;
  };
}

export function markMatcher(m: XtMark): Matcher {
  const { mark, mask, invert = false } = m;
  return (v) => (((v.skb.mark ^ mark) & mask) === 0) !== invert;
}

/** Models: connmark_mt. */
export function connmarkMatcher(m: XtMark): Matcher {
  const { mark, mask, invert = false } = m;
  return (v) => v.skb.ct !== null && (((v.skb.ct.mark ^ mark) & mask) === 0) !== invert;
}
