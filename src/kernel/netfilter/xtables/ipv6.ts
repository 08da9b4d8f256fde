import { setU16 } from "../../../base/bytes.ts";
import { internetChecksum, pseudoHeaderSum6 } from "../../../wire/checksum.ts";
import { ICMPV6_DEST_UNREACH } from "../../../wire/icmpv6.ts";
import { IPPROTO_TCP } from "../../../wire/ipv4.ts";
import { TCP_HEADER, TCP_RST, tcpFlags } from "../../../wire/tcp.ts";
import type { NetDevice } from "../../device/device.ts";
import { isOwn } from "../../ipv6/fib6-change.ts";
import { hopLimitOf, icmpSend6 } from "../../ipv6/icmp-send.ts";
import { type Addr6, ANY6 } from "../../ipv6/intern.ts";
import { ip6LocalOut, pushHeader6 } from "../../ipv6/output.ts";
import { routeOutput6, traceOutput6 } from "../../ipv6/route.ts";
import { sourceFor } from "../../ipv6/select.ts";
import type { Netns } from "../../netns.ts";
import { attachFlow } from "../attach.ts";
import { sendThroughPort, writeReset } from "./target/reset.ts";
import type { PacketView } from "./view.ts";

/** What rules ask of the IPv6 stack, and what they make it send. */

function addressAt(v: PacketView, at: number): Addr6 {
  return v.ns.ip6.book.read(v.b, at);
}

function source(v: PacketView): Addr6 {
  return addressAt(v, v.net + 8);
}

function dest(v: PacketView): Addr6 {
  return addressAt(v, v.net + 24);
}

/** The number that conntrack and NAT know an address by. */
function natNumber(ns: Netns, address: Addr6): number {
  return ns.kernel.addresses.numberOf(ns.ip6.book.groups(address));
}

/** Whether the packet's source (or destination) is an address of this host, on `dev` if one is given. */
export function isLocal6(v: PacketView, ofSource: boolean, dev: NetDevice | null): boolean {
  const { ip6 } = v.ns;
  const address = ofSource ? source(v) : dest(v);
  if (dev === null) return isOwn(ip6, address);
  return (ip6.own.get(address) ?? []).some((a) => a.dev === dev);
}

/** Whether the way back to the source leads out by `dev`. Models: rpfilter_lookup_reverse6. */
export function reverse6(
  v: PacketView,
  dev: NetDevice,
  m: { readonly loose?: boolean; readonly acceptLocal?: boolean },
): boolean {
  const to = source(v);
  const from = dest(v);
  const { book } = v.ns.ip6;
  const near = book.isLinkLocal(to);
  const found = routeOutput6(v.ns, {
    dst: to,
    src: book.isMulticast(from) ? ANY6 : from,
    oif: near || m.loose !== true ? dev : undefined,
    strict: near,
  });
  if (typeof found === "string" || found.type === "anycast") return false;
  if (found.type === "local") return m.acceptLocal === true;
  return found.dev === dev || m.loose === true;
}

/** The address that MASQUERADE takes on `dev`; -1 for none. Models: nf_nat_masquerade_ipv6. */
export function masqueradeSource6(v: PacketView, dev: NetDevice): number {
  const found = sourceFor(v.ns.ip6, dev, dest(v));
  return found === ANY6 ? -1 : natNumber(v.ns, found);
}

/** The address of the incoming device that REDIRECT leads to: one of the destination's scope. Models: nf_nat_redirect_ipv6. */
export function redirectDest6(v: PacketView, dev: NetDevice): number {
  const { book } = v.ns.ip6;
  const scope = book.scope(dest(v));
  const { addresses } = dev.in6;
  const found = addresses.find((a) => book.scope(a.address) === scope) ?? addresses[0];
  return found === undefined ? -1 : natNumber(v.ns, found.address);
}

/** The MTU of the way to the packet's source. */
export function reverseMtu6(v: PacketView): number {
  const found = routeOutput6(v.ns, { dst: source(v) });
  return typeof found === "string" ? 65535 : found.mtu;
}

/** Models: nf_send_unreach6. */
export function sendUnreach6(v: PacketView, code: number): void {
  icmpSend6(v.ns, v.skb, ICMPV6_DEST_UNREACH, code, 0);
}

/** Models: nf_send_reset6. */
export function sendReset6(v: PacketView): void {
  const { ns, b, l4 } = v;
  if (v.fragment || v.protocol !== IPPROTO_TCP || v.end - l4 < TCP_HEADER) return;
  if ((tcpFlags(b, l4) & TCP_RST) !== 0) return;
  const to = source(v);
  const from = dest(v);
  const { book } = ns.ip6;
  if (book.isMulticast(to) || book.isMulticast(from)) return;
  const oif = book.needsDevice(to) ? (v.state.in ?? undefined) : undefined;
  const route = routeOutput6(ns, {
    dst: to,
    src: isOwn(ns.ip6, from) ? from : ANY6,
    oif,
    protocol: IPPROTO_TCP,
  });
  if (typeof route === "string") return;
  const skb = ns.kernel.alloc(ns, TCP_HEADER, "tcp");
  skb.end = skb.data + TCP_HEADER;
  const at = skb.data;
  writeReset(v, skb.buf, at);
  attachFlow(skb, v.skb);
  traceOutput6(ns, skb, to, route);
  pushHeader6(ns, skb, from, to, {
    nextHeader: IPPROTO_TCP,
    hopLimit: hopLimitOf(route),
    trafficClass: 0,
    flowLabel: 0,
  });
  setU16(skb.buf, at + 16, 0);
  const sum = pseudoHeaderSum6(skb.buf, skb.net + 8, IPPROTO_TCP, TCP_HEADER);
  setU16(skb.buf, at + 16, internetChecksum(skb.buf, at, skb.end, sum));
  if (v.skb.physIn === null) ip6LocalOut(ns, skb, route);
  else sendThroughPort(skb, v.skb, v.skb.physIn);
}
