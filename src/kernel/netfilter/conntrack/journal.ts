import { formatIpv4, type Ipv4 } from "../../../wire/address.ts";
import { formatIpv6, type Ipv6 } from "../../../wire/address6.ts";
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP } from "../../../wire/ipv4.ts";
import { NANOS_PER_SECOND } from "../../../sim/time.ts";
import type { ConntrackRow } from "../../../trace/rows.ts";
import type { Netns } from "../../netns.ts";
import type { CtInfo, CtTuple } from "../../uapi/conntrack.ts";
import { NF_IP } from "../hooks.ts";
import {
  type Conntrack,
  IPS_ASSURED,
  IPS_DST_NAT,
  IPS_SEEN_REPLY,
  IPS_SRC_NAT,
  type Tuple,
} from "./entry.ts";
import { TCP_STATES } from "./tcp.ts";

function addressOf(ns: Netns, ct: Conntrack, address: number): Ipv4 | Ipv6 {
  if (ct.family === NF_IP) return address as Ipv4;
  return ns.kernel.addresses.groups(address) as readonly number[] as Ipv6;
}

function text(address: Ipv4 | Ipv6): string {
  return typeof address === "number" ? formatIpv4(address) : formatIpv6(address);
}

function tupleInfo(ns: Netns, ct: Conntrack, tuple: Tuple): CtTuple {
  const src = addressOf(ns, ct, tuple.src);
  const dst = addressOf(ns, ct, tuple.dst);
  if (ct.protocol !== IPPROTO_ICMP && ct.protocol !== IPPROTO_ICMPV6)
    return { src, dst, sport: tuple.sport, dport: tuple.dport };
  const icmp = { type: tuple.dport >>> 8, code: tuple.dport & 0xff, id: tuple.sport };
  return { src, dst, sport: 0, dport: 0, icmp };
}

/** The entry as ctnetlink tells it. */
export function describe(ns: Netns, ct: Conntrack): CtInfo {
  const left = ct.expires - ns.kernel.queue.now;
  return {
    id: ct.id,
    family: ct.family === NF_IP ? "ip" : "ip6",
    protocol: ct.protocol,
    original: tupleInfo(ns, ct, ct.original),
    reply: tupleInfo(ns, ct, ct.reply),
    ...(ct.protocol === IPPROTO_TCP ? { state: TCP_STATES[ct.tcpState]! } : {}),
    timeout: Math.max(0, Math.floor(left / NANOS_PER_SECOND)),
    mark: ct.mark,
    zone: ct.zone,
    seenReply: (ct.status & IPS_SEEN_REPLY) !== 0,
    assured: (ct.status & IPS_ASSURED) !== 0,
    srcNat: (ct.status & IPS_SRC_NAT) !== 0,
    dstNat: (ct.status & IPS_DST_NAT) !== 0,
  };
}

/** The row of the journal: what of the entry does not tick. */
export function rowOf(ns: Netns, ct: Conntrack): ConntrackRow {
  const { original, reply, state, timeout: _, ...rest } = describe(ns, ct);
  const tuple = (t: CtTuple): ConntrackRow["original"] => ({
    src: text(t.src),
    dst: text(t.dst),
    sport: t.sport,
    dport: t.dport,
    ...(t.icmp === undefined ? {} : { icmp: t.icmp }),
  });
  return {
    ...rest,
    ...(state === undefined ? {} : { state }),
    original: tuple(original),
    reply: tuple(reply),
  };
}
