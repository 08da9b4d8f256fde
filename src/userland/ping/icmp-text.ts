import { formatIpv4, type Ipv4 } from "../../wire/address.ts";
import {
  ICMP_DEST_UNREACH,
  ICMP_FRAG_NEEDED,
  ICMP_PARAMETERPROB,
  ICMP_REDIRECT,
  ICMP_TIME_EXCEEDED,
} from "../../wire/icmp.ts";

/** What ping says of an ICMP error. Models: iputils ping/ping.c pr_icmph. */

const UNREACHABLE: readonly string[] = [
  "Destination Net Unreachable",
  "Destination Host Unreachable",
  "Destination Protocol Unreachable",
  "Destination Port Unreachable",
  "",
  "Source Route Failed",
  "Destination Net Unknown",
  "Destination Host Unknown",
  "Source Host Isolated",
  "Destination Net Prohibited",
  "Destination Host Prohibited",
  "Destination Net Unreachable for Type of Service",
  "Destination Host Unreachable for Type of Service",
  "Packet filtered",
  "Precedence Violation",
  "Precedence Cutoff",
];

const REDIRECT: readonly string[] = [
  "Redirect Network",
  "Redirect Host",
  "Redirect Type of Service and Network",
  "Redirect Type of Service and Host",
];

const TIME_EXCEEDED: readonly string[] = ["Time to live exceeded", "Frag reassembly time exceeded"];

const SOURCE_QUENCH = 4;

/** `info` is the MTU, the gateway of a redirect or the pointer of a parameter problem. */
export function icmpErrorText(type: number, code: number, info: number): string {
  switch (type) {
    case ICMP_DEST_UNREACH:
      if (code === ICMP_FRAG_NEEDED) return `Frag needed and DF set (mtu = ${info})`;
      return UNREACHABLE[code] ?? `Dest Unreachable, Bad Code: ${code}`;
    case SOURCE_QUENCH:
      return "Source Quench";
    case ICMP_REDIRECT:
      return `${REDIRECT[code] ?? `Redirect, Bad Code: ${code}`}(New nexthop: ${formatIpv4(info as Ipv4)})`;
    case ICMP_TIME_EXCEEDED:
      return TIME_EXCEEDED[code] ?? `Time exceeded, Bad Code: ${code}`;
    case ICMP_PARAMETERPROB:
      return `Parameter problem: pointer = ${info}`;
    default:
      return `Bad ICMP type: ${type}`;
  }
}
