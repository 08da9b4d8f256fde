import { parseUnsigned } from "../args/words.ts";
import type { NeighState, RouteType } from "../../kernel/uapi/index.ts";

/**
 * The names that iproute2 gives to numbers: Debian 12's /etc/iproute2/rt_protos, rt_scopes, rt_tables, rt_dsfield and
 * group. A number without a name is printed as it is.
 */
class Names {
  private readonly byNumber: ReadonlyMap<number, string>;
  private readonly byName: ReadonlyMap<string, number>;

  constructor(entries: readonly (readonly [number, string])[]) {
    this.byNumber = new Map(entries);
    this.byName = new Map(entries.map(([number, name]) => [name, number]));
  }

  name(number: number): string | undefined {
    return this.byNumber.get(number);
  }

  text(number: number): string {
    return this.byNumber.get(number) ?? String(number);
  }

  /** A name, or a number up to `max`. */
  parse(word: string, max: number): number | undefined {
    return this.byName.get(word) ?? parseUnsigned(word, max);
  }
}

export const PROTOCOLS = new Names([
  [0, "unspec"],
  [1, "redirect"],
  [2, "kernel"],
  [3, "boot"],
  [4, "static"],
  [8, "gated"],
  [9, "ra"],
  [10, "mrt"],
  [11, "zebra"],
  [12, "bird"],
  [13, "dnrouted"],
  [14, "xorp"],
  [15, "ntk"],
  [16, "dhcp"],
  [18, "keepalived"],
  [42, "babel"],
  [99, "openr"],
  [186, "bgp"],
  [187, "isis"],
  [188, "ospf"],
  [189, "rip"],
  [192, "eigrp"],
]);

export const SCOPES = new Names([
  [0, "global"],
  [255, "nowhere"],
  [254, "host"],
  [253, "link"],
  [200, "site"],
]);

export const TABLES = new Names([
  [255, "local"],
  [254, "main"],
  [253, "default"],
  [0, "unspec"],
]);

export const GROUPS = new Names([[0, "default"]]);

/** Types of route, RTN_* of rtnetlink(7). */
export const ROUTE_TYPES: readonly RouteType[] = [
  "unicast",
  "local",
  "broadcast",
  "multicast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
];

/** rtnl_rtntype_a2n(): whole names, except that some may be cut short. */
export function parseRouteType(word: string): RouteType | undefined {
  const whole = ROUTE_TYPES.find((type) => type === word);
  if (whole !== undefined) return whole;
  if (word === "brd") return "broadcast";
  for (const type of ["blackhole", "prohibit", "throw", "unreachable"] as const)
    if (word !== "" && type.startsWith(word)) return type;
  return undefined;
}

/** The states of a neighbour entry, in the order and with the bits of include/uapi/linux/neighbour.h. */
export const NEIGH_BITS: readonly (readonly [number, NeighState])[] = [
  [0x01, "INCOMPLETE"],
  [0x02, "REACHABLE"],
  [0x04, "STALE"],
  [0x08, "DELAY"],
  [0x10, "PROBE"],
  [0x20, "FAILED"],
  [0x40, "NOARP"],
  [0x80, "PERMANENT"],
];

/** Debian 12's /etc/protocols: number, name, aliases. */
const IP_PROTOCOLS: readonly (readonly [number, string, ...string[]])[] = [
  [0, "ip", "IP"],
  [0, "hopopt", "HOPOPT"],
  [1, "icmp", "ICMP"],
  [2, "igmp", "IGMP"],
  [3, "ggp", "GGP"],
  [4, "ipencap", "IP-ENCAP"],
  [5, "st", "ST"],
  [6, "tcp", "TCP"],
  [8, "egp", "EGP"],
  [9, "igp", "IGP"],
  [12, "pup", "PUP"],
  [17, "udp", "UDP"],
  [20, "hmp", "HMP"],
  [22, "xns-idp", "XNS-IDP"],
  [27, "rdp", "RDP"],
  [29, "iso-tp4", "ISO-TP4"],
  [33, "dccp", "DCCP"],
  [36, "xtp", "XTP"],
  [37, "ddp", "DDP"],
  [38, "idpr-cmtp", "IDPR-CMTP"],
  [41, "ipv6", "IPv6"],
  [43, "ipv6-route", "IPv6-Route"],
  [44, "ipv6-frag", "IPv6-Frag"],
  [45, "idrp", "IDRP"],
  [46, "rsvp", "RSVP"],
  [47, "gre", "GRE"],
  [50, "esp", "IPSEC-ESP"],
  [51, "ah", "IPSEC-AH"],
  [57, "skip", "SKIP"],
  [58, "ipv6-icmp", "IPv6-ICMP"],
  [59, "ipv6-nonxt", "IPv6-NoNxt"],
  [60, "ipv6-opts", "IPv6-Opts"],
  [73, "rspf", "RSPF", "CPHB"],
  [81, "vmtp", "VMTP"],
  [88, "eigrp", "EIGRP"],
  [89, "ospf", "OSPFIGP"],
  [93, "ax.25", "AX.25"],
  [94, "ipip", "IPIP"],
  [97, "etherip", "ETHERIP"],
  [98, "encap", "ENCAP"],
  [103, "pim", "PIM"],
  [108, "ipcomp", "IPCOMP"],
  [112, "vrrp", "VRRP"],
  [115, "l2tp", "L2TP"],
  [124, "isis", "ISIS"],
  [132, "sctp", "SCTP"],
  [133, "fc", "FC"],
  [135, "mobility-header", "Mobility-Header"],
  [136, "udplite", "UDPLite"],
  [137, "mpls-in-ip", "MPLS-in-IP"],
  [138, "manet"],
  [139, "hip", "HIP"],
  [140, "shim6", "Shim6"],
  [141, "wesp", "WESP"],
  [142, "rohc", "ROHC"],
  [143, "ethernet", "Ethernet"],
];

/** inet_proto_n2a(), -N or not. */
export function ipProtocolName(number: number, numeric: boolean): string {
  const name = numeric ? undefined : IP_PROTOCOLS.find(([n]) => n === number)?.[1];
  return name ?? `ipproto-${number}`;
}

/** inet_proto_a2n(): a number up to 255, or a name. */
export function parseIpProtocol(word: string): number | undefined {
  return parseUnsigned(word, 255) ?? IP_PROTOCOLS.find(([, ...names]) => names.includes(word))?.[0];
}
