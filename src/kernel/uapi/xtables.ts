import type { Ipv4, Mac } from "../../wire/address.ts";
import type { Ipv6 } from "../../wire/address6.ts";
import type { Actor, KernelError } from "./types.ts";
import type { Result } from "../../base/result.ts";

/**
 * Rules as iptables(8) and iptables-extensions(8) know them, in the form in which they reach the kernel. Text is made and
 * read by `formats/iptables`. Everything that a tool prints back is here; nothing is here that the kernel would not keep.
 */
export type XtFamily = "ip" | "ip6";

export type XtTableName = "raw" | "mangle" | "nat" | "filter" | "security";
export const XT_TABLES: readonly XtTableName[] = ["raw", "mangle", "nat", "filter", "security"];

export type XtHook = "PREROUTING" | "INPUT" | "FORWARD" | "OUTPUT" | "POSTROUTING";

/** The built-in chains of each table. */
export const XT_CHAINS: Readonly<Record<XtTableName, readonly XtHook[]>> = {
  raw: ["PREROUTING", "OUTPUT"],
  mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
  security: ["INPUT", "FORWARD", "OUTPUT"],
};

/** `!` before an option. */
export interface Inverted {
  readonly invert?: boolean;
}

/** Address and mask, of the rule's family; a mask need not be a prefix. */
export interface XtAddress extends Inverted {
  readonly address: Ipv4 | Ipv6;
  readonly mask: Ipv4 | Ipv6;
}

/** An interface name; `wildcard` stands for a trailing `+`, which is not part of the name. */
export interface XtInterface extends Inverted {
  readonly name: string;
  readonly wildcard: boolean;
}

/** An inclusive range of ports, ids, lengths. */
export interface XtRange extends Inverted {
  readonly min: number;
  readonly max: number;
}

/** An inclusive range of addresses, of the rule's family. */
export interface XtAddressRange extends Inverted {
  readonly min: Ipv4 | Ipv6;
  readonly max: Ipv4 | Ipv6;
}

export interface XtMark extends Inverted {
  readonly mark: number;
  readonly mask: number;
}

/** Conntrack states of `--ctstate`, as a set. SNAT and DNAT are its virtual states. */
export type CtStateName = "INVALID" | "NEW" | "ESTABLISHED" | "RELATED" | "UNTRACKED" | "SNAT" | "DNAT";

/** rtnetlink's kinds of address, as `--src-type` names them. */
export type AddrTypeName =
  | "UNSPEC"
  | "UNICAST"
  | "LOCAL"
  | "BROADCAST"
  | "ANYCAST"
  | "MULTICAST"
  | "BLACKHOLE"
  | "UNREACHABLE"
  | "PROHIBIT"
  | "THROW"
  | "NAT"
  | "XRESOLVE";

export interface TcpMatch {
  readonly kind: "tcp";
  readonly sports?: XtRange;
  readonly dports?: XtRange;
  readonly flags?: { readonly mask: number; readonly compare: number } & Inverted;
  readonly option?: { readonly number: number } & Inverted;
}

export interface ConntrackMatch {
  readonly kind: "conntrack";
  readonly state?: { readonly states: readonly CtStateName[] } & Inverted;
  readonly status?: {
    readonly status: readonly ("NONE" | "EXPECTED" | "SEEN_REPLY" | "ASSURED" | "CONFIRMED")[];
  } & Inverted;
  readonly protocol?: { readonly protocol: number } & Inverted;
  readonly origSrc?: XtAddress;
  readonly origDst?: XtAddress;
  readonly replSrc?: XtAddress;
  readonly replDst?: XtAddress;
  readonly origSrcPort?: XtRange;
  readonly origDstPort?: XtRange;
  readonly replSrcPort?: XtRange;
  readonly replDstPort?: XtRange;
  readonly expire?: XtRange;
  readonly direction?: "ORIGINAL" | "REPLY";
}

