import { getU16 } from "../base/bytes.ts";
import { formatIpv4 } from "./address.ts";
import {
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_HEADER,
  ipProtocolName,
  ipv4Dest,
  ipv4HeaderLength,
  ipv4Protocol,
} from "./ipv4.ts";

/** What tcpdump says of "destination unreachable" (RFC 792; RFC 1122, section 3.2.2.1; RFC 1812, section 5.2.7.1). */

/** Words before and after the quoted destination, by code; code 2, 3 and 4 also name something of the quoted packet. */
const WORDS: readonly (readonly [before: string, after: string])[] = [
  ["net ", ""],
  ["host ", ""],
  ["", ""],
  ["", ""],
  ["", " - need to frag"],
  ["", " - source route failed"],
  ["net ", " - unknown"],
  ["host ", " - unknown"],
  ["", " - source host isolated"],
  ["net ", " - admin prohibited"],
  ["host ", " - admin prohibited"],
  ["net ", " - tos prohibited"],
  ["host ", " - tos prohibited"],
  ["host ", " - admin prohibited filter"],
  ["host ", " - host precedence violation"],
  ["host ", " - precedence cutoff"],
];

/** The transport named as tcpdump does: `udp port 53`, `tcp port 80`, `protocol 132 port 9`. */
function portText(quote: Uint8Array): string {
  const protocol = ipv4Protocol(quote, 0);
  const at = ipv4HeaderLength(quote, 0) + 2;
  if (at + 2 > quote.length) return "port";
  const known = protocol === IPPROTO_TCP || protocol === IPPROTO_UDP;
  return `${known ? ipProtocolName(protocol).toLowerCase() : `protocol ${protocol}`} port ${getU16(quote, at)}`;
}

/** `host 10.0.0.9 unreachable`, `10.0.0.2 udp port 9 unreachable`, `10.0.0.2 unreachable - need to frag (mtu 1450)`. */
export function icmpUnreachableText(code: number, mtu: number, quote: Uint8Array): string {
  if (quote.length < IPV4_HEADER) return `unreachable-#${code}`;
  const to = formatIpv4(ipv4Dest(quote, 0));
  const words = WORDS[code];
  if (words === undefined) return `${to} unreachable-#${code}`;
  if (code === 2) return `${to} protocol ${ipv4Protocol(quote, 0)} unreachable`;
  if (code === 3) return `${to} ${portText(quote)} unreachable`;
  const room = code === 4 && mtu !== 0 ? ` (mtu ${mtu})` : "";
  return `${words[0]}${to} unreachable${words[1]}${room}`;
}
