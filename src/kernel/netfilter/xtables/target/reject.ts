import type { Ipv4 } from "../../../../wire/address.ts";
import { IPPROTO_TCP } from "../../../../wire/ipv4.ts";
import { setTcpChecksum, TCP_HEADER, TCP_RST, tcpFlags } from "../../../../wire/tcp.ts";
import { icmpSend } from "../../../ipv4/icmp-send.ts";
import { ipLocalOut, pushHeader } from "../../../ipv4/output.ts";
import { routeOutput, traceOutput } from "../../../ipv4/route.ts";
import type { RejectWith } from "../../../uapi/index.ts";
import { NF_DROP, type NfVerdict } from "../../hooks.ts";
import { attachFlow } from "../../attach.ts";
import { sendReset6, sendUnreach6 } from "../ipv6.ts";
import type { PacketView } from "../view.ts";
import { sendThroughPort, writeReset } from "./reset.ts";

/** REJECT: the packet is dropped, and its sender told. */

const CODES: Partial<Record<RejectWith, number>> = {
  "icmp-net-unreachable": 0,
  "icmp-host-unreachable": 1,
  "icmp-proto-unreachable": 2,
  "icmp-port-unreachable": 3,
  "icmp-net-prohibited": 9,
  "icmp-host-prohibited": 10,
  "icmp-admin-prohibited": 13,
  "icmp6-no-route": 0,
  "icmp6-adm-prohibited": 1,
  "icmp6-addr-unreachable": 3,
  "icmp6-port-unreachable": 4,
  "icmp6-policy-fail": 5,
  "icmp6-reject-route": 6,
};

/** Models: reject_tg, reject_tg6. */
export function rejecter(how: RejectWith): (v: PacketView) => NfVerdict {
  const code = CODES[how];
  if (code === undefined)
    return (v) => {
      if (v.v6) sendReset6(v);
      else sendReset(v);
      return NF_DROP;
    };
  return (v) => {
    if (v.v6) sendUnreach6(v, code);
    else if (!v.fragment) icmpSend(v.ns, v.skb, 3, code, 0);
    return NF_DROP;
  };
}

/** What a TCP stack without such a socket would answer. Models: nf_send_reset. */
function sendReset(v: PacketView): void {
  const { ns, b, l4, skb: about } = v;
  if (v.fragment || v.protocol !== IPPROTO_TCP || v.end - l4 < TCP_HEADER) return;
  if ((tcpFlags(b, l4) & TCP_RST) !== 0) return;
  if (about.hop?.entry.type === "broadcast") return;
  const to = v.src as Ipv4;
  const from = v.dst as Ipv4;
  const own = ns.localAddresses.has(from) || ns.fib.addressType(from) === "local";
  const route = routeOutput(ns, own ? { dst: to, src: from } : { dst: to });
  if (typeof route === "string") return;
  const skb = ns.kernel.alloc(ns, TCP_HEADER, "tcp");
  skb.end = skb.data + TCP_HEADER;
  writeReset(v, skb.buf, skb.data);
  setTcpChecksum(skb.buf, skb.data, skb.end, from, to);
  attachFlow(skb, about);
  traceOutput(ns, skb, to, route);
  const header = { protocol: IPPROTO_TCP, ttl: ns.ipv4.defaultTtl, tos: 0, dontFragment: true };
  if (about.physIn === null) {
    ipLocalOut(ns, skb, { ...route, source: from }, to, header);
    return;
  }
  pushHeader(ns, skb, from, to, header);
  sendThroughPort(skb, about, about.physIn);
}
