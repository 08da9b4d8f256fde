import {
  ICMPV6_DEST_UNREACH,
  ICMPV6_PARAMPROB,
  ICMPV6_PKT_TOOBIG,
  ICMPV6_TIME_EXCEED,
} from "../../wire/icmpv6.ts";

/** What ping says of an ICMPv6 error. Models: iputils ping/ping6_common.c print_icmp. */

const UNREACHABLE: readonly string[] = [
  "No route",
  "Administratively prohibited",
  "Beyond scope of source address",
  "Address unreachable",
  "Port unreachable",
];
const EXCEEDED: readonly string[] = ["Hop limit", "Defragmentation failure"];
const PROBLEM: readonly string[] = ["Wrong header field ", "Unknown header ", "Unknown option "];

/** `info` is the MTU or the pointer of a parameter problem. */
export function icmpv6ErrorText(type: number, code: number, info: number): string {
  switch (type) {
    case ICMPV6_DEST_UNREACH:
      return `Destination unreachable: ${UNREACHABLE[code] ?? `Unknown code ${code}`}`;
    case ICMPV6_PKT_TOOBIG:
      return `Packet too big: mtu=${info}${code === 0 ? "" : `, code=${code}`}`;
    case ICMPV6_TIME_EXCEED:
      return `Time exceeded: ${EXCEEDED[code] ?? `code ${code}`}`;
    case ICMPV6_PARAMPROB:
      return `Parameter problem: ${PROBLEM[code] ?? `code ${code} `}at ${info}`;
    default:
      return `unknown icmp type: ${type}`;
  }
}
