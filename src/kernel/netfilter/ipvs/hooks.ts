import { getU16 } from "../../../base/bytes.ts";
import type { Ipv4 } from "../../../wire/address.ts";
import {
  IPPROTO_ICMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  ipv4Dest,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
  ipv4Ttl,
  setIpv4Ttl,
} from "../../../wire/ipv4.ts";
import { icmpSend } from "../../ipv4/icmp-send.ts";
import { ipOutput } from "../../ipv4/output.ts";
import { routeOutput, traceOutput } from "../../ipv4/route.ts";
import { nfHook } from "../../hooks.ts";
import type { Netns } from "../../netns.ts";
import { PACKET_HOST, type Skb } from "../../skb.ts";
import { CT_IS_REPLY, CT_INVALID, CT_UNTRACKED } from "../conntrack/entry.ts";
import {
  HOOK_FORWARD,
  HOOK_INPUT,
  HOOK_OUTPUT,
  type HookOps,
  type HookState,
  NF_ACCEPT,
  NF_DROP,
  NF_IP,
  NF_STOLEN,
  type NfVerdict,
} from "../hooks.ts";
import { manipulate } from "../nat/manip.ts";
import { MANIP_DST, MANIP_SRC } from "../nat/range.ts";
import { type Connection, S_ESTABLISHED, tcpState } from "./connection.ts";
import { icmpIn, icmpOut } from "./icmp.ts";
import { schedule } from "./schedule.ts";
import { count, type Service } from "./service.ts";
import type { Flow, Ipvs } from "./table.ts";

/** Priorities of ip_vs_ops4: answers are put right before new packets are looked at. */
export function ipvsHooks(): HookOps[] {
  const ops = (hook: number, priority: number, run: HookOps["run"]): HookOps => ({
    family: NF_IP,
    hook,
    priority,
    name: "ipvs",
    run,
  });
  return [
    ops(HOOK_INPUT, 98, ipvsOut),
    ops(HOOK_INPUT, 99, ipvsIn),
    ops(HOOK_OUTPUT, -99, ipvsOut),
    ops(HOOK_OUTPUT, -98, ipvsIn),
    ops(HOOK_FORWARD, 100, ipvsOut),
  ];
}

interface Packet {
  readonly protocol: number;
  readonly l4: number;
  readonly src: Flow;
  readonly dst: Flow;
}

/** Addresses and ports of a whole TCP or UDP packet; undefined for anything else. */
function read(skb: Skb): Packet | undefined {
  const { buf, net } = skb;
  const protocol = ipv4Protocol(buf, net);
  if (protocol !== IPPROTO_TCP && protocol !== IPPROTO_UDP) return undefined;
  const l4 = net + ipv4HeaderLength(buf, net);
  if (ipv4FragmentOffset(buf, net) !== 0 || skb.end - l4 < 4) return undefined;
  return {
    protocol,
    l4,
    src: { address: ipv4Source(buf, net), port: getU16(buf, l4) },
    dst: { address: ipv4Dest(buf, net), port: getU16(buf, l4 + 2) },
  };
}

function tcpFlags(skb: Skb, p: Packet): number {
  return p.protocol === IPPROTO_TCP && skb.end - p.l4 >= 20 ? skb.buf[p.l4 + 13]! : 0;
}

/** From a client towards a virtual service. Models: ip_vs_in_hook. */
function ipvsIn(state: HookState, skb: Skb): NfVerdict {
  const { ns } = state;
  const { ipvs } = ns.netfilter;
  if (skb.ipvs || (skb.packetType !== PACKET_HOST && state.hook !== HOOK_OUTPUT)) return NF_ACCEPT;
  if (ipv4Protocol(skb.buf, skb.net) === IPPROTO_ICMP) return icmpIn(state, skb);
  const p = read(skb);
  if (p === undefined) return NF_ACCEPT;
  let c = ipvs.fromClient(p.protocol, p.src, p.dst);
  const flags = tcpFlags(skb, p);
  if (c !== undefined && reused(ipvs, c, flags)) {
    ipvs.expire(c);
    c = undefined;
  }
  if (c === undefined) {
    const service = ipvs.find(skb.mark, p.protocol, p.dst.address, p.dst.port);
    if (service === undefined) return NF_ACCEPT;
    if (p.protocol === IPPROTO_TCP && (flags & 0x12) !== 0x02 && ipvs.sysctls.sloppy_tcp === 0)
      return NF_ACCEPT;
    const made = begin(ipvs, service, p);
    if (made === null) return refuse(state, skb);
    c = made;
  }
  if (c.destination.gone && ipvs.sysctls.expire_nodest_conn !== 0) {
    ipvs.expire(c);
    return NF_DROP;
  }
  count(c, ipvs.estimate, false, skb.end - skb.net);
  if (p.protocol === IPPROTO_TCP) ipvs.enter(c, tcpState(c.state, flags, false));
  if (c.control !== null && (p.protocol === IPPROTO_UDP || c.state === S_ESTABLISHED))
    c.control.assured = true;
  ipvs.touch(c);
  return transmit(state, skb, c);
}

/** A SYN upon a connection that is over begins a new one (conn_reuse_mode). */
function reused(ipvs: Ipvs, c: Connection, flags: number): boolean {
  if (ipvs.sysctls.conn_reuse_mode === 0 || (flags & 0x17) !== 0x02) return false;
  return c.state === 5 || c.state === 4;
}

