import {
  TCP_ACK,
  TCP_FIN,
  TCP_RST,
  TCP_SYN,
  tcpAck,
  tcpDestPort,
  tcpFlags,
  tcpHeaderLength,
  tcpSequence,
  tcpSourcePort,
  writeTcpHeader,
} from "../../../../wire/tcp.ts";
import type { PacketView } from "../view.ts";

/** The header of the reset that answers a segment; its checksum is the caller's. Models: nf_reject_ip_tcphdr_put. */
export function writeReset(v: PacketView, buf: Uint8Array, at: number): void {
  const { b, l4 } = v;
  const flags = tcpFlags(b, l4);
  const sport = tcpDestPort(b, l4);
  const dport = tcpSourcePort(b, l4);
  if ((flags & TCP_ACK) !== 0) {
    writeTcpHeader(buf, at, sport, dport, tcpAck(b, l4), 0, TCP_RST, 0);
    return;
  }
  const data = v.end - l4 - tcpHeaderLength(b, l4);
  const syn = (flags & TCP_SYN) !== 0 ? 1 : 0;
  const fin = (flags & TCP_FIN) !== 0 ? 1 : 0;
  const ack = (tcpSequence(b, l4) + syn + fin + data) >>> 0;
  writeTcpHeader(buf, at, sport, dport, 0, ack, TCP_RST | TCP_ACK, 0);
}
