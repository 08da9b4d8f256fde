import { getU16 } from "../../../base/bytes.ts";
import { readMac, type Ipv4 } from "../../../wire/address.ts";
import { IPPROTO_TCP, IPPROTO_UDP } from "../../../wire/ipv4.ts";
import type { Netns } from "../../netns.ts";
import { PACKET_BROADCAST, PACKET_MULTICAST } from "../../skb.ts";
import type { NftExpr, NftScalar, NftSetRef } from "../../uapi/nft.ts";
import {
  CT_INVALID,
  CT_IS_REPLY,
  CT_NEW,
  CT_RELATED,
  CT_RELATED_REPLY,
  CT_UNTRACKED,
} from "../conntrack/entry.ts";
import { isLocal6 } from "../xtables/ipv6.ts";
import type { PacketView } from "../xtables/view.ts";
import { isVerdict, NftSet } from "./set.ts";
import { type Value, valueOf } from "./value.ts";

/** What an expression gives: values (several for a concatenation), or null: the rule does not apply to the packet. */
export type Evaluator = (v: PacketView) => readonly Value[] | null;
/** The common case of one value; undefined instead of null. */
type Single = (v: PacketView) => Value | undefined;

/** Names of a table that expressions refer to. */
export interface Scope {
  readonly ns: Netns;
  set(name: string): NftSet;
}

export function evaluator(scope: Scope, expr: NftExpr): Evaluator {
  if (expr.kind === "concat") {
    const parts = expr.parts.map((part) => single(scope, part));
    return (v) => {
      const values: Value[] = [];
      for (const part of parts) {
        const value = part(v);
        if (value === undefined) return null;
        values.push(value);
      }
      return values;
    };
  }
  if (expr.kind === "map") {
    const key = evaluator(scope, expr.key);
    const set = resolve(scope, expr.data);
    return (v) => {
      const values = key(v);
      const found = values === null ? null : set.find(values);
      return found === null ? null : found.values;
    };
  }
  const one = single(scope, expr);
  const out: Value[] = [0];
  return (v) => {
    const value = one(v);
    if (value === undefined) return null;
    out[0] = value;
    return out;
  };
}

/** An anonymous set is made once, for its rule. */
export function resolve(scope: Scope, ref: NftSetRef): NftSet {
  if ("name" in ref) return scope.set(ref.name);
  const first = ref.elements[0];
  const data = first?.data;
  const set = new NftSet(scope.ns, {
    name: "",
    key: first?.key.map((part) => (part.kind === "range" ? part.low.type : part.value.type)) ?? [],
    ...(data === undefined ? {} : { data: isVerdict(data) ? "verdict" : data.map((d: NftScalar) => d.type) }),
    flags: ["constant"],
  });
  for (const element of ref.elements) set.add(element);
  return set;
}

export function single(scope: Scope, expr: NftExpr): Single {
  switch (expr.kind) {
    case "value": {
      const value = valueOf(scope.ns.kernel.addresses, expr.value);
      return () => value;
    }
    case "payload":
      return payload(scope, expr.header, expr.field);
    case "meta":
      return meta(expr.key);
    case "ct":
      return conntrack(expr);
    case "fib":
      return fib(expr);
    case "numgen": {
      const { modulus, offset } = expr;
      let next = 0;
      if (expr.mode === "inc") return () => offset + (next++ % modulus);
      return (v) => offset + v.ns.kernel.random.below(modulus);
    }
    case "binary":
      return binary(scope, expr);
    case "map": {
      const all = evaluator(scope, expr);
      return (v) => all(v)?.[0];
    }
    case "jhash":
    case "concat":
      throw new Error(`bug: ${expr.kind} was to be refused`);
  }
}

function binary(scope: Scope, expr: Extract<NftExpr, { kind: "binary" }>): Single {
  const [left, right] = [single(scope, expr.left), single(scope, expr.right)];
  const { op } = expr;
  return (v) => {
    const [a, b] = [left(v), right(v)];
    if (typeof a !== "number" || typeof b !== "number") return undefined;
    switch (op) {
      case "&":
        return (a & b) >>> 0;
      case "|":
        return (a | b) >>> 0;
      case "^":
        return (a ^ b) >>> 0;
      case "<<":
        return (a << b) >>> 0;
      case ">>":
        return a >>> b;
    }
  };
}

