import type { Result } from "../../base/result.ts";
import type { Ipv6 } from "../../wire/address6.ts";
import type { Actor, KernelError } from "./types.ts";

/**
 * nf_tables as nft(8) speaks of it: tables, chains, rules, sets, maps and named objects. Texts are read and written by
 * `formats/nft`; here names are resolved and every value has a type. What the kernel would not keep is not here.
 */
export type NftFamily = "ip" | "ip6" | "inet";
export type NftHook = "prerouting" | "input" | "forward" | "output" | "postrouting";
export type NftChainType = "filter" | "nat" | "route";

/** Data types of values and keys: `nft describe`. */
export type NftType =
  | "ipv4_addr"
  | "ipv6_addr"
  | "ether_addr"
  | "inet_proto"
  | "inet_service"
  | "mark"
  | "ifname"
  | "iface_index"
  | "ct_state"
  | "ct_status"
  | "ct_dir"
  | "icmp_type"
  | "icmp_code"
  | "icmpv6_type"
  | "icmpv6_code"
  | "tcp_flag"
  | "fib_addrtype"
  | "pkt_type"
  | "nf_proto"
  | "ether_type"
  | "dscp"
  | "ct_label"
  | "integer";

/** Numbers; IPv6 addresses as groups; interface names as text, with a trailing `*` for a prefix. */
export interface NftScalar {
  readonly type: NftType;
  readonly value: number | Ipv6 | string;
}

/** One part of a key: a value, an inclusive range, or a prefix (kept apart from ranges for printing). */
export type NftPart =
  | { readonly kind: "value"; readonly value: NftScalar }
  | { readonly kind: "range"; readonly low: NftScalar; readonly high: NftScalar }
  | { readonly kind: "prefix"; readonly value: NftScalar; readonly length: number };

/** A key of several parts is a concatenation. */
export type NftKey = readonly NftPart[];

export type NftVerdict =
  | { readonly kind: "accept" | "drop" | "return" | "continue" }
  | { readonly kind: "jump" | "goto"; readonly chain: string };

export interface NftElement {
  readonly key: NftKey;
  /** Of a map: values (several for a concatenation), or a verdict. */
  readonly data?: readonly NftScalar[] | NftVerdict;
  /** Milliseconds that it lives, when not for ever. */
  readonly timeout?: number;
  /** Milliseconds left; told, not set. */
  readonly expires?: number;
  readonly comment?: string;
  readonly counter?: NftCounters;
}

export interface NftCounters {
  readonly packets: number;
  readonly bytes: number;
}

/** A set, map or verdict map of a rule's own (`{ ... }`), or one by name (`@name`). */
export type NftSetRef = { readonly elements: readonly NftElement[] } | { readonly name: string };

export type NftPayload = "ether" | "ip" | "ip6" | "tcp" | "udp" | "th" | "icmp" | "icmpv6" | "sctp";

export type NftExpr =
  | { readonly kind: "value"; readonly value: NftScalar }
  /** A header field by its name in nft(8): `ip saddr`, `th dport`, `tcp flags`. */
  | { readonly kind: "payload"; readonly header: NftPayload; readonly field: string; readonly type: NftType }
  | { readonly kind: "meta"; readonly key: NftMetaKey; readonly type: NftType }
  | {
      readonly kind: "ct";
      readonly key: NftCtKey;
      readonly direction?: "original" | "reply";
      /** `ip` or `ip6` of `ct original ip saddr`. */
      readonly family?: "ip" | "ip6";
      readonly type: NftType;
    }
  | {
      readonly kind: "fib";
      readonly by: readonly ("saddr" | "daddr" | "mark" | "iif" | "oif")[];
      readonly result: "type" | "oif" | "oifname";
      readonly type: NftType;
    }
  | {
      readonly kind: "numgen";
      readonly mode: "random" | "inc";
      readonly modulus: number;
      readonly offset: number;
    }
  | {
      readonly kind: "jhash";
      readonly of: NftExpr;
      readonly modulus: number;
      readonly seed: number;
      readonly offset: number;
    }
  | { readonly kind: "concat"; readonly parts: readonly NftExpr[] }
  | {
      readonly kind: "binary";
      readonly op: "&" | "|" | "^" | "<<" | ">>";
      readonly left: NftExpr;
      readonly right: NftExpr;
      readonly type: NftType;
    }
  | { readonly kind: "map"; readonly key: NftExpr; readonly data: NftSetRef };

