import {
  ICMPV6_DEST_UNREACH,
  ICMPV6_PARAMPROB,
  ICMPV6_PKT_TOOBIG,
  ICMPV6_TIME_EXCEED,
} from "../../wire/icmpv6.ts";
import { IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from "../../wire/ipv4.ts";
import { IPPROTO_FRAGMENT, ipv6ExtensionLength, isIpv6Extension } from "../../wire/ipv6.ts";
import { UDP_HEADER, udpDestPort, udpSourcePort } from "../../wire/udp.ts";
import { ANY6 } from "../ipv6/intern.ts";
import type { Netns } from "../netns.ts";
import { tcpIcmpError } from "../tcp/receive.ts";
import type { Skb } from "../skb.ts";
import type { Errno, SocketError } from "../uapi/index.ts";
import type { Ipv6 } from "../../wire/address6.ts";

/** errno of "destination unreachable" by code, and whether it ends a connection. Models: tab_unreach. */
const UNREACHABLE: readonly (readonly [Errno, boolean])[] = [
  ["ENETUNREACH", false],
  ["EACCES", true],
  ["EHOSTUNREACH", false],
  ["EHOSTUNREACH", false],
  ["ECONNREFUSED", true],
  ["EACCES", true],
  ["EACCES", true],
];

/** Models: icmpv6_err_convert. */
function errnoOf(type: number, code: number): readonly [Errno, boolean] {
  switch (type) {
    case ICMPV6_DEST_UNREACH:
      return UNREACHABLE[code] ?? ["EPROTO", true];
    case ICMPV6_PKT_TOOBIG:
      return ["EMSGSIZE", false];
    case ICMPV6_PARAMPROB:
      return ["EPROTO", true];
    case ICMPV6_TIME_EXCEED:
      return ["EHOSTUNREACH", false];
    default:
      return ["EPROTO", false];
  }
}

/**
 * Tells the socket whose packet is quoted at `quote` about an ICMPv6 error. True when a socket was found.
 * Models: icmpv6_notify, __udp6_lib_err, rawv6_err.
 */
export function reportIcmpError6(
  ns: Netns,
  skb: Skb,
  quote: number,
  type: number,
  code: number,
  info: number,
): boolean {
  const { buf } = skb;
  const { book, sockets } = ns.ip6;
  const src = book.read(buf, quote + 8);
  const dst = book.read(buf, quote + 24);
  let protocol = buf[quote + 6]!;
  let at = quote + 40;
  while (isIpv6Extension(protocol) && at + 8 <= skb.end) {
    const kind = protocol;
    protocol = buf[at]!;
    if (kind === IPPROTO_FRAGMENT && (((buf[at + 2]! << 8) | buf[at + 3]!) & 0xfff8) !== 0) return false;
    at += ipv6ExtensionLength(buf, at, kind);
  }
  const [errno, hard] = errnoOf(type, code);
  const report = (port: number, payload: number): SocketError<Ipv6> => ({
    errno,
    origin: "icmp",
    type,
    code,
    info,
    offender: book.groups(book.read(buf, skb.net + 8)),
    to: { address: book.groups(dst), port },
    bytes: buf.slice(Math.min(payload, skb.end), skb.end),
    time: ns.kernel.queue.now,
  });
  if (protocol === IPPROTO_UDP && skb.end - at >= UDP_HEADER) {
    const port = udpDestPort(buf, at);
    const socket = sockets.findUdp(dst, port, src, udpSourcePort(buf, at), (skb.iif ?? skb.dev)?.index ?? 0);
    if (socket === undefined) return false;
    socket.fail(report(port, at + UDP_HEADER), hard && socket.peer !== undefined);
    return true;
  }
  if (protocol === IPPROTO_TCP && skb.end - at >= 8) {
    const mtu = type === ICMPV6_PKT_TOOBIG ? info : undefined;
    const quoted = { buf, at, src: book.groups(src), dst: book.groups(dst) };
    return tcpIcmpError(ns.sockets.tcp, quoted, { errno, mtu });
  }
  if (protocol !== IPPROTO_ICMPV6) return false;
  let found = false;
  for (const socket of sockets.raw) {
    if (socket.source !== ANY6 && socket.source !== src) continue;
    if (socket.peer !== undefined && socket.peer.address !== dst) continue;
    found = true;
    socket.fail(report(0, at), hard && socket.peer !== undefined);
  }
  return found;
}