/** Models: ip_vs_schedule, ip_vs_sched_persist. Null: no real server takes it. */
function begin(ipvs: Ipvs, service: Service, p: Packet): Connection | null {
  const portOf = (port: number): number => (port !== 0 && service.port !== 0 ? port : p.dst.port);
  if (service.persistent === 0) {
    const chosen = schedule(service, p.src.address, p.src.port, p.dst.address);
    if (chosen === null) return null;
    return ipvs.connect(p.protocol, p.src, p.dst, portOf(chosen.port), service, chosen);
  }
  let template = ipvs.template(service, p.src.address, p.dst);
  const stale =
    template !== undefined &&
    (template.destination.gone ||
      (template.destination.weight === 0 && ipvs.sysctls.expire_quiescent_template !== 0));
  if (template === undefined || stale) {
    const chosen = schedule(service, p.src.address, p.src.port, p.dst.address);
    if (chosen === null) return null;
    const client = { address: ((p.src.address & service.netmask) >>> 0) as Ipv4, port: 0 };
    const virtual = { address: p.dst.address, port: service.port === 0 ? 0 : p.dst.port };
    if (template !== undefined) ipvs.expire(template);
    template = ipvs.connect(
      p.protocol,
      client,
      virtual,
      service.port === 0 ? 0 : chosen.port,
      service,
      chosen,
      true,
    );
  }
  const { destination } = template;
  const c = ipvs.connect(p.protocol, p.src, p.dst, portOf(destination.port), service, destination);
  c.control = template;
  template.controlled++;
  template.timeout = service.persistent;
  ipvs.touch(template);
  return c;
}

/** No real server: the client is told. Models: ip_vs_leave. */
function refuse(state: HookState, skb: Skb): NfVerdict {
  icmpSend(state.ns, skb, 3, 3, 0);
  return NF_DROP;
}

/** Sends the packet on to the real server. Models: ip_vs_nat_xmit, ip_vs_dr_xmit. */
function transmit(state: HookState, skb: Skb, c: Connection): NfVerdict {
  const { ns } = state;
  if (c.destination.forward === "tunnel") {
    ns.kernel.drop(ns, state.in, skb, "NOT_MODELLED", "ip_vs_tunnel_xmit");
    return NF_STOLEN;
  }
  const route = routeOutput(ns, { dst: c.real, mark: skb.mark });
  if (typeof route === "string") {
    ns.kernel.drop(ns, state.in, skb, "IP_OUTNOROUTES", "ip_vs_nat_xmit");
    return NF_STOLEN;
  }
  const local = route.type === "local";
  if (!local && ipv4Ttl(skb.buf, skb.net) <= 1) {
    icmpSend(ns, skb, 11, 0, 0);
    ns.kernel.drop(ns, state.in, skb, "TTL_EXCEEDED", "ip_vs_nat_xmit");
    return NF_STOLEN;
  }
  const ttl = ipv4Ttl(skb.buf, skb.net);
  if (!local) {
    ns.kernel.trace?.ttl(ns.id, skb.id, ttl, ttl - 1);
    setIpv4Ttl(skb.buf, skb.net, ttl - 1);
  }
  if (c.destination.forward === "masq") {
    const to = { address: c.real, port: c.realPort };
    manipulate(ns, skb, NF_IP, { net: skb.net, inner: false }, to, MANIP_DST);
  }
  skb.ipvs = true;
  follow(ns, skb, c, false);
  if (local) {
    if (state.hook === HOOK_INPUT) return NF_ACCEPT;
    skb.hop = route.hop;
    skb.nexthop = route.nexthop;
    skb.dev = route.dev;
    return NF_ACCEPT;
  }
  traceOutput(ns, skb, c.real, route);
  skb.hop = route.hop;
  skb.nexthop = route.nexthop;
  skb.mtu = route.mtu;
  skb.dev = null;
  if (nfHook(ns, "OUTPUT", skb, null, route.dev)) ipOutput(ns, route.dev, skb);
  return NF_STOLEN;
}

/**
 * Conntrack learns the real addresses (net.ipv4.vs.conntrack), or is kept out of it.
 * Models: ip_vs_update_conntrack, ip_vs_notrack.
 */
export function follow(ns: Netns, skb: Skb, c: Connection, reply: boolean): void {
  if (ns.netfilter.ipvs.sysctls.conntrack === 0) {
    skb.ct = null;
    skb.ctInfo = CT_UNTRACKED;
    return;
  }
  const { ct } = skb;
  if (ct === null || ct.confirmed || skb.ctInfo >= CT_IS_REPLY || skb.ctInfo >= CT_INVALID) return;
  if (c.destination.forward !== "masq") return;
  const { reply: back } = ct;
  if (reply) back.set(back.src, c.virtual, back.sport, c.virtualPort);
  else back.set(c.real, back.dst, c.realPort, back.dport);
}

/** From a real server to its client: it must look like the virtual service's answer. Models: ip_vs_out_hook. */
function ipvsOut(state: HookState, skb: Skb): NfVerdict {
  const { ns } = state;
  const { ipvs } = ns.netfilter;
  if (skb.ipvs) return NF_ACCEPT;
  if (ipv4Protocol(skb.buf, skb.net) === IPPROTO_ICMP) return icmpOut(state, skb);
  const p = read(skb);
  if (p === undefined) return NF_ACCEPT;
  const c = ipvs.fromServer(p.protocol, p.src, p.dst);
  if (c === undefined || c.destination.forward !== "masq") return NF_ACCEPT;
  const to = { address: c.virtual, port: c.virtualPort };
  manipulate(ns, skb, NF_IP, { net: skb.net, inner: false }, to, MANIP_SRC);
  count(c, ipvs.estimate, true, skb.end - skb.net);
  if (p.protocol === IPPROTO_TCP) ipvs.enter(c, tcpState(c.state, tcpFlags(skb, p), true));
  skb.ipvs = true;
  follow(ns, skb, c, true);
  ipvs.touch(c);
  return NF_ACCEPT;
}
