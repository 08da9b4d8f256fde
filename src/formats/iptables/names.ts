import type { AddrTypeName, CtStateName, RejectWith, XtFamily } from "../../kernel/uapi/xtables.ts";

/** The names that iptables-extensions(8) has for numbers, in the order in which the tool looks them up. */

interface IcmpName {
  readonly name: string;
  readonly type: number;
  /** Absent: every code. */
  readonly code?: number;
}

function icmpTable(text: string): readonly IcmpName[] {
  return text
    .trim()
    .split(/\s+/)
    .map((entry) => {
      const [name = "", type, code] = entry.split("/");
      return { name, type: Number(type), ...(code !== undefined && { code: Number(code) }) };
    });
}

const ICMP = icmpTable(`
any/255 echo-reply/0 pong/0 destination-unreachable/3 network-unreachable/3/0 host-unreachable/3/1
protocol-unreachable/3/2 port-unreachable/3/3 fragmentation-needed/3/4 source-route-failed/3/5 network-unknown/3/6
host-unknown/3/7 network-prohibited/3/9 host-prohibited/3/10 TOS-network-unreachable/3/11 TOS-host-unreachable/3/12
communication-prohibited/3/13 host-precedence-violation/3/14 precedence-cutoff/3/15 source-quench/4 redirect/5
network-redirect/5/0 host-redirect/5/1 TOS-network-redirect/5/2 TOS-host-redirect/5/3 echo-request/8 ping/8
router-advertisement/9 router-solicitation/10 time-exceeded/11 ttl-exceeded/11 ttl-zero-during-transit/11/0
ttl-zero-during-reassembly/11/1 parameter-problem/12 ip-header-bad/12/0 required-option-missing/12/1
timestamp-request/13 timestamp-reply/14 address-mask-request/17 address-mask-reply/18`);

const ICMP6 = icmpTable(`
destination-unreachable/1 no-route/1/0 communication-prohibited/1/1 beyond-scope/1/2 address-unreachable/1/3
port-unreachable/1/4 failed-policy/1/5 reject-route/1/6 packet-too-big/2 time-exceeded/3 ttl-exceeded/3
ttl-zero-during-transit/3/0 ttl-zero-during-reassembly/3/1 parameter-problem/4 bad-header/4/0
unknown-header-type/4/1 unknown-option/4/2 echo-request/128 ping/128 echo-reply/129 pong/129
router-solicitation/133 router-advertisement/134 neighbour-solicitation/135 neighbor-solicitation/135
neighbour-advertisement/136 neighbor-advertisement/136 redirect/137`);

export function icmpNames(kind: "icmp" | "icmp6"): readonly IcmpName[] {
  return kind === "icmp" ? ICMP : ICMP6;
}

/** The flags of a TCP header, lowest bit first. */
export const TCP_FLAGS: readonly string[] = ["FIN", "SYN", "RST", "PSH", "ACK", "URG"];

/** In the order in which `--ctstate` is printed. */
export const CT_STATES: readonly CtStateName[] = [
  "INVALID",
  "NEW",
  "RELATED",
  "ESTABLISHED",
  "UNTRACKED",
  "SNAT",
  "DNAT",
];

export type CtStatusName = "NONE" | "EXPECTED" | "SEEN_REPLY" | "ASSURED" | "CONFIRMED";

export const CT_STATUSES: readonly CtStatusName[] = [
  "NONE",
  "EXPECTED",
  "SEEN_REPLY",
  "ASSURED",
  "CONFIRMED",
];

export const ADDRESS_TYPES: readonly AddrTypeName[] = [
  "UNSPEC",
  "UNICAST",
  "LOCAL",
  "BROADCAST",
  "ANYCAST",
  "MULTICAST",
  "BLACKHOLE",
  "UNREACHABLE",
  "PROHIBIT",
  "THROW",
  "NAT",
  "XRESOLVE",
];

/** `--reject-with`: the name and its short form. */
export const REJECTS: Readonly<Record<XtFamily, readonly (readonly [RejectWith, string])[]>> = {
  ip: [
    ["icmp-net-unreachable", "net-unreach"],
    ["icmp-host-unreachable", "host-unreach"],
    ["icmp-proto-unreachable", "proto-unreach"],
    ["icmp-port-unreachable", "port-unreach"],
    ["icmp-net-prohibited", "net-prohib"],
    ["icmp-host-prohibited", "host-prohib"],
    ["tcp-reset", "tcp-rst"],
    ["icmp-admin-prohibited", "admin-prohib"],
  ],
  ip6: [
    ["icmp6-no-route", "no-route"],
    ["icmp6-adm-prohibited", "adm-prohibited"],
    ["icmp6-addr-unreachable", "addr-unreach"],
    ["icmp6-port-unreachable", "port-unreach"],
    ["tcp-reset", "tcp-reset"],
    ["icmp6-policy-fail", "policy-fail"],
    ["icmp6-reject-route", "reject-route"],
  ],
};

/** Syslog levels by number, as LOG lists them; `--log-level` also takes the second table's names. */
export const LOG_LEVELS: readonly string[] = [
  "emerg",
  "alert",
  "crit",
  "err",
  "warn",
  "notice",
  "info",
  "debug",
];
export const LOG_LEVEL_NAMES: Readonly<Record<string, number>> = {
  emerg: 0,
  panic: 0,
  alert: 1,
  crit: 2,
  err: 3,
  error: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
};

/** LOG's flags and their bits. */
export const LOG_FLAGS: readonly (readonly [string, number])[] = [
  ["tcp-sequence", 1],
  ["tcp-options", 2],
  ["ip-options", 4],
  ["uid", 8],
  ["macdecode", 32],
];

/** Values of the TOS field that have names; their mask is 0x3f. */
export const TOS_NAMES: Readonly<Record<string, number>> = {
  "Minimize-Delay": 0x10,
  "Maximize-Throughput": 0x08,
  "Maximize-Reliability": 0x04,
  "Minimize-Cost": 0x02,
  "Normal-Service": 0x00,
};
export const TOS_NAME_MASK = 0x3f;

/** RFC 2474, 2597, 3246: classes of the DSCP field. */
export const DSCP_CLASSES: Readonly<Record<string, number>> = {
  CS0: 0x00,
  CS1: 0x08,
  CS2: 0x10,
  CS3: 0x18,
  CS4: 0x20,
  CS5: 0x28,
  CS6: 0x30,
  CS7: 0x38,
  BE: 0x00,
  AF11: 0x0a,
  AF12: 0x0c,
  AF13: 0x0e,
  AF21: 0x12,
  AF22: 0x14,
  AF23: 0x16,
  AF31: 0x1a,
  AF32: 0x1c,
  AF33: 0x1e,
  AF41: 0x22,
  AF42: 0x24,
  AF43: 0x26,
  EF: 0x2e,
};

/** Extensions of iptables 1.8.9 that are not modelled, so that they are refused by name and not as unknown. */
export const OTHER_MATCHES: readonly string[] = (
  "ah bpf cgroup cluster connbytes connlabel cpu dccp devgroup dst ecn esp eui64 frag hbh helper ipcomp ipv6header ipvs " +
  "mh nfacct osf quota rateest realm rt sctp string srh tcpmss time u32 unclean"
).split(" ");
export const OTHER_TARGETS: readonly string[] = (
  "AUDIT CLUSTERIP CONNSECMARK DNPT ECN HMARK IDLETIMER LED MIRROR NFQUEUE QUEUE RATEEST SAME SECMARK SNPT SYNPROXY TCPOPTSTRIP " +
  "TEE TPROXY ULOG"
).split(" ");