export interface RecentMatch extends Inverted {
  readonly kind: "recent";
  readonly name: string;
  readonly action: "set" | "rcheck" | "update" | "remove";
  readonly seconds?: number;
  readonly reap?: boolean;
  readonly hitcount?: number;
  readonly rttl?: boolean;
  readonly side: "source" | "dest";
  readonly mask?: Ipv4 | Ipv6;
}

export interface LimitMatch {
  readonly kind: "limit";
  /** As given: so many per unit. */
  readonly rate: number;
  readonly per: "second" | "minute" | "hour" | "day";
  readonly burst: number;
}

export interface HashlimitMatch {
  readonly kind: "hashlimit";
  readonly name: string;
  readonly above: boolean;
  readonly rate: number;
  readonly per: "second" | "minute" | "hour" | "day";
  readonly burst: number;
  readonly mode: readonly ("srcip" | "srcport" | "dstip" | "dstport")[];
  readonly srcmask?: number;
  readonly dstmask?: number;
  readonly htableExpire?: number;
}

/** One loaded match module with its options. Several of a kind may stand in one rule; all must hold. */
export type XtMatch =
  | TcpMatch
  | { readonly kind: "udp"; readonly sports?: XtRange; readonly dports?: XtRange }
  /** `-p sctp` ports. */
  | { readonly kind: "sctp"; readonly sports?: XtRange; readonly dports?: XtRange }
  /** type 255 is "any"; icmp for family ip, icmp6 for ip6. */
  | ({
      readonly kind: "icmp" | "icmp6";
      readonly type: number;
      readonly codeMin: number;
      readonly codeMax: number;
    } & Inverted)
  | ({
      readonly kind: "multiport";
      readonly side: "source" | "destination" | "either";
      readonly ranges: readonly { readonly min: number; readonly max: number }[];
    } & Inverted)
  | { readonly kind: "comment"; readonly text: string }
  | ConntrackMatch
  | ({ readonly kind: "state"; readonly states: readonly CtStateName[] } & Inverted)
  | ({ readonly kind: "mark" | "connmark" } & XtMark)
  | {
      readonly kind: "addrtype";
      readonly source?: { readonly types: readonly AddrTypeName[] } & Inverted;
      readonly dest?: { readonly types: readonly AddrTypeName[] } & Inverted;
      readonly limitIfaceIn?: boolean;
      readonly limitIfaceOut?: boolean;
    }
  /** probability is the kernel's integer, of 2^31. */
  | ({ readonly kind: "statistic"; readonly mode: "random"; readonly probability: number } & Inverted)
  | ({
      readonly kind: "statistic";
      readonly mode: "nth";
      readonly every: number;
      readonly packet: number;
    } & Inverted)
  | RecentMatch
  | ({
      readonly kind: "set";
      readonly name: string;
      readonly dims: readonly ("src" | "dst")[];
    } & Inverted)
  | {
      readonly kind: "physdev";
      readonly in?: XtInterface;
      readonly out?: XtInterface;
      readonly isIn?: Inverted;
      readonly isOut?: Inverted;
      readonly isBridged?: Inverted;
    }
  | ({ readonly kind: "mac"; readonly source: Mac } & Inverted)
  | ({ readonly kind: "length" } & XtRange)
  | LimitMatch
  | HashlimitMatch
  | {
      readonly kind: "owner";
      readonly uid?: XtRange;
      readonly gid?: XtRange;
      readonly socketExists?: Inverted;
    }
  | {
      readonly kind: "socket";
      readonly transparent?: boolean;
      readonly nowildcard?: boolean;
      readonly restoreMark?: boolean;
    }
  | ({ readonly kind: "pkttype"; readonly type: "unicast" | "broadcast" | "multicast" } & Inverted)
  | ({ readonly kind: "dscp"; readonly value: number } & Inverted)
  | ({ readonly kind: "tos"; readonly value: number; readonly mask: number } & Inverted)
  | ({ readonly kind: "ttl" | "hl"; readonly op: "eq" | "lt" | "gt"; readonly value: number } & Inverted)
  | { readonly kind: "iprange"; readonly source?: XtAddressRange; readonly dest?: XtAddressRange }
  | ({
      readonly kind: "rpfilter";
      readonly loose?: boolean;
      readonly validmark?: boolean;
      readonly acceptLocal?: boolean;
    } & Inverted)
  | ({
      readonly kind: "connlimit";
      readonly above: number;
      readonly mask: number;
      readonly side: "source" | "dest";
    } & Inverted)
  | {
      readonly kind: "policy";
      readonly dir: "in" | "out";
      readonly pol: "none" | "ipsec";
      /** Every element of the policy is listed. */
      readonly strict?: boolean;
      readonly element?: PolicyElement;
    };

