import { getU16, setU16 } from "../../../base/bytes.ts";
import { internetChecksum } from "../../../wire/checksum.ts";
import {
  IPPROTO_TCP,
  IPPROTO_UDP,
  ipv4Dest,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
} from "../../../wire/ipv4.ts";
import { ipOutput } from "../../ipv4/output.ts";
import { routeOutput } from "../../ipv4/route.ts";
import { nfHook } from "../../hooks.ts";
import type { Skb } from "../../skb.ts";
import { type HookState, NF_ACCEPT, NF_DROP, NF_IP, NF_STOLEN, type NfVerdict } from "../hooks.ts";
import { manipulate } from "../nat/manip.ts";
import { type Manip, MANIP_DST, MANIP_SRC } from "../nat/range.ts";
import type { Connection } from "./connection.ts";
import { follow } from "./hooks.ts";

/** The packet that an ICMP error quotes, turned round: from the one it was sent to, to its sender. */
function quoted(
  skb: Skb,
): { net: number; l4: number; protocol: number; src: number; dst: number } | undefined {
  const icmp = skb.net + ipv4HeaderLength(skb.buf, skb.net);
  const type = skb.buf[icmp];
  if (type !== 3 && type !== 4 && type !== 11) return undefined;
  const net = icmp + 8;
  if (skb.end - net < 28) return undefined;
  const protocol = ipv4Protocol(skb.buf, net);
  if (protocol !== IPPROTO_TCP && protocol !== IPPROTO_UDP) return undefined;
  const l4 = net + ipv4HeaderLength(skb.buf, net);
  return { net, l4, protocol, src: getU16(skb.buf, l4), dst: getU16(skb.buf, l4 + 2) };
}

function rewrite(
  state: HookState,
  skb: Skb,
  inner: number,
  to: { readonly address: number; readonly port: number },
  manip: Manip,
): void {
  const { ns } = state;
  const icmp = inner - 8;
  manipulate(ns, skb, NF_IP, { net: inner, inner: true }, to, manip === MANIP_SRC ? MANIP_DST : MANIP_SRC);
  manipulate(ns, skb, NF_IP, { net: skb.net, inner: false }, { address: to.address, port: 0 }, manip);
  setU16(skb.buf, icmp + 2, 0);
  setU16(skb.buf, icmp + 2, internetChecksum(skb.buf, icmp, skb.end));
}

/** An error from the client's side about an answer: goes on to the real server. Models: ip_vs_in_icmp. */
export function icmpIn(state: HookState, skb: Skb): NfVerdict {
  const { ns } = state;
  const q = quoted(skb);
  if (q === undefined) return NF_ACCEPT;
  const server = { address: ipv4Source(skb.buf, q.net), port: q.src };
  const client = { address: ipv4Dest(skb.buf, q.net), port: q.dst };
  const c: Connection | undefined = ns.netfilter.ipvs.fromClient(q.protocol, client, server);
  if (c === undefined || c.destination.forward !== "masq") return NF_ACCEPT;
  const route = routeOutput(ns, { dst: c.real });
  if (typeof route === "string") return NF_DROP;
  rewrite(state, skb, q.net, { address: c.real, port: c.realPort }, MANIP_DST);
  skb.ipvs = true;
  follow(ns, skb, c, false);
  if (route.type === "local") return NF_ACCEPT;
  skb.hop = route.hop;
  skb.nexthop = route.nexthop;
  skb.mtu = route.mtu;
  skb.dev = null;
  if (nfHook(ns, "OUTPUT", skb, null, route.dev)) ipOutput(ns, route.dev, skb);
  return NF_STOLEN;
}

/** An error from the real server's side about a request: the client must recognise what it quotes. Models: ip_vs_out_icmp. */
export function icmpOut(state: HookState, skb: Skb): NfVerdict {
  const { ns } = state;
  const q = quoted(skb);
  if (q === undefined) return NF_ACCEPT;
  const client = { address: ipv4Source(skb.buf, q.net), port: q.src };
  const server = { address: ipv4Dest(skb.buf, q.net), port: q.dst };
  const c = ns.netfilter.ipvs.fromServer(q.protocol, server, client);
  if (c === undefined || c.destination.forward !== "masq") return NF_ACCEPT;
  rewrite(state, skb, q.net, { address: c.virtual, port: c.virtualPort }, MANIP_SRC);
  skb.ipvs = true;
  follow(ns, skb, c, true);
  return NF_ACCEPT;
}
