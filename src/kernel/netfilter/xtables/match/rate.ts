import { type Nanos, NANOS_PER_SECOND } from "../../../../sim/time.ts";
import type { HashlimitMatch, LimitMatch, XtMatch } from "../../../uapi/index.ts";
import type { Matcher } from "../header.ts";
import type { PacketView } from "../view.ts";

/** Matches that count and measure time: `limit`, `hashlimit`, `statistic`. */

const UNIT_SECONDS = { second: 1, minute: 60, hour: 3600, day: 86_400 } as const;

/** Nanoseconds that one packet costs. */
function costOf(m: { readonly rate: number; readonly per: keyof typeof UNIT_SECONDS }): number {
  return Math.floor((UNIT_SECONDS[m.per] * NANOS_PER_SECOND) / m.rate);
}

/** A bucket of time: full at first, a packet takes its cost out. iptables-nft has `limit` done so. Models: nft_limit_eval. */
export function limitMatcher(m: LimitMatch): Matcher {
  const cost = costOf(m);
  const full = cost * m.burst;
  let tokens = full;
  let last = -1;
  return (v) => {
    const { now } = v.ns.kernel.queue;
    if (last >= 0) tokens = Math.min(full, tokens + now - last);
    last = now;
    if (tokens < cost) return false;
    tokens -= cost;
    return true;
  };
}

interface Bucket {
  tokens: number;
  last: Nanos;
  expires: number;
}

/** One bucket per address and port, forgotten when unused. Models: hashlimit_mt. */
export function hashlimitMatcher(m: HashlimitMatch): Matcher {
  const cost = costOf(m);
  const full = cost * m.burst;
  const lifetime = (m.htableExpire ?? 10_000) * (NANOS_PER_SECOND / 1000);
  const buckets = new Map<string, Bucket>();
  const keyOf = (v: PacketView): string => {
    let key = "";
    for (const part of m.mode) {
      if (part === "srcip") key += `s${masked(v, true, m.srcmask)}`;
      else if (part === "dstip") key += `d${masked(v, false, m.dstmask)}`;
      else key += part === "srcport" ? `p${v.sport}` : `q${v.dport}`;
    }
    return key;
  };
  return (v) => {
    const { now } = v.ns.kernel.queue;
    const key = keyOf(v);
    let bucket = buckets.get(key);
    if (bucket === undefined || bucket.expires < now) {
      bucket = { tokens: full, last: now, expires: 0 };
      buckets.set(key, bucket);
    }
    bucket.tokens = Math.min(full, bucket.tokens + now - bucket.last);
    bucket.last = now;
    bucket.expires = now + lifetime;
    if (bucket.tokens < cost) return m.above;
    bucket.tokens -= cost;
    return !m.above;
  };
}

/** An address under a prefix length, as a key. */
export function masked(v: PacketView, source: boolean, length: number | undefined): string {
  const last = source ? v.src : v.dst;
  if (!v.v6) return String((last & prefixMask(length ?? 32, 0)) >>> 0);
  const bits = length ?? 128;
  const words = source ? [v.src0, v.src1, v.src2, last] : [v.dst0, v.dst1, v.dst2, last];
  return words.map((word, i) => (word & prefixMask(bits, 32 * i)) >>> 0).join(":");
}

/** The mask of the 32 bits that begin at bit `from` of an address. */
function prefixMask(length: number, from: number): number {
  const bits = Math.min(32, Math.max(0, length - from));
  return bits === 0 ? 0 : -1 << (32 - bits);
}

/** Every n-th packet, or some by chance: probability is of 2^31. Models: statistic_mt. */
export function statisticMatcher(m: Extract<XtMatch, { kind: "statistic" }>): Matcher {
  const { invert = false } = m;
  if (m.mode === "random") {
    const { probability } = m;
    return (v) => (v.ns.kernel.random.u32() & 0x7fffffff) < probability !== invert;
  }
  const last = m.every - 1;
  let count = last - m.packet;
  return () => {
    count = count === last ? 0 : count + 1;
    return (count === 0) !== invert;
  };
}