interface Asked<T> {
  readonly value: T;
  readonly invert?: boolean;
}

/** What `-m policy` may ask of the state that protects a packet. */
export interface PolicyElement {
  readonly reqid?: Asked<number>;
  readonly spi?: Asked<number>;
  readonly protocol?: Asked<number>;
  readonly mode?: Asked<"transport" | "tunnel">;
  readonly tunnelSrc?: Asked<Omit<XtAddress, "invert">>;
  readonly tunnelDst?: Asked<Omit<XtAddress, "invert">>;
}

/** Where NAT may map to. Absent addresses stay; absent ports are chosen as Linux chooses them. */
export interface NatRange {
  readonly minAddress?: Ipv4 | Ipv6;
  readonly maxAddress?: Ipv4 | Ipv6;
  readonly minPort?: number;
  readonly maxPort?: number;
  readonly random?: boolean;
  readonly randomFully?: boolean;
  readonly persistent?: boolean;
}

export type RejectWith =
  | "icmp-net-unreachable"
  | "icmp-host-unreachable"
  | "icmp-proto-unreachable"
  | "icmp-port-unreachable"
  | "icmp-net-prohibited"
  | "icmp-host-prohibited"
  | "icmp-admin-prohibited"
  | "icmp6-no-route"
  | "icmp6-adm-prohibited"
  | "icmp6-addr-unreachable"
  | "icmp6-port-unreachable"
  | "icmp6-policy-fail"
  | "icmp6-reject-route"
  | "tcp-reset";

export type XtTarget =
  | { readonly kind: "ACCEPT" | "DROP" | "RETURN" | "NOTRACK" | "TRACE" }
  | { readonly kind: "jump" | "goto"; readonly chain: string }
  | { readonly kind: "REJECT"; readonly with: RejectWith }
  /** mark = (mark & ~mask) ^ value. */
  | { readonly kind: "MARK"; readonly value: number; readonly mask: number }
  | {
      readonly kind: "CONNMARK";
      readonly op: "set" | "save" | "restore";
      readonly value: number;
      readonly ctmask: number;
      readonly nfmask: number;
    }
  | { readonly kind: "DNAT" | "SNAT"; readonly range: NatRange }
  | { readonly kind: "MASQUERADE" | "REDIRECT"; readonly range: NatRange }
  | { readonly kind: "NETMAP"; readonly range: NatRange }
  | { readonly kind: "CT"; readonly notrack?: boolean; readonly zone?: number }
  /** mss absent: --clamp-mss-to-pmtu. */
  | { readonly kind: "TCPMSS"; readonly mss?: number }
  | {
      readonly kind: "LOG";
      readonly prefix: string;
      readonly level: number;
      /** Bits of XT_LOG_*: 1 tcp-sequence, 2 tcp-options, 4 ip-options, 8 uid, 32 macdecode. */
      readonly flags: number;
    }
  | {
      readonly kind: "NFLOG";
      readonly group: number;
      readonly prefix: string;
      readonly size?: number;
      readonly threshold?: number;
    }
  /** To a program: one of `total` queues from `number` on. */
  | {
      readonly kind: "NFQUEUE";
      readonly number: number;
      readonly total: number;
      readonly bypass?: boolean;
      readonly fanout?: boolean;
    }
  | { readonly kind: "TTL" | "HL"; readonly op: "set" | "inc" | "dec"; readonly value: number }
  | { readonly kind: "TOS"; readonly value: number; readonly mask: number }
  | { readonly kind: "DSCP"; readonly value: number }
  | { readonly kind: "CHECKSUM" }
  | { readonly kind: "CLASSIFY"; readonly major: number; readonly minor: number }
  | {
      readonly kind: "SET";
      readonly op: "add" | "del";
      readonly name: string;
      readonly dims: readonly ("src" | "dst")[];
      readonly exist?: boolean;
      readonly timeout?: number;
    };