/** Offset, width and place of fixed header fields: bytes from the header's start; `bits` cuts some out of one byte. */
interface Field {
  readonly at: number;
  readonly size: 1 | 2 | 4 | 6 | 16;
  readonly shift?: number;
  readonly mask?: number;
}

const FIELDS: Readonly<Record<string, Field>> = {
  "ether daddr": { at: 0, size: 6 },
  "ether saddr": { at: 6, size: 6 },
  "ether type": { at: 12, size: 2 },
  "ip version": { at: 0, size: 1, shift: 4 },
  "ip hdrlength": { at: 0, size: 1, mask: 15 },
  "ip dscp": { at: 1, size: 1, shift: 2 },
  "ip ecn": { at: 1, size: 1, mask: 3 },
  "ip length": { at: 2, size: 2 },
  "ip id": { at: 4, size: 2 },
  "ip frag-off": { at: 6, size: 2 },
  "ip ttl": { at: 8, size: 1 },
  "ip protocol": { at: 9, size: 1 },
  "ip checksum": { at: 10, size: 2 },
  "ip saddr": { at: 12, size: 4 },
  "ip daddr": { at: 16, size: 4 },
  "ip6 length": { at: 4, size: 2 },
  "ip6 nexthdr": { at: 6, size: 1 },
  "ip6 hoplimit": { at: 7, size: 1 },
  "ip6 saddr": { at: 8, size: 16 },
  "ip6 daddr": { at: 24, size: 16 },
  "tcp sequence": { at: 4, size: 4 },
  "tcp ackseq": { at: 8, size: 4 },
  "tcp doff": { at: 12, size: 1, shift: 4 },
  "tcp flags": { at: 13, size: 1 },
  "tcp window": { at: 14, size: 2 },
  "udp length": { at: 4, size: 2 },
  "icmp type": { at: 0, size: 1 },
  "icmp code": { at: 1, size: 1 },
  "icmp id": { at: 4, size: 2 },
  "icmp sequence": { at: 6, size: 2 },
  "icmpv6 type": { at: 0, size: 1 },
  "icmpv6 code": { at: 1, size: 1 },
};

/** Whether the kernel side knows this field. */
export function knowsField(header: string, field: string): boolean {
  return isPort(header, field) || `${header} ${field}` in FIELDS;
}

function isPort(header: string, field: string): boolean {
  return (field === "sport" || field === "dport") && ["tcp", "udp", "th", "sctp"].includes(header);
}

const PROTOCOLS: Readonly<Record<string, number>> = {
  tcp: IPPROTO_TCP,
  udp: IPPROTO_UDP,
  icmp: 1,
  icmpv6: 58,
  sctp: 132,
};

/** Where a header begins in the packet; -1 when the packet has none such. */
function headerAt(v: PacketView, header: string): number {
  switch (header) {
    case "ether":
      return v.skb.mac < v.net ? v.skb.mac : -1;
    case "ip":
      return v.v6 ? -1 : v.net;
    case "ip6":
      return v.v6 ? v.net : -1;
    default: {
      const protocol = PROTOCOLS[header];
      if (v.fragment || (protocol !== undefined && protocol !== v.protocol)) return -1;
      return v.l4;
    }
  }
}

function payload(scope: Scope, header: string, field: string): Single {
  if (isPort(header, field)) {
    const protocol = PROTOCOLS[header];
    const source = field === "sport";
    return (v) => {
      if (protocol !== undefined && v.protocol !== protocol) return undefined;
      const port = source ? v.sport : v.dport;
      return port < 0 ? undefined : port;
    };
  }
  const f = FIELDS[`${header} ${field}`]!;
  return (v) => {
    const from = headerAt(v, header);
    if (from < 0 || from + f.at + f.size > v.end) return undefined;
    const at = from + f.at;
    const { b } = v;
    switch (f.size) {
      case 1: {
        const byte = b[at]! >>> (f.shift ?? 0);
        return f.mask === undefined ? byte : byte & f.mask;
      }
      case 2:
        return getU16(b, at);
      case 4:
        return ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0;
      case 6:
        return readMac(b, at);
      case 16:
        return scope.ns.kernel.addresses.number(b, at);
    }
  };
}

