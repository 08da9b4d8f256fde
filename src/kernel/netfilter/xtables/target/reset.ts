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
import { ETHERNET_HEADER, ethDest, ethSource, writeEthernet } from "../../../../wire/ethernet.ts";
import { devQueueXmit } from "../../../device/receive.ts";
import type { NetDevice } from "../../../device/device.ts";
import type { Skb } from "../../../skb.ts";
import type { PacketView } from "../view.ts";

/**
 * A reset for what came in by a port of a bridge: once its route is found it leaves by that very port, past all hooks
 * (no NAT is undone), from the MAC address that the packet was for. Models: nf_send_reset with nf_bridge_get_physindev.
 */
export function sendThroughPort(reset: Skb, about: Skb, port: NetDevice): void {
  const { buf, mac } = about;
  reset.ensureHeadroom(ETHERNET_HEADER);
  reset.push(ETHERNET_HEADER);
  writeEthernet(reset.buf, reset.data, ethSource(buf, mac), ethDest(buf, mac), reset.protocol);
  devQueueXmit(port, reset);
}

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