export type NftMetaKey =
  | "mark"
  | "l4proto"
  | "nfproto"
  | "protocol"
  | "iif"
  | "oif"
  | "iifname"
  | "oifname"
  | "length"
  | "skuid"
  | "skgid"
  | "pkttype"
  | "ibrname"
  | "obrname"
  | "priority";

export type NftCtKey =
  | "state"
  | "status"
  | "mark"
  | "direction"
  | "zone"
  | "protocol"
  | "l3proto"
  | "saddr"
  | "daddr"
  | "proto-src"
  | "proto-dst"
  | "expiration"
  | "label"
  | "id";

/** What a match compares with. `flags`: any of these bits (`ct state established,related`). */
export type NftRight =
  | { readonly kind: "key"; readonly key: NftKey }
  | { readonly kind: "flags"; readonly type: NftType; readonly mask: number }
  | { readonly kind: "set"; readonly set: NftSetRef };

export type NftReject =
  | { readonly kind: "default" }
  | { readonly kind: "icmp" | "icmpv6" | "icmpx"; readonly code: number }
  | { readonly kind: "tcp-reset" };

export type NftStatement =
  | {
      readonly kind: "match";
      readonly left: NftExpr;
      readonly op: "==" | "!=" | "<" | ">" | "<=" | ">=";
      readonly right: NftRight;
    }
  | { readonly kind: "verdict"; readonly verdict: NftVerdict }
  | { readonly kind: "vmap"; readonly key: NftExpr; readonly data: NftSetRef }
  | { readonly kind: "counter"; readonly packets: number; readonly bytes: number }
  | { readonly kind: "named-counter"; readonly name: string }
  | {
      readonly kind: "set-meta";
      readonly key: "mark" | "priority" | "nftrace" | "pkttype";
      readonly value: NftExpr;
    }
  | { readonly kind: "set-ct"; readonly key: "mark" | "zone" | "label"; readonly value: NftExpr }
  | {
      readonly kind: "set-payload";
      readonly header: NftPayload;
      readonly field: string;
      readonly value: NftExpr;
    }
  | {
      readonly kind: "nat";
      readonly type: "dnat" | "snat" | "masquerade" | "redirect";
      /** `dnat ip to` in an inet table. */
      readonly family?: "ip" | "ip6";
      /** A range of addresses has two. */
      readonly address?: NftExpr;
      readonly addressMax?: NftExpr;
      readonly port?: NftExpr;
      readonly portMax?: NftExpr;
      /** `addr . port to`: one expression gives both. */
      readonly concat?: boolean;
      readonly flags: readonly ("random" | "fully-random" | "persistent")[];
    }
  | { readonly kind: "reject"; readonly with: NftReject }
  | {
      readonly kind: "log";
      readonly prefix?: string;
      readonly level?: string;
      readonly group?: number;
    }
  | {
      readonly kind: "limit";
      readonly over: boolean;
      readonly rate: number;
      readonly per: "second" | "minute" | "hour" | "day" | "week";
      readonly burst: number;
      /** Bytes instead of packets. */
      readonly bytes?: boolean;
    }
  | {
      readonly kind: "update";
      readonly op: "add" | "update" | "delete";
      readonly set: string;
      readonly key: NftExpr;
      readonly data?: NftExpr;
      /** Milliseconds. */
      readonly timeout?: number;
    }
  /** To a program; `expression` instead of the range gives the number. */
  | {
      readonly kind: "queue";
      readonly from: number;
      readonly to: number;
      readonly expression?: NftExpr;
      readonly flags: readonly ("bypass" | "fanout")[];
    }
  | { readonly kind: "notrack" };

export interface NftBase {
  readonly type: NftChainType;
  readonly hook: NftHook;
  readonly priority: number;
  readonly policy: "accept" | "drop";
}

