import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_SCTP, IPPROTO_TCP, IPPROTO_UDP } from "../../../wire/ipv4.ts";
import { getU32 } from "../../../base/bytes.ts";
import type { Netns } from "../../netns.ts";
import {
  type Conntrack,
  IPS_DST_NAT,
  IPS_DST_NAT_DONE,
  IPS_SRC_NAT,
  IPS_SRC_NAT_DONE,
} from "../conntrack/entry.ts";
import { Key } from "../conntrack/tuple.ts";
import { NF_ACCEPT, NF_DROP, NF_IP, type NfVerdict } from "../hooks.ts";
import { jhash2, scale } from "./jhash.ts";
import { type Manip, MANIP_DST, MANIP_SRC, type NatTarget } from "./range.ts";

/** How many ports are tried in one go. Models: NF_NAT_MAX_ATTEMPTS. */
const MAX_ATTEMPTS = 128;

const current = new Key();
const wanted = new Key();
const probe = new Key();

/**
 * Binds a new flow to the first free mapping within `target`; the packet itself is rewritten afterwards, at the hooks.
 * Models: nf_nat_setup_info.
 */
export function natSetup(ns: Netns, ct: Conntrack, target: NatTarget, manip: Manip): NfVerdict {
  if (ct.confirmed) return NF_ACCEPT;
  const done = manip === MANIP_SRC ? IPS_SRC_NAT_DONE : IPS_DST_NAT_DONE;
  if ((ct.status & done) !== 0) return NF_DROP;
  // What the flow looks like at this point: the reply turned round.
  load(current, ct, ct.reply);
  current.invert();
  chooseTuple(ns, ct, target, manip);
  if (!same(current, wanted)) {
    probe.copy(wanted);
    probe.invert();
    ct.reply.set(probe.src, probe.dst, probe.sport, probe.dport);
    ct.status |= manip === MANIP_SRC ? IPS_SRC_NAT : IPS_DST_NAT;
  }
  if (manip === MANIP_SRC) ns.netfilter.nat.remember(ct);
  ct.status |= done;
  return NF_ACCEPT;
}

/** No rule matched: the address stays; the port too unless it clashes. Models: __nf_nat_alloc_null_binding. */
export function natNull(ns: Netns, ct: Conntrack, manip: Manip): NfVerdict {
  const address = manip === MANIP_SRC ? ct.reply.dst : ct.reply.src;
  return natSetup(
    ns,
    ct,
    {
      hasAddress: true,
      minAddress: address,
      maxAddress: address,
      hasPort: false,
      minPort: 0,
      maxPort: 0,
      random: false,
      randomFully: false,
      persistent: false,
    },
    manip,
  );
}

function load(
  key: Key,
  ct: Conntrack,
  tuple: { src: number; dst: number; sport: number; dport: number },
): void {
  key.family = ct.family;
  key.protocol = ct.protocol;
  key.zone = ct.zone;
  key.set(tuple.src, tuple.dst, tuple.sport, tuple.dport);
}

function same(a: Key, b: Key): boolean {
  return a.src === b.src && a.dst === b.dst && a.sport === b.sport && a.dport === b.dport;
}

/** Whether another flow already has the answers that this mapping would get. Models: nf_nat_used_tuple. */
function used(ns: Netns, key: Key, ct: Conntrack): boolean {
  probe.copy(key);
  probe.invert();
  const found = ns.netfilter.conntrack.find(probe);
  return found !== null && found.ct !== ct;
}

function isIcmp(protocol: number): boolean {
  return protocol === IPPROTO_ICMP || protocol === IPPROTO_ICMPV6;
}

/** The number that takes the place of a port: a port, or an ICMP id. */
function portOf(key: Key, manip: Manip): number {
  return isIcmp(key.protocol) || manip === MANIP_SRC ? key.sport : key.dport;
}

function setPort(key: Key, manip: Manip, port: number): void {
  if (isIcmp(key.protocol) || manip === MANIP_SRC) key.sport = port;
  else key.dport = port;
}

function hasPorts(protocol: number): boolean {
  return (
    protocol === IPPROTO_TCP || protocol === IPPROTO_UDP || protocol === IPPROTO_SCTP || isIcmp(protocol)
  );
}

function portFits(key: Key, target: NatTarget, manip: Manip): boolean {
  if (!target.hasPort || !hasPorts(key.protocol)) return true;
  const port = portOf(key, manip);
  return port >= target.minPort && port <= target.maxPort;
}

/** Compares addresses of one family; IPv6 ones by their bytes. */
function addressFits(ns: Netns, key: Key, address: number, target: NatTarget): boolean {
  if (!target.hasAddress) return true;
  if (key.family === NF_IP) return address >= target.minAddress && address <= target.maxAddress;
  if (address === target.minAddress || address === target.maxAddress) return true;
  const book = ns.kernel.addresses;
  const bytes = book.bytes(address);
  return order(book.bytes(target.minAddress), bytes) <= 0 && order(bytes, book.bytes(target.maxAddress)) <= 0;
}

