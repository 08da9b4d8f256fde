import type { NftType } from "../../kernel/uapi/nft.ts";

/** Names that stand for numbers, by type: `nft describe TYPE`. */
const ICMP_TYPES = {
  "echo-reply": 0,
  "destination-unreachable": 3,
  "source-quench": 4,
  redirect: 5,
  "echo-request": 8,
  "router-advertisement": 9,
  "router-solicitation": 10,
  "time-exceeded": 11,
  "parameter-problem": 12,
  "timestamp-request": 13,
  "timestamp-reply": 14,
  "info-request": 15,
  "info-reply": 16,
  "address-mask-request": 17,
  "address-mask-reply": 18,
};

const ICMPV6_TYPES = {
  "destination-unreachable": 1,
  "packet-too-big": 2,
  "time-exceeded": 3,
  "parameter-problem": 4,
  "echo-request": 128,
  "echo-reply": 129,
  "mld-listener-query": 130,
  "mld-listener-report": 131,
  "mld-listener-done": 132,
  "nd-router-solicit": 133,
  "nd-router-advert": 134,
  "nd-neighbor-solicit": 135,
  "nd-neighbor-advert": 136,
  "nd-redirect": 137,
  "router-renumbering": 138,
  "ind-neighbor-solicit": 141,
  "ind-neighbor-advert": 142,
  "mld2-listener-report": 143,
};

const DSCP = {
  cs0: 0,
  cs1: 8,
  cs2: 16,
  cs3: 24,
  cs4: 32,
  cs5: 40,
  cs6: 48,
  cs7: 56,
  af11: 10,
  af12: 12,
  af13: 14,
  af21: 18,
  af22: 20,
  af23: 22,
  af31: 26,
  af32: 28,
  af33: 30,
  af41: 34,
  af42: 36,
  af43: 38,
  ef: 46,
};

export const SYMBOLS: Partial<Record<NftType, Readonly<Record<string, number>>>> = {
  ct_state: { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 },
  ct_status: { expected: 1, "seen-reply": 2, assured: 4, confirmed: 8, snat: 16, dnat: 32, dying: 512 },
  ct_dir: { original: 0, reply: 1 },
  inet_proto: {
    ip: 0,
    icmp: 1,
    igmp: 2,
    ipencap: 4,
    tcp: 6,
    udp: 17,
    dccp: 33,
    ipv6: 41,
    gre: 47,
    esp: 50,
    ah: 51,
    "ipv6-icmp": 58,
    icmpv6: 58,
    comp: 108,
    sctp: 132,
    udplite: 136,
  },
  icmp_type: ICMP_TYPES,
  icmpv6_type: ICMPV6_TYPES,
  icmp_code: {
    "net-unreachable": 0,
    "host-unreachable": 1,
    "prot-unreachable": 2,
    "port-unreachable": 3,
    "net-prohibited": 9,
    "host-prohibited": 10,
    "admin-prohibited": 13,
    "frag-needed": 4,
  },
  icmpv6_code: {
    "no-route": 0,
    "admin-prohibited": 1,
    "addr-unreachable": 3,
    "port-unreachable": 4,
    "policy-fail": 5,
    "reject-route": 6,
  },
  tcp_flag: { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 },
  fib_addrtype: {
    unspec: 0,
    unicast: 1,
    local: 2,
    broadcast: 3,
    anycast: 4,
    multicast: 5,
    blackhole: 6,
    unreachable: 7,
    prohibit: 8,
  },
  pkt_type: { host: 0, unicast: 0, broadcast: 1, multicast: 2, other: 3 },
  nf_proto: { ipv4: 2, ipv6: 10 },
  ether_type: { ip: 0x0800, arp: 0x0806, ip6: 0x86dd, vlan: 0x8100 },
  dscp: DSCP,
};

/** icmpx codes of `reject`. */
export const ICMPX_CODES: Readonly<Record<string, number>> = {
  "no-route": 0,
  "port-unreachable": 1,
  "host-unreachable": 2,
  "admin-prohibited": 3,
};

/** Types whose values are sets of bits: a name means "this bit among others". */
export const BITMASKS: ReadonlySet<NftType> = new Set(["ct_state", "ct_status", "tcp_flag"]);

/** The name of a number; undefined when it has none. The first name that fits, but icmpv6 as nft prints it. */
export function symbolOf(type: NftType, value: number): string | undefined {
  const table = SYMBOLS[type];
  if (table === undefined) return undefined;
  return Object.keys(table).find((name) => table[name] === value);
}

/** `nft describe`: header fields with their types. */
export const FIELD_TYPES: Readonly<Record<string, NftType>> = {
  "ether saddr": "ether_addr",
  "ether daddr": "ether_addr",
  "ether type": "ether_type",
  "ip saddr": "ipv4_addr",
  "ip daddr": "ipv4_addr",
  "ip protocol": "inet_proto",
  "ip dscp": "dscp",
  "ip6 saddr": "ipv6_addr",
  "ip6 daddr": "ipv6_addr",
  "ip6 nexthdr": "inet_proto",
  "ip6 dscp": "dscp",
  "tcp sport": "inet_service",
  "tcp dport": "inet_service",
  "tcp flags": "tcp_flag",
  "udp sport": "inet_service",
  "udp dport": "inet_service",
  "th sport": "inet_service",
  "th dport": "inet_service",
  "sctp sport": "inet_service",
  "sctp dport": "inet_service",
  "icmp type": "icmp_type",
  "icmp code": "icmp_code",
  "icmpv6 type": "icmpv6_type",
  "icmpv6 code": "icmpv6_code",
};

/** Fields of the headers, beyond those with a type of their own. */
export const NUMBER_FIELDS: Readonly<Record<string, readonly string[]>> = {
  ip: ["version", "hdrlength", "ecn", "length", "id", "frag-off", "ttl", "checksum"],
  ip6: ["length", "hoplimit"],
  tcp: ["sequence", "ackseq", "doff", "window", "checksum", "urgptr"],
  udp: ["length", "checksum"],
  icmp: ["id", "sequence", "mtu", "checksum"],
  icmpv6: ["id", "sequence", "mtu", "checksum"],
  th: [],
  ether: [],
  sctp: ["vtag", "checksum"],
};

export const META_TYPES: Readonly<Record<string, NftType>> = {
  mark: "mark",
  l4proto: "inet_proto",
  nfproto: "nf_proto",
  protocol: "ether_type",
  iif: "iface_index",
  oif: "iface_index",
  iifname: "ifname",
  oifname: "ifname",
  ibrname: "ifname",
  obrname: "ifname",
  length: "integer",
  skuid: "integer",
  skgid: "integer",
  pkttype: "pkt_type",
  priority: "integer",
};

/** Meta keys that may stand without the word `meta`. */
export const BARE_META: ReadonlySet<string> = new Set([
  "mark",
  "iif",
  "oif",
  "iifname",
  "oifname",
  "skuid",
  "skgid",
  "pkttype",
]);

/** Priorities by name. */
export const PRIORITIES: Readonly<Record<string, number>> = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
};
