import type { Brand } from "../base/brand.ts";

/** Number of an skb in one world; copies get numbers of their own. 0 is "none". */
export type SkbId = Brand<number, "SkbId">;

/** Netfilter hook points, in the numbering of linux/netfilter.h, for both the IP and the bridge family. */
export const HOOKS = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"] as const;
export type HookName = (typeof HOOKS)[number];

/** Protocol families of netfilter, in the numbering of the kernel's NF_IP, NF_IP6, NF_BRIDGE. */
export const FAMILIES = ["ip", "ip6", "bridge"] as const;
export type TraceFamily = (typeof FAMILIES)[number];

/** How a packet stands to its flow. Models: enum ip_conntrack_info, with UNTRACKED and INVALID. */
export const CT_STATES = [
  "ESTABLISHED",
  "RELATED",
  "NEW",
  "ESTABLISHED_REPLY",
  "RELATED_REPLY",
  "",
  "",
  "UNTRACKED",
  "INVALID",
] as const;
export type CtState = Exclude<(typeof CT_STATES)[number], "">;

/** Fields of a packet that the kernel rewrites in place; what a quoted packet carries is not told. */
export const REWRITES = ["ttl", "src", "dst", "sport", "dport", "icmp-id", "mark"] as const;
export type RewriteField = (typeof REWRITES)[number];

/** Why an skb came to be; with the one it came from, this is its lineage. */
export const ORIGINS = [
  "socket",
  "clone",
  "echo-reply",
  "icmp-error",
  "arp-request",
  "arp-reply",
  "fragment",
  "reassembled",
  "tcp",
  "neighbour-solicitation",
  "neighbour-advertisement",
  "router-solicitation",
  "redirect",
  "mld-report",
] as const;
export type OriginName = (typeof ORIGINS)[number];