function order(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < 16; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

/** Fills `wanted` from `current`. Models: get_unique_tuple. */
function chooseTuple(ns: Netns, ct: Conntrack, target: NatTarget, manip: Manip): void {
  wanted.copy(current);
  if (manip === MANIP_SRC && !target.randomFully && keepsSource(ns, ct, target)) return;
  chooseAddress(ns, target, manip);
  if (!target.randomFully) {
    if (target.hasPort) {
      if (portFits(wanted, target, manip) && (target.minPort === target.maxPort || !used(ns, wanted, ct)))
        return;
    } else if (!used(ns, wanted, ct)) return;
  }
  choosePort(ns, ct, target, manip);
}

/**
 * Source NAT first tries what the packet already has, then what the same source address and port got for another
 * destination. True: `wanted` is settled.
 */
function keepsSource(ns: Netns, ct: Conntrack, target: NatTarget): boolean {
  if (addressFits(ns, current, current.src, target) && portFits(current, target, MANIP_SRC))
    return !used(ns, current, ct);
  const other = ns.netfilter.nat.bySource(current);
  if (other === undefined) return false;
  wanted.src = other.reply.dst;
  wanted.sport = isIcmp(current.protocol) ? other.reply.sport : other.reply.dport;
  if (
    addressFits(ns, wanted, wanted.src, target) &&
    portFits(wanted, target, MANIP_SRC) &&
    !used(ns, wanted, ct)
  )
    return true;
  wanted.copy(current);
  return false;
}

/** One client always gets the same address of a range. Models: find_best_ips_proto. */
function chooseAddress(ns: Netns, target: NatTarget, manip: Manip): void {
  if (!target.hasAddress) return;
  const address = target.minAddress === target.maxAddress ? target.minAddress : pick(ns, target);
  if (manip === MANIP_SRC) wanted.src = address;
  else wanted.dst = address;
}

function pick(ns: Netns, target: NatTarget): number {
  if (wanted.family === NF_IP) {
    const hash = jhash2(
      [swapped(wanted.src), 0, 0, 0],
      (target.persistent ? 0 : swapped(wanted.dst)) ^ wanted.zone,
    );
    return target.minAddress + scale(hash, target.maxAddress - target.minAddress + 1);
  }
  return pick6(ns, target);
}

/** The number that a little-endian machine reads where an address stands in network order. */
function swapped(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

/** Each word of the address is chosen in its turn until one differs from the range's top. */
function pick6(ns: Netns, target: NatTarget): number {
  const book = ns.kernel.addresses;
  const src = wordsOf(book.bytes(wanted.src));
  const dst = wordsOf(book.bytes(wanted.dst));
  const min = wordsOf(book.bytes(target.minAddress));
  const max = wordsOf(book.bytes(target.maxAddress));
  let hash = jhash2(src.map(swapped), (target.persistent ? 0 : swapped(dst[3]!)) ^ wanted.zone);
  const bytes = new Uint8Array(16);
  let full = false;
  for (let i = 0; i < 4; i++) {
    const low = full ? 0 : min[i]!;
    const high = full ? 0xffffffff : max[i]!;
    const word = (low + scale(hash, full ? 0xffffffff : high - low + 1)) >>> 0;
    if (word !== max[i]) full = true;
    if (!target.persistent) hash = (hash ^ swapped(dst[i]!)) >>> 0;
    bytes.set([word >>> 24, word >>> 16, word >>> 8, word], 4 * i);
  }
  return book.number(bytes, 0);
}

function wordsOf(bytes: Uint8Array): number[] {
  return [getU32(bytes, 0), getU32(bytes, 4), getU32(bytes, 8), getU32(bytes, 12)];
}

/** Where to look for a free port when none is given: a privileged one is replaced by another such. */
function portRange(key: Key, target: NatTarget, manip: Manip): { first: number; size: number } | null {
  if (target.hasPort) return { first: target.minPort, size: target.maxPort - target.minPort + 1 };
  if (isIcmp(key.protocol)) return { first: 0, size: 65_536 };
  if (manip === MANIP_DST) return null;
  if (key.sport < 512) return { first: 1, size: 511 };
  if (key.sport < 1024) return { first: 600, size: 424 };
  return { first: 1024, size: 64_512 };
}

/** Looks for a free port. When all attempts fail the last one stands. Models: nf_nat_l4proto_unique_tuple. */
function choosePort(ns: Netns, ct: Conntrack, target: NatTarget, manip: Manip): void {
  if (!hasPorts(wanted.protocol)) return;
  const range = portRange(wanted, target, manip);
  if (range === null) return;
  let offset =
    target.randomFully || target.random || manip === MANIP_SRC ? ns.kernel.random.below(0x10000) : 0;
  let attempts = Math.min(range.size, MAX_ATTEMPTS);
  for (;;) {
    for (let i = 0; i < attempts; i++, offset++) {
      setPort(wanted, manip, range.first + (offset % range.size));
      if (!used(ns, wanted, ct)) return;
    }
    if (attempts >= range.size || attempts < 16) return;
    attempts >>>= 1;
    offset = ns.kernel.random.below(0x10000);
  }
}