function meta(key: Extract<NftExpr, { kind: "meta" }>["key"]): Single {
  switch (key) {
    case "mark":
      return (v) => v.skb.mark;
    case "l4proto":
      return (v) => v.protocol;
    case "nfproto":
      return (v) => (v.v6 ? 10 : 2);
    case "protocol":
      return (v) => (v.v6 ? 0x86dd : 0x0800);
    case "iif":
      return (v) => v.state.in?.index ?? 0;
    case "oif":
      return (v) => v.state.out?.index ?? 0;
    case "iifname":
      return (v) => v.state.in?.name ?? "";
    case "oifname":
      return (v) => v.state.out?.name ?? "";
    case "ibrname":
      return (v) => v.state.in?.port?.bridge.name;
    case "obrname":
      return (v) => v.state.out?.port?.bridge.name;
    case "length":
      return (v) => v.length;
    case "skuid":
    case "skgid":
      return (v) => (v.skb.socket <= 0 ? undefined : 0);
    case "pkttype":
      return (v) => {
        const type = v.skb.packetType;
        return type === PACKET_BROADCAST ? 1 : type === PACKET_MULTICAST ? 2 : 0;
      };
    case "priority":
      return () => 0;
  }
}

const STATE_INVALID = 1;
const STATE_ESTABLISHED = 2;
const STATE_RELATED = 4;
const STATE_NEW = 8;
const STATE_UNTRACKED = 64;

/** Bits of `ct state`, as nf_tables numbers them. */
function stateBit(v: PacketView): number {
  const { ct, ctInfo } = v.skb;
  if (ctInfo === CT_UNTRACKED) return STATE_UNTRACKED;
  if (ct === null || ctInfo === CT_INVALID) return STATE_INVALID;
  if (ctInfo === CT_NEW) return STATE_NEW;
  if (ctInfo === CT_RELATED || ctInfo === CT_RELATED_REPLY) return STATE_RELATED;
  return STATE_ESTABLISHED;
}

function conntrack(expr: Extract<NftExpr, { kind: "ct" }>): Single {
  const { key, direction } = expr;
  if (key === "state") return stateBit;
  return (v) => {
    const { ct } = v.skb;
    if (ct === null) return undefined;
    const reply = direction === undefined ? v.skb.ctInfo >= CT_IS_REPLY : direction === "reply";
    const tuple = reply ? ct.reply : ct.original;
    switch (key) {
      case "status":
        return ct.status;
      case "mark":
        return ct.mark;
      case "direction":
        return v.skb.ctInfo >= CT_IS_REPLY ? 1 : 0;
      case "zone":
        return ct.zone;
      case "protocol":
        return ct.protocol;
      case "l3proto":
        return ct.family === 0 ? 2 : 10;
      case "saddr":
        return tuple.src;
      case "daddr":
        return tuple.dst;
      case "proto-src":
        return tuple.sport;
      case "proto-dst":
        return tuple.dport;
      case "id":
        return ct.id;
      case "expiration":
      case "label":
        return undefined;
    }
  };
}

const FIB_TYPES = { unicast: 1, local: 2, broadcast: 3, multicast: 5 } as const;

function fib(expr: Extract<NftExpr, { kind: "fib" }>): Single {
  const source = expr.by.includes("saddr");
  const onIif = expr.by.includes("iif");
  if (expr.result === "type") {
    return (v) => {
      if (v.v6) {
        const at = v.net + (source ? 8 : 24);
        if (v.b[at] === 0xff) return FIB_TYPES.multicast;
        return isLocal6(v, source, onIif ? v.state.in : null) ? FIB_TYPES.local : FIB_TYPES.unicast;
      }
      const address = (source ? v.src : v.dst) as Ipv4;
      const type = v.ns.fib.addressType(address);
      if (
        type === "local" &&
        onIif &&
        v.state.in !== null &&
        !v.state.in.addresses.some((a) => a.local === address)
      )
        return FIB_TYPES.unicast;
      return FIB_TYPES[type];
    };
  }
  const named = expr.result === "oifname";
  return (v) => {
    if (v.v6) return undefined;
    const found = v.ns.fib.lookupDst((source ? v.src : v.dst) as Ipv4);
    if (typeof found === "string" || found.dev === null) return named ? "" : 0;
    if (onIif && found.dev !== v.state.in) return named ? "" : 0;
    return named ? found.dev.name : found.dev.index;
  };
}