/** One rule. An absent target counts the packet and goes on. */
export interface XtRule {
  readonly source?: XtAddress;
  readonly dest?: XtAddress;
  readonly in?: XtInterface;
  readonly out?: XtInterface;
  readonly protocol?: { readonly number: number } & Inverted;
  /** `-f`: second and further fragments (family ip). */
  readonly fragment?: Inverted;
  readonly matches: readonly XtMatch[];
  readonly target?: XtTarget;
}

export interface XtCounters {
  readonly packets: number;
  readonly bytes: number;
}

export interface XtRuleInfo {
  readonly rule: XtRule;
  readonly counters: XtCounters;
  /** Never reused in one world: names the rule in the trace. */
  readonly id: number;
  readonly by: Actor;
}

export interface XtChainInfo {
  readonly name: string;
  /** Null for a chain that a user made. */
  readonly policy: "ACCEPT" | "DROP" | null;
  /** Built-in, and nothing has needed it yet: listings show it all the same, but `-Z` and `-D NUMBER` do not find it. */
  readonly absent?: boolean;
  readonly counters: XtCounters;
  /** How many rules jump or go here. */
  readonly references: number;
  readonly rules: readonly XtRuleInfo[];
}

export interface XtTableInfo {
  readonly table: XtTableName;
  /** Built-in chains first, as the kernel made them; then the users', in order of creation. */
  readonly chains: readonly XtChainInfo[];
}

/** One step of a change. Rule numbers count from 1 in the state that the steps before left. */
export type XtOperation =
  | { readonly op: "new-chain"; readonly chain: string }
  | { readonly op: "delete-chain"; readonly chain: string }
  | { readonly op: "rename-chain"; readonly chain: string; readonly to: string }
  /** Removes the rules of one chain. */
  | { readonly op: "flush"; readonly chain: string }
  | {
      readonly op: "policy";
      readonly chain: string;
      readonly policy: "ACCEPT" | "DROP";
      readonly counters?: XtCounters;
    }
  | {
      readonly op: "append";
      readonly chain: string;
      readonly rule: XtRule;
      readonly counters?: XtCounters;
    }
  | {
      readonly op: "insert" | "replace";
      readonly chain: string;
      readonly number: number;
      readonly rule: XtRule;
      readonly counters?: XtCounters;
    }
  | { readonly op: "delete"; readonly chain: string; readonly number: number }
  /** All rules of the chain and its policy, or one rule. */
  | { readonly op: "zero"; readonly chain: string; readonly number?: number };

/** Which step the kernel refused, and how. */
export interface XtError extends KernelError {
  readonly step: number;
}

export interface XtablesApi {
  /** A built-in table with its chains comes to be when something first changes it. */
  table(family: XtFamily, table: XtTableName): XtTableInfo | undefined;
  /** One chain, and the names of all: a table may have a hundred thousand. */
  chain(family: XtFamily, table: XtTableName, name: string): XtChainInfo | undefined;
  chainNames(family: XtFamily, table: XtTableName): readonly string[];
  /**
   * All steps or none. ENOENT: no such chain or rule; EEXIST: the chain is there; EBUSY: still referred to, or not empty;
   * EMLINK: jumps in a circle, or deeper than 16 chains, where a built-in chain leads to them; EINVAL: a match or target
   * that this table or one of the hooks leading here does not allow; EOPNOTSUPP: a built-in chain asked to go.
   */
  commit(family: XtFamily, table: XtTableName, steps: readonly XtOperation[]): Result<void, XtError>;
  /** Removes a whole table, back to where nothing had touched it. */
  drop(family: XtFamily, table: XtTableName): void;
}
