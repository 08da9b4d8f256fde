import {
  IPPROTO_ESP,
  ipv4DontFragment,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Tos,
  setIpv4Checksum,
  setIpv4TotalLength,
  IPPROTO_IPIP,
  IPV4_HEADER,
  writeIpv4Header,
} from "../../wire/ipv4.ts";
import { ESP_HEADER, writeEsp } from "../../wire/esp.ts";
import { IPPROTO_UDP } from "../../wire/ipv4.ts";
import { UDP_HEADER, writeUdpHeader } from "../../wire/udp.ts";
import { must } from "../../base/result.ts";
import type { XmitResult } from "../device/device.ts";
import { nfVerdict, refused, whenAccepted } from "../hooks.ts";
import { icmpSend } from "../ipv4/icmp-send.ts";
import { ipOutput } from "../ipv4/output.ts";
import type { OutputRoute } from "../ipv4/route.ts";
import { CT_INVALID } from "../netfilter/conntrack/entry.ts";
import { NF_ACCEPT } from "../netfilter/hooks.ts";
import { KERNEL_SOCKET, type Skb } from "../skb.ts";
import type { XfrmState } from "./state.ts";
import type { Xfrm } from "./xfrm.ts";
import type { XfrmWay } from "./way.ts";

/** Highest sequence number: a state without extended ones ends there. */
const LAST_SEQUENCE = 0xffff_ffff;
const ECN_MASK = 3;
const ECN_CE = 3;
const ECN_ECT0 = 2;

/**
 * Puts a packet into ESP and sends it on: the second time through OUTPUT and POSTROUTING. Models: xfrm_output_resume.
 *
 *   POSTROUTING ─ ESP (header, IV, padding, ICV; a header of its own in tunnel mode) ─ OUTPUT ─ POSTROUTING ─ device
 */
export function protect(xfrm: Xfrm, skb: Skb, way: XfrmWay, forwarded: boolean): XmitResult {
  const { ns, tables } = xfrm;
  const { kernel } = ns;
  const { state } = way;
  const drop = (counter: string, result: XmitResult): XmitResult => {
    tables.count(counter);
    kernel.drop(ns, skb.dev, skb, "XFRM_POLICY", "xfrm_output_one");
    return result;
  };
  if (state === null) throw new Error("bug: a blackhole was not seen");
  const tunnel = state.spec.mode === "tunnel";
  if (tunnel && skb.length > way.mtu && ipv4DontFragment(skb.buf, skb.net)) {
    // A socket hears it from the call itself. Models: xfrm4_tunnel_check_size.
    if (skb.socket === 0 || skb.socket === KERNEL_SOCKET) icmpSend(ns, skb, 3, 4, way.mtu);
    kernel.drop(ns, skb.dev, skb, "PKT_TOO_BIG", "xfrm4_tunnel_check_size");
    return "EMSGSIZE";
  }
  if (state.dead) return drop("OutStateInvalid", "EINVAL");
  if (!tables.mayUse(state)) return drop("OutStateExpired", "EINVAL");
  if (state.oseq === LAST_SEQUENCE) return drop("OutStateSeqError", "EINVAL");
  const outer = must(way.outer, "way of a protected packet");
  const long = !forwarded && skb.length > way.mtu;
  state.oseq++;
  encapsulate(xfrm, skb, state, outer);
  skb.xfrm = null;
  skb.transformed = true;
  skb.ct = null;
  skb.ctInfo = CT_INVALID;
  skb.dev = outer.dev;
  skb.hop = outer.hop;
  skb.nexthop = outer.nexthop;
  // What was made here too long goes in pieces as long as packets of the flow may be, though the way carries longer ones.
  skb.mtu = long ? way.mtu : outer.mtu;
  const verdict = nfVerdict(ns, "OUTPUT", skb, null, outer.dev);
  if (verdict === NF_ACCEPT) return sent(xfrm, skb);
  whenAccepted(ns, skb, () => sent(xfrm, skb));
  return refused(verdict);
}

function sent({ ns }: Xfrm, skb: Skb): XmitResult {
  const out = must(skb.dev, "device of a routed packet");
  skb.dev = null;
  return ipOutput(ns, out, skb);
}

/** Models: xfrm4_tunnel_encap_add or xfrm4_transport_output, then esp_output. */
function encapsulate({ ns }: Xfrm, skb: Skb, state: XfrmState, outer: OutputRoute): void {
  const suite = must(state.suite, "keys of a state in use");
  const { spec } = state;
  const tunnel = spec.mode === "tunnel";
  const kept = tunnel ? 0 : ipv4HeaderLength(skb.buf, skb.net);
  const protocol = tunnel ? IPPROTO_IPIP : ipv4Protocol(skb.buf, skb.net);
  const before = skb.length;
  const innerTos = ipv4Tos(skb.buf, skb.net);
  const dontFragment = ipv4DontFragment(skb.buf, skb.net) && !spec.flags.includes("nopmtudisc");
  const payload = before - kept;
  state.bytes += payload;
  state.packets++;
  const cipher = Math.ceil((payload + 2) / state.block) * state.block;
  const udp = spec.encap === undefined ? 0 : UDP_HEADER;
  const shim = udp + ESP_HEADER + suite.ivLength;
  skb.ensureHeadroom(shim + IPV4_HEADER + 14);
  skb.ensureTailroom(cipher - payload + suite.icvLength);
  const { buf } = skb;
  const start = skb.data + kept;
  pad(buf, start + payload, start + cipher, protocol);
  skb.end = start + cipher + suite.icvLength;
  // The header that stays moves to the front.
  buf.copyWithin(skb.data - shim, skb.data, start);
  skb.push(shim);
  const esp = start - ESP_HEADER - suite.ivLength;
  writeEsp(buf, esp, spec.spi, state.oseq);
  suite.seal(buf, esp, start + cipher);
  if (spec.encap !== undefined)
    writeUdpHeader(buf, esp - udp, spec.encap.sport, spec.encap.dport, skb.end - esp + udp);
  const carried = udp === 0 ? IPPROTO_ESP : IPPROTO_UDP;
  if (tunnel) {
    skb.push(IPV4_HEADER);
    const ttl = ns.ipv4.defaultTtl;
    const tos = outerTos(innerTos, spec.flags.includes("noecn"));
    const flags = dontFragment ? 0x4000 : 0;
    writeIpv4Header(buf, skb.data, skb.length, ns.nextIpId(), flags, ttl, carried, spec.src, spec.dst, tos);
  } else {
    buf[skb.data + 9] = carried;
    setIpv4TotalLength(buf, skb.data, skb.length);
    setIpv4Checksum(buf, skb.data);
  }
  skb.net = skb.data;
  const { trace } = ns.kernel;
  if (trace !== null)
    trace.tunnel(true, ns.id, outer.dev.index, skb.id, skb.length - before, spec.spi, spec.src, spec.dst);
}

/** Padding counts up from 1; its length and the next protocol end the ciphertext (RFC 4303, 2.4). */
function pad(b: Uint8Array, from: number, to: number, protocol: number): void {
  for (let at = from; at < to - 2; at++) b[at] = at - from + 1;
  b[to - 2] = to - from - 2;
  b[to - 1] = protocol;
}

/** Models: INET_ECN_encapsulate; the flag `noecn` leaves the outer header without. */
function outerTos(inner: number, plain: boolean): number {
  const ecn = inner & ECN_MASK;
  if (plain) return inner & ~ECN_MASK;
  return (inner & ~ECN_MASK) | (ecn === ECN_CE ? ECN_ECT0 : ecn);
}
