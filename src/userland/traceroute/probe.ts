import {
  ICMP_DEST_UNREACH,
  ICMP_EXC_TTL,
  ICMP_FRAG_NEEDED,
  ICMP_PORT_UNREACH,
  ICMP_TIME_EXCEEDED,
} from "../../wire/icmp.ts";
import { ICMPV6_DEST_UNREACH, ICMPV6_PKT_TOOBIG, ICMPV6_TIME_EXCEED } from "../../wire/icmpv6.ts";

/** One packet on its way. Times are seconds of virtual time; 0 is "not yet". Models: traceroute.h struct probe. */
export interface Probe {
  done: boolean;
  /** The answer came from the target, or nothing behind it will answer. */
  final: boolean;
  sent: number;
  received: number;
  /** Who answered, as text. */
  from: string | undefined;
  /** TTL of the answer. */
  ttl: number;
  /** `!H` and the like. */
  mark: string;
  /** The port or sequence number that tells it apart. */
  key: number;
  close: () => void;
}

export function newProbe(): Probe {
  return {
    done: false,
    final: false,
    sent: 0,
    received: 0,
    from: undefined,
    ttl: 0,
    mark: "",
    key: 0,
    close: () => undefined,
  };
}

/** By code of "destination unreachable"; "" is a reached target. */
const MARKS: readonly string[] = [
  "!N",
  "!H",
  "!P",
  "",
  "!F",
  "!S",
  "!N",
  "!H",
  "!N",
  "!X",
  "!X",
  "!N",
  "!H",
  "!X",
  "!V",
  "!C",
];

/** What an ICMP error makes of a probe. Models: traceroute.c parse_icmp_res. */
export function applyIcmp(probe: Probe, type: number, code: number, info: number): void {
  if (type === ICMP_TIME_EXCEEDED && code === ICMP_EXC_TTL) return;
  probe.final = true;
  if (type !== ICMP_DEST_UNREACH) probe.mark = `!<${type}-${code}>`;
  else if (code === ICMP_FRAG_NEEDED) probe.mark = `!F-${info}`;
  else if (code !== ICMP_PORT_UNREACH) probe.mark = MARKS[code] ?? `!<${code}>`;
}

/** By code of ICMPv6's "destination unreachable". */
const MARKS6: readonly string[] = ["!N", "!X", "!H", "!H", ""];

/** The same for ICMPv6. */
export function applyIcmpv6(probe: Probe, type: number, code: number, info: number): void {
  if (type === ICMPV6_TIME_EXCEED && code === 0) return;
  probe.final = true;
  if (type === ICMPV6_PKT_TOOBIG) probe.mark = `!F-${info}`;
  else if (type !== ICMPV6_DEST_UNREACH) probe.mark = `!<${type}-${code}>`;
  else probe.mark = MARKS6[code] ?? `!<${code}>`;
}

/** DEF_WAIT_PREC: what is added to a time before it is multiplied. */
const PRECISION = 0.001;

export interface Patience {
  readonly perHop: number;
  readonly waitSeconds: number;
  readonly hereFactor: number;
  readonly nearFactor: number;
}

function tripOf(probe: Probe): number {
  return probe.done && probe.received > 0 ? probe.received - probe.sent : 0;
}

/** How long to wait for probe `index`: some times what its neighbours took. Models: get_timeout. */
export function timeoutOf(probes: readonly Probe[], index: number, patience: Patience): number {
  const { perHop, waitSeconds, hereFactor, nearFactor } = patience;
  if (hereFactor > 0) {
    const first = index - (index % perHop);
    for (let i = first; i < first + perHop; i++) {
      const trip = tripOf(probes[i]!);
      if (trip > 0) return Math.min(waitSeconds, (trip + PRECISION) * hereFactor);
    }
  }
  if (nearFactor > 0)
    for (let i = index + 1; i < probes.length && probes[i]!.sent > 0; i++) {
      const trip = tripOf(probes[i]!);
      if (trip > 0) return Math.min(waitSeconds, (trip + PRECISION) * nearFactor);
    }
  return waitSeconds;
}

/** How many hops a packet came, by the TTL that is left of 64, 128 or 255. */
function hopsOf(ttl: number): number {
  if (ttl >= 128) return 256 - ttl;
  return ttl >= 64 ? 129 - ttl : 65 - ttl;
}

/** Whether the final answer of a later probe says that this hop is the target too. Models: the guesses of check_expired. */
function belongsHere(probes: readonly Probe[], index: number, final: number, perHop: number): boolean {
  const answer = probes[final]!;
  const earlier = index - (index % perHop);
  if (index > earlier || (index % perHop) + (final - index) < perHop) return true;
  for (let i = index - 1; i >= 0; i--) if (probes[i]!.from === answer.from) return true;
  if (answer.ttl === 0) return false;
  let back = hopsOf(answer.ttl);
  let ttl = Math.floor(index / perHop) + 1;
  for (let i = index - 1; i >= 0; i--) {
    const before = probes[i]!;
    if (!before.done || before.final || before.ttl === 0) continue;
    const hops = hopsOf(before.ttl);
    if (hops < back) {
      ttl = Math.floor(i / perHop) + 1;
      back = back - hops + ttl;
      break;
    }
  }
  return back <= ttl;
}

/**
 * Probe `index` got no answer in time. When the target answers only the latest of many probes with an error, the answer
 * of a later one is moved here. Models: check_expired.
 */
export function checkExpired(probes: Probe[], index: number, perHop: number): void {
  for (let i = index - (index % perHop); i < index; i++) {
    const before = probes[i]!;
    if (!before.done || !before.final) return;
  }
  let final = -1;
  for (let i = index + 1; i < probes.length && probes[i]!.sent > 0; i++) {
    const later = probes[i]!;
    if (!later.done) continue;
    if (!later.final) return;
    final = i;
    break;
  }
  if (final < 0 || probes[final]!.mark === "" || !belongsHere(probes, index, final, perHop)) return;
  probes[index] = probes[final]!;
  // Sent, so that it is not sent once more.
  probes[final] = { ...newProbe(), sent: 1 };
}