/** Drop reasons: the names of Linux's enum skb_drop_reason (include/net/dropreason-core.h) where one exists. */
export const DROP_REASONS = [
  "NOT_SPECIFIED",
  "NO_SOCKET",
  "PKT_TOO_SMALL",
  "SOCKET_FILTER",
  "SOCKET_RCVBUFF",
  "UDP_CSUM",
  "NETFILTER_DROP",
  "OTHERHOST",
  "IP_CSUM",
  "IP_INHDR",
  "IP_RPFILTER",
  "IP_LOCAL_SOURCE",
  "IP_INVALID_SOURCE",
  "IP_LOCALNET",
  "IP_INVALID_DEST",
  "IP_OUTNOROUTES",
  "IP_INNOROUTES",
  "IP_NOPROTO",
  "UNICAST_IN_L2_MULTICAST",
  "NEIGH_CREATEFAIL",
  "NEIGH_FAILED",
  "NEIGH_QUEUEFULL",
  "NEIGH_DEAD",
  "NEIGH_HH_FILLFAIL",
  "QDISC_DROP",
  "CPU_BACKLOG",
  "UNHANDLED_PROTO",
  "SKB_CSUM",
  "DEV_HDR",
  "DEV_READY",
  "FULL_RING",
  "NOMEM",
  "HDR_TRUNC",
  "ICMP_CSUM",
  "INVALID_PROTO",
  "IP_INADDRERRORS",
  "PKT_TOO_BIG",
  "DUP_FRAG",
  "FRAG_REASM_TIMEOUT",
  "VXLAN_INVALID_HDR",
  "VXLAN_VNI_NOT_FOUND",
  "VXLAN_INVALID_SMAC",
  "VXLAN_ENTRY_EXISTS",
  "VXLAN_NO_REMOTE",
  "MAC_INVALID_SOURCE",
  "LOCAL_MAC",
  "ARP_PVLAN_DISABLE",
  "BRIDGE_INGRESS_STP_STATE",
  "BRIDGE_NO_EGRESS_PORT",
  "TCP_NO_SOCKET",
  "IPV6DISABLED",
  "IPV6_NDISC_HOP_LIMIT",
  "IPV6_NDISC_BAD_CODE",
  "IPV6_NDISC_BAD_OPTIONS",
  "IPV6_NDISC_NS_OTHERHOST",
  "IPV6_BAD_EXTHDR",
  "TCP_CSUM",
  "TCP_FLAGS",
  "TCP_RFC7323_PAWS",
  "TCP_OLD_SEQUENCE",
  "TCP_INVALID_SEQUENCE",
  "TCP_INVALID_ACK_SEQUENCE",
  "TCP_RESET",
  "TCP_INVALID_SYN",
  "TCP_OLD_ACK",
  "TCP_ABORT_ON_DATA",
  "TCP_LISTEN_OVERFLOW",
  "XFRM_POLICY",
  /* Ours, where Linux has no name: */
  "TTL_EXCEEDED",
  "FORWARDING_OFF",
  "BLACKHOLE_ROUTE",
  "UNREACHABLE_ROUTE",
  "PROHIBIT_ROUTE",
  "LINK_DOWN",
  "NO_CARRIER",
  "TUNNEL_LOOP",
  "XFRM_OUT_NO_STATE",
  "XFRM_IN_NO_STATE",
  "XFRM_IN_REPLAY",
  "XFRM_IN_ICV",
  "NOT_FOR_US",
  "NOT_MODELLED",
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** Tables whose every change is journalled. */
export const TABLES = [
  "netns",
  "link",
  "address",
  "route",
  "rule",
  "neigh",
  "fdb",
  "sysctl",
  "conntrack",
  "ipvs",
  "nft",
  "xtables",
  "ipset",
  "xfrm-state",
  "xfrm-policy",
  "socket",
  "process",
  "sandbox",
  "container",
  "cni",
  "object",
] as const;
export type TableName = (typeof TABLES)[number];

/** What a route lookup, an FDB lookup and a neighbour lookup found, beyond the entry. */
export const FDB_RESULTS = ["local", "port", "flood", "remote", "miss"] as const;
export type FdbResult = (typeof FDB_RESULTS)[number];
export const NEIGH_RESULTS = ["resolved", "queued", "failed", "noarp", "broadcast"] as const;
export type NeighResult = (typeof NEIGH_RESULTS)[number];
export const ROUTE_RESULTS = [
  "unicast",
  "local",
  "broadcast",
  "multicast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
  "none",
] as const;
export type RouteResult = (typeof ROUTE_RESULTS)[number];

interface At {
  /** Position in the trace. */
  readonly index: number;
  /** Virtual nanoseconds. */
  readonly time: number;
}

interface OfPacket extends At {
  readonly netns: number;
  readonly skb: SkbId;
}

/** A frame passes a device: `in` is towards this network stack, as tcpdump -Q sees it. */
export interface FrameRecord extends OfPacket {
  readonly kind: "frame";
  readonly dev: number;
  readonly direction: "in" | "out";
  /** A view of the bytes from the link-layer header, valid as long as the trace. */
  readonly bytes: Uint8Array;
  readonly length: number;
  /** The device has no link-layer header (an IP tunnel): `bytes` begin with the IP header. */
  readonly raw?: boolean;
}

/** A netfilter hook is passed; `family` tells IP from bridge. */
export interface HookRecord extends OfPacket {
  readonly kind: "hook";
  readonly family: TraceFamily;
  readonly hook: HookName;
  readonly inDev: number;
  readonly outDev: number;
}

/**
 * A rule matched, or a base chain's policy decided. One record for each rule that matched, before what its target does:
 * the lines of `xtables-monitor --trace`.
 */
export interface RuleRecord extends OfPacket {
  readonly kind: "rule";
  readonly family: TraceFamily;
  readonly table: string;
  readonly chain: string;
  /** Place in the chain, from 1; 0 is the chain's policy. */
  readonly number: number;
  /** The rule's journal id; 0 for a policy. */
  readonly rule: number;
  /** ACCEPT, DROP, RETURN, CONTINUE, `JUMP:chain`, `GOTO:chain`, or the target's name. */
  readonly verdict: string;
}

/** A route lookup: key, and the entry that won (its journal id; 0 for none). */
export interface RouteRecord extends OfPacket {
  readonly kind: "route";
  readonly purpose: "input" | "output";
  readonly dst: number;
  readonly src: number;
  readonly result: RouteResult;
  readonly entry: number;
  readonly outDev: number;
  /** Next hop address; the destination itself when it is on the link. */
  readonly nexthop: number;
  /** Of an IPv6 packet; the numbers are 0 then, and what is not known is "". */
  readonly ip6?: { readonly dst: string; readonly src: string; readonly nexthop: string };
}

export interface NeighRecord extends OfPacket {
  readonly kind: "neigh";
  readonly dev: number;
  readonly address: number;
  /** An IPv6 neighbour; `address` is 0 then. */
  readonly ip6?: string;
  readonly result: NeighResult;
  /** The answer, 48 bits; 0 when there is none. */
  readonly mac: number;
}

/** A forwarding database was asked: a bridge's, or a vxlan device's. */
export interface FdbRecord extends OfPacket {
  readonly kind: "fdb";
  /** The bridge or vxlan device. */
  readonly dev: number;
  readonly mac: number;
  readonly result: FdbResult;
  /** The port it leads to, or 0. */
  readonly port: number;
  /** The remote VTEP, or 0. */
  readonly remote: number;
}

/** Header bytes were put around the packet (encap) or taken off (decap). */
export interface TunnelRecord extends OfPacket {
  readonly kind: "encap" | "decap";
  readonly dev: number;
  readonly bytes: number;
  readonly vni: number;
  readonly local: number;
  readonly remote: number;
}

/** A field of the packet was rewritten in place. */
export interface RewriteRecord extends OfPacket {
  readonly kind: "rewrite";
  readonly field: RewriteField;
  /** Numbers; for IPv6 addresses 0, and the texts tell. */
  readonly before: number;
  readonly after: number;
  readonly beforeText?: string;
  readonly afterText?: string;
}

/** Conntrack found or began the flow of a packet. */
export interface ConntrackRecord extends OfPacket {
  readonly kind: "conntrack";
  /** The entry's id, which the journal's table `conntrack` knows once it is confirmed; 0 for none. */
  readonly entry: number;
  readonly state: CtState;
}

/** The packet reached a socket. */
export interface DeliverRecord extends OfPacket {
  readonly kind: "deliver";
  readonly protocol: number;
  readonly port: number;
  readonly owner: string;
}

/** The packet ended inside the kernel because it did its work (an ARP reply, an echo request answered). */
export interface ConsumeRecord extends OfPacket {
  readonly kind: "consume";
  readonly by: string;
}

/** A new skb, and the one that it came from (0: from nowhere but a program). */
export interface OriginRecord extends OfPacket {
  readonly kind: "origin";
  readonly origin: OriginName;
  readonly from: SkbId;
  /** Program for `socket`; empty otherwise. */
  readonly owner: string;
}

export interface DropRecord extends OfPacket {
  readonly kind: "drop";
  readonly dev: number;
  readonly reason: DropReason;
  /** Kernel function that drops it in Linux, by name. */
  readonly where: string;
}

/** One change of one table: `before` null is an addition, `after` null a removal. Values are JSON of the table's row. */
export interface ChangeRecord extends At {
  readonly kind: "change";
  readonly table: TableName;
  readonly netns: number;
  readonly key: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Who did it: "flanneld", "kernel", "ip"; and the command or reason. */
  readonly actor: string;
  readonly detail: string;
}

/** A component of the control plane says what it did and why. */
export interface ControlRecord extends At {
  readonly kind: "control";
  readonly component: string;
  readonly place: string;
  readonly text: string;
}

/** Everything observable, as one closed union. */
export type TraceRecord =
  | FrameRecord
  | HookRecord
  | RuleRecord
  | RouteRecord
  | NeighRecord
  | FdbRecord
  | TunnelRecord
  | RewriteRecord
  | ConntrackRecord
  | DeliverRecord
  | ConsumeRecord
  | OriginRecord
  | DropRecord
  | ChangeRecord
  | ControlRecord;

export type RecordKind = TraceRecord["kind"];

/** Packed kind numbers, in the order of this list. */
export const RECORD_KINDS = [
  "frame",
  "hook",
  "route",
  "neigh",
  "fdb",
  "encap",
  "decap",
  "rewrite",
  "conntrack",
  "deliver",
  "consume",
  "origin",
  "drop",
  "change",
  "control",
  "rule",
] as const satisfies readonly RecordKind[];
