import { getU16 } from "../../../../base/bytes.ts";
import { tcpFlags, tcpHeaderLength } from "../../../../wire/tcp.ts";
import type { TcpMatch, XtMatch, XtRange } from "../../../uapi/index.ts";
import type { Matcher } from "../header.ts";
import type { PacketView } from "../view.ts";

/** Ports of tcp(8), udp and sctp matches, multiport, TCP flags and options, ICMP types. */

function portMatcher(spec: XtRange, source: boolean): Matcher {
  const { min, max, invert = false } = spec;
  return source
    ? (v) => v.sport >= 0 && (v.sport >= min && v.sport <= max) !== invert
    : (v) => v.dport >= 0 && (v.dport >= min && v.dport <= max) !== invert;
}

export function portsMatchers(m: { readonly sports?: XtRange; readonly dports?: XtRange }): Matcher[] {
  const all: Matcher[] = [];
  if (m.sports !== undefined) all.push(portMatcher(m.sports, true));
  if (m.dports !== undefined) all.push(portMatcher(m.dports, false));
  return all;
}

/** Models: tcp_mt. */
export function tcpMatchers(m: TcpMatch): Matcher[] {
  const all = portsMatchers(m);
  if (m.flags !== undefined) {
    const { mask, compare, invert = false } = m.flags;
    all.push(
      (v) => v.sport >= 0 && v.l4 + 14 <= v.end && ((tcpFlags(v.b, v.l4) & mask) === compare) !== invert,
    );
  }
  if (m.option !== undefined) {
    const { number, invert = false } = m.option;
    all.push((v) => v.sport >= 0 && hasOption(v, number) !== invert);
  }
  return all;
}

/** Models: tcp_find_option. */
function hasOption(v: PacketView, wanted: number): boolean {
  const { b, l4 } = v;
  const end = Math.min(l4 + tcpHeaderLength(b, l4), v.end);
  for (let at = l4 + 20; at < end;) {
    const kind = b[at]!;
    if (kind === wanted) return true;
    if (kind < 2) at++;
    else at += b[at + 1] === undefined || b[at + 1] === 0 ? 1 : b[at + 1]!;
  }
  return false;
}

/** Models: multiport_mt. */
export function multiportMatcher(m: Extract<XtMatch, { kind: "multiport" }>): Matcher {
  const { side, invert = false } = m;
  const low = m.ranges.map((r) => r.min);
  const high = m.ranges.map((r) => r.max);
  const holds = (port: number): boolean => {
    for (let i = 0; i < low.length; i++) if (port >= low[i]! && port <= high[i]!) return true;
    return false;
  };
  switch (side) {
    case "source":
      return (v) => v.sport >= 0 && holds(v.sport) !== invert;
    case "destination":
      return (v) => v.dport >= 0 && holds(v.dport) !== invert;
    case "either":
      return (v) => v.sport >= 0 && (holds(v.sport) || holds(v.dport)) !== invert;
  }
}

/** Type 255 is any. Models: icmp_match, icmp6_match. */
export function icmpMatcher(m: Extract<XtMatch, { kind: "icmp" | "icmp6" }>): Matcher {
  const { type, codeMin, codeMax, invert = false } = m;
  if (m.kind === "icmp" && type === 255) return (v) => !v.fragment && v.l4 + 2 <= v.end && !invert;
  return (v) => {
    if (v.fragment || v.l4 + 2 > v.end) return false;
    const code = v.b[v.l4 + 1]!;
    return (v.b[v.l4] === type && code >= codeMin && code <= codeMax) !== invert;
  };
}

/** The length of the whole packet, as its own header gives it. Models: length_mt. */
export function lengthMatcher(m: XtRange): Matcher {
  const { min, max, invert = false } = m;
  return (v) => {
    const length = v.v6 ? getU16(v.b, v.net + 4) + 40 : getU16(v.b, v.net + 2);
    return (length >= min && length <= max) !== invert;
  };
}

/** TTL, or the hop limit. Models: ttl_mt. */
export function ttlMatcher(m: Extract<XtMatch, { kind: "ttl" | "hl" }>): Matcher {
  const { op, value, invert = false } = m;
  return (v) => {
    const ttl = v.b[v.net + (v.v6 ? 7 : 8)]!;
    const holds = op === "eq" ? ttl === value : op === "lt" ? ttl < value : ttl > value;
    return holds !== invert;
  };
}

/** The TOS byte, or the traffic class. */
export function tosOf(v: PacketView): number {
  return v.v6 ? ((v.b[v.net]! & 15) << 4) | (v.b[v.net + 1]! >>> 4) : v.b[v.net + 1]!;
}
