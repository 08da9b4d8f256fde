import { IPPROTO_TCP } from "../../wire/ipv4.ts";
import { TCP_HEADER, tcpDestPort, tcpFault, tcpSourcePort } from "../../wire/tcp.ts";
import type { NetDevice } from "../device/device.ts";
import type { Skb } from "../skb.ts";
import type { Errno } from "../uapi/index.ts";
import { inTimeWait, segmentArrives, type Verdict } from "./input.ts";
import type { TcpNetwork } from "./network.ts";
import { isOutstanding, pushPending, syncMss } from "./output.ts";
import { resetSegment } from "./reset.ts";
import { Segment } from "./segment.ts";
import { getU16, getU32 } from "../../base/bytes.ts";
import type { IpAddress } from "../../wire/ip-address.ts";
import type { TcpSocket } from "./socket.ts";
import type { TcpTable } from "./table.ts";

const segment = new Segment();

/**
 * A segment for this host; `skb.data` is at its header. Models: tcp_v4_rcv.
 *
 *   connection? ─ input.ts ── half-open? ─ Listener.requestSegment ── listener? ─ Listener.segmentArrives ── none: reset
 */
export function tcpReceive(network: TcpNetwork, dev: NetDevice, skb: Skb): void {
  const { ns } = dev;
  const { kernel } = ns;
  const table = ns.sockets.tcp;
  if (skb.length < TCP_HEADER || tcpFault(skb.buf, skb.data, skb.end) !== undefined) {
    kernel.drop(ns, dev, skb, "PKT_TOO_SMALL", "tcp_v4_rcv");
    return;
  }
  if (!network.checksumOk(skb)) {
    kernel.drop(ns, dev, skb, "TCP_CSUM", "tcp_v4_rcv");
    return;
  }
  segment.read(skb);
  const before = kernel.current;
  kernel.current = skb.id;
  const verdict = dispatch(table, network, dev, skb);
  kernel.current = before;
  if (verdict === null) kernel.pool.release(skb);
  else kernel.drop(ns, dev, skb, verdict, "tcp_v4_rcv");
}

function dispatch(table: TcpTable, network: TcpNetwork, dev: NetDevice, skb: Skb): Verdict {
  const { buf, data } = skb;
  const local = network.destination(skb);
  const remote = network.source(skb);
  const port = tcpDestPort(buf, data);
  const remotePort = tcpSourcePort(buf, data);
  const { trace } = table.ns.kernel;
  const s = table.find(local, port, remote, remotePort);
  if (s !== undefined) {
    trace?.deliver(table.ns.id, skb.id, IPPROTO_TCP, port, s.owner);
    if (s.state !== "TIME-WAIT") return segmentArrives(s, segment, skb);
    const verdict = inTimeWait(s, segment);
    if (verdict !== "new") return verdict;
  }
  const request = table.findRequest(local, port, remote, remotePort);
  const hash = (port * 31 + remotePort * 7 + (typeof remote === "number" ? remote : remote[7]!)) >>> 0;
  const listener =
    request === undefined
      ? table.findListener(network, local, port, (skb.iif ?? dev).index, hash)
      : undefined;
  if (request !== undefined) {
    trace?.deliver(table.ns.id, skb.id, IPPROTO_TCP, port, "listener");
    return request.listener.requestSegment(request, segment, skb);
  }
  if (listener?.listener == null) {
    resetSegment(table, network, skb, segment);
    return "NO_SOCKET";
  }
  trace?.deliver(table.ns.id, skb.id, IPPROTO_TCP, port, listener.owner);
  return listener.listener.segmentArrives(network, segment, skb);
}

/** What an ICMP error says about the segment that it quotes. */
export interface TcpIcmpError {
  readonly errno: Errno;
  /** The network layer's "packet too big", with the MTU that fits; undefined for other errors. */
  readonly mtu: number | undefined;
  /** A router has no way onwards at present: that is no congestion. */
  readonly noRoute?: boolean;
}

/**
 * ICMP says that a segment of ours did not arrive; its header's first 8 bytes are quoted at `quote`. True when it was
 * about a socket. Models: tcp_v4_err.
 */
export function tcpIcmpError(
  table: TcpTable,
  quote: { readonly buf: Uint8Array; readonly at: number; readonly src: IpAddress; readonly dst: IpAddress },
  error: TcpIcmpError,
): boolean {
  const { buf, at } = quote;
  const sport = getU16(buf, at);
  const dport = getU16(buf, at + 2);
  const sequence = getU32(buf, at + 4);
  const s = table.find(quote.src, sport, quote.dst, dport);
  if (s === undefined) {
    const request = table.findRequest(quote.src, sport, quote.dst, dport);
    if (request === undefined || sequence !== request.iss) return false;
    if (error.mtu === undefined) request.listener.dropRequest(request);
    return true;
  }
  if (s.state === "TIME-WAIT" || !isOutstanding(s, sequence)) return s.state !== "TIME-WAIT";
  if (error.mtu !== undefined) {
    pathShrank(s, error.mtu);
    return true;
  }
  if (s.state === "SYN-SENT" || s.state === "SYN-RECEIVED") s.finish(error.errno);
  else {
    s.softError = error.errno;
    if (error.noRoute === true && sequence === s.una) s.timers.takeBackoffBack();
  }
  return true;
}

/** The path takes less than was thought: what was longer is sent again in smaller pieces. Models: tcp_v4_mtu_reduced. */
function pathShrank(s: TcpSocket, mtu: number): void {
  const route = s.route();
  if (typeof route === "string" || s.options.mtuDiscover === "dont") return;
  const learnt = Math.max(mtu, s.network.leastMtu);
  if (learnt >= s.pathMtu) return;
  const before = s.peerMss;
  s.peerMss = Math.min(before, learnt - s.network.headerLength - TCP_HEADER);
  syncMss(s, route);
  s.peerMss = before;
  s.pathMtu = learnt;
  if (s.queue.markLongerLost(s.mss)) s.ns.kernel.queue.after(0 as typeof s.now, () => pushPending(s, "tcp"));
}