export interface NftSetSpec {
  readonly name: string;
  readonly key: readonly NftType[];
  /** Of a map: its values' types, or "verdict". Absent for a set. */
  readonly data?: readonly NftType[] | "verdict";
  readonly flags: readonly ("constant" | "interval" | "timeout" | "dynamic")[];
  /** Milliseconds. */
  readonly timeout?: number;
  readonly gcInterval?: number;
  readonly size?: number;
  readonly autoMerge?: boolean;
  readonly comment?: string;
  /** Every element counts. */
  readonly counter?: boolean;
}

export interface NftRuleSpec {
  readonly statements: readonly NftStatement[];
  readonly comment?: string;
}

export interface NftRuleInfo extends NftRuleSpec {
  readonly handle: number;
  readonly by: Actor;
}

export interface NftChainInfo {
  readonly name: string;
  readonly handle: number;
  readonly base?: NftBase;
  readonly comment?: string;
  readonly rules: readonly NftRuleInfo[];
}

export interface NftSetInfo extends NftSetSpec {
  readonly handle: number;
  readonly elements: readonly NftElement[];
}

export interface NftCounterInfo extends NftCounters {
  readonly name: string;
  readonly handle: number;
  readonly comment?: string;
}

export interface NftTableInfo {
  readonly family: NftFamily;
  readonly name: string;
  readonly handle: number;
  readonly comment?: string;
  readonly dormant?: boolean;
  readonly counters: readonly NftCounterInfo[];
  readonly sets: readonly NftSetInfo[];
  readonly chains: readonly NftChainInfo[];
}

/** Where a rule goes: at the end, at the start, or by the handle of another. */
export type NftPlace =
  { readonly at: "end" | "start" } | { readonly at: "after" | "before" | "replace"; readonly handle: number };

interface InTable {
  readonly family: NftFamily;
  readonly table: string;
}

/** One step of a transaction. `exclusive` (nft create): it must not be there yet. `missingOk` (nft destroy): it may be gone. */
export type NftStep =
  | (InTable & {
      readonly op: "add-table";
      readonly exclusive?: boolean;
      readonly comment?: string;
      readonly dormant?: boolean;
    })
  | (InTable & { readonly op: "delete-table"; readonly missingOk?: boolean })
  | (InTable & {
      readonly op: "add-chain";
      readonly chain: string;
      readonly base?: NftBase;
      readonly comment?: string;
      readonly exclusive?: boolean;
    })
  | (InTable & { readonly op: "delete-chain"; readonly chain: string; readonly missingOk?: boolean })
  | (InTable & { readonly op: "rename-chain"; readonly chain: string; readonly to: string })
  /** Absent chain: of all chains of the table. */
  | (InTable & { readonly op: "flush-chain"; readonly chain?: string })
  | (InTable & {
      readonly op: "add-rule";
      readonly chain: string;
      readonly rule: NftRuleSpec;
      readonly place: NftPlace;
    })
  | (InTable & {
      readonly op: "delete-rule";
      readonly chain: string;
      readonly handle: number;
      readonly missingOk?: boolean;
    })
  | (InTable & { readonly op: "add-set"; readonly set: NftSetSpec; readonly exclusive?: boolean })
  | (InTable & { readonly op: "delete-set"; readonly set: string; readonly missingOk?: boolean })
  | (InTable & { readonly op: "flush-set"; readonly set: string })
  | (InTable & {
      readonly op: "add-elements";
      readonly set: string;
      readonly elements: readonly NftElement[];
      readonly exclusive?: boolean;
    })
  | (InTable & {
      readonly op: "delete-elements";
      readonly set: string;
      readonly elements: readonly NftElement[];
    })
  | (InTable & {
      readonly op: "add-counter";
      readonly counter: string;
      readonly packets?: number;
      readonly bytes?: number;
      readonly comment?: string;
      readonly exclusive?: boolean;
    })
  | (InTable & { readonly op: "delete-counter"; readonly counter: string; readonly missingOk?: boolean })
  | (InTable & { readonly op: "reset-counter"; readonly counter: string })
  | { readonly op: "flush-ruleset"; readonly family?: NftFamily };

export interface NftError extends KernelError {
  /** Which step was refused. */
  readonly step: number;
}

export interface NftApi {
  /** In the order of creation. Tables that iptables made are not among them. */
  list(): readonly NftTableInfo[];
  /** All steps or none. Answers the handles of the rules that were added, in order. */
  commit(steps: readonly NftStep[]): Result<readonly number[], NftError>;
}
