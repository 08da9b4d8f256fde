import {
  TCP_ACK,
  TCP_RST,
  TCP_SYN,
  TCP_FIN,
  tcpDestPort,
  tcpSourcePort,
  writeTcpHeader,
} from "../../wire/tcp.ts";
import { KERNEL_SOCKET, type Skb } from "../skb.ts";
import type { TcpNetwork } from "./network.ts";
import type { Segment } from "./segment.ts";
import { advance } from "./sequence.ts";
import type { TcpTable } from "./table.ts";

/**
 * Answers a segment that no connection wants (RFC 9293, section 3.5.2): one that acknowledges something gets a reset with
 * that number, any other a reset that acknowledges it. Models: tcp_v4_send_reset.
 */
export function resetSegment(table: TcpTable, network: TcpNetwork, about: Skb, segment: Segment): void {
  if (segment.has(TCP_RST) || !network.isUnicast(about)) return;
  const src = network.destination(about);
  const dst = network.source(about);
  const sport = tcpDestPort(about.buf, about.data);
  const dport = tcpSourcePort(about.buf, about.data);
  const route = network.route({ dst, src, device: undefined, mark: 0, tos: 0, sport, dport });
  if (typeof route === "string") return;
  const { kernel } = table.ns;
  const skb = kernel.alloc(table.ns, 20, "tcp");
  skb.end = skb.data + 20;
  const acks = segment.has(TCP_ACK);
  const length = segment.length + (segment.has(TCP_SYN) ? 1 : 0) + (segment.has(TCP_FIN) ? 1 : 0);
  const sequence = acks ? segment.ack : 0;
  const ack = acks ? 0 : advance(segment.sequence, length);
  const flags = acks ? TCP_RST : TCP_RST | TCP_ACK;
  writeTcpHeader(skb.buf, skb.data, sport, dport, sequence, ack, flags, 0);
  skb.socket = KERNEL_SOCKET;
  route.send(skb, { ttl: undefined, tos: 0, dontFragment: true });
}
