import {
  IPPROTO_ICMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  ipv4Dest,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
  ipv4Ttl,
} from "../../wire/ipv4.ts";
import { UDP_HEADER, udpDestPort, udpSourcePort } from "../../wire/udp.ts";
import { tcpIcmpError } from "../tcp/receive.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { Errno, SocketError } from "../uapi/index.ts";

/** errno of ICMP "destination unreachable" by code, and whether it ends a connection. Models: icmp_err_convert. */
const UNREACHABLE: readonly (readonly [Errno, boolean])[] = [
  ["ENETUNREACH", false],
  ["EHOSTUNREACH", false],
  ["ENOPROTOOPT", true],
  ["ECONNREFUSED", true],
  ["EMSGSIZE", false],
  ["EOPNOTSUPP", false],
  ["ENETUNREACH", true],
  ["EHOSTDOWN", true],
  ["ENETUNREACH", true],
  ["ENETUNREACH", true],
  ["EHOSTUNREACH", true],
  ["ENETUNREACH", false],
  ["EHOSTUNREACH", false],
  ["EHOSTUNREACH", true],
  ["EHOSTUNREACH", true],
  ["EHOSTUNREACH", true],
];

function errnoOf(type: number, code: number): readonly [Errno, boolean] {
  if (type === 3) return UNREACHABLE[code] ?? ["EHOSTUNREACH", true];
  if (type === 12) return ["EPROTO", true];
  return ["EHOSTUNREACH", false];
}

/**
 * Tells the socket whose packet is quoted at `quote` about an ICMP error. True when a socket was found.
 * Models: icmp_socket_deliver, __udp4_lib_err, raw_icmp_error.
 */
export function reportIcmpError(
  ns: Netns,
  skb: Skb,
  quote: number,
  type: number,
  code: number,
  info: number,
): boolean {
  const { buf } = skb;
  const protocol = ipv4Protocol(buf, quote);
  const src = ipv4Source(buf, quote);
  const dst = ipv4Dest(buf, quote);
  const transport = quote + ipv4HeaderLength(buf, quote);
  const [errno, fatal] = errnoOf(type, code);
  const hard = (fatal || (type === 3 && code === 4)) && type !== 11;
  const report = (port: number, payload: number): SocketError => ({
    errno,
    origin: "icmp",
    type,
    code,
    info,
    offender: ipv4Source(buf, skb.net),
    ttl: ipv4Ttl(buf, skb.net),
    to: { address: dst, port },
    bytes: buf.slice(Math.min(payload, skb.end), skb.end),
    time: ns.kernel.queue.now,
  });
  if (protocol === IPPROTO_UDP && skb.end - transport >= UDP_HEADER) {
    const port = udpDestPort(buf, transport);
    const socket = ns.sockets.findUdp(dst, port, src, udpSourcePort(buf, transport), skb.dev?.index ?? 0);
    if (socket === undefined) return false;
    socket.fail(report(port, transport + UDP_HEADER), hard && socket.peer !== undefined);
    return true;
  }
  if (protocol === IPPROTO_TCP && skb.end - transport >= 8) {
    const { tcp } = ns.sockets;
    const mtu = type === 3 && code === 4 ? info : undefined;
    return tcpIcmpError(
      tcp,
      { buf, at: transport, src, dst },
      { errno, mtu, noRoute: type === 3 && code <= 1 },
    );
  }
  if (protocol !== IPPROTO_ICMP) return false;
  let found = false;
  for (const socket of ns.sockets.raw) {
    if (socket.source.address !== 0 && socket.source.address !== src) continue;
    if (socket.peer !== undefined && socket.peer.address !== dst) continue;
    found = true;
    socket.fail(report(0, transport), hard && socket.peer !== undefined);
  }
  return found;
}
