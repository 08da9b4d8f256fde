import { addTime, seconds } from "../../../sim/time.ts";
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from "../../../wire/ipv4.ts";
import type { Netns } from "../../netns.ts";
import type { Skb } from "../../skb.ts";
import { type HookState, NF_ACCEPT, NF_DROP, NF_IP, type NfFamily, type NfVerdict } from "../hooks.ts";
import { IpView } from "../packet.ts";
import {
  Conntrack,
  CT_ESTABLISHED,
  CT_ESTABLISHED_REPLY,
  CT_INVALID,
  CT_IS_REPLY,
  CT_NEW,
  CT_RELATED,
  CT_UNTRACKED,
  DIR_REPLY,
  IPS_ASSURED,
  IPS_EXPECTED,
  IPS_SEEN_REPLY,
} from "./entry.ts";
import {
  ACK,
  RST,
  SYN,
  TCP_CLOSE,
  TCP_ESTABLISHED,
  TCP_IGNORE,
  TCP_INVALID,
  TCP_NONE,
  TCP_SYN_RECV,
  TCP_TIME_WAIT,
  tcpNext,
} from "./tcp.ts";
import { tcpTimeout, timeout } from "./timeouts.ts";
import { icmpBegins, Key } from "./tuple.ts";

const view = new IpView();
const key = new Key();
const inner = new Key();
const turned = new Key();

/**
 * Finds or begins the flow of a packet and tells the skb. A packet that fits nothing goes on without an entry: INVALID.
 * Models: nf_conntrack_in.
 */
export function conntrackIn(state: HookState, skb: Skb): NfVerdict {
  const { ns, family } = state;
  // It came over the loopback device, or by a bridge that asked before.
  if (skb.ct !== null || skb.ctInfo === CT_UNTRACKED) return NF_ACCEPT;
  if (!view.look(ns.kernel.addresses, family, skb.buf, skb.net, skb.end)) return NF_ACCEPT;
  const { protocol, l4 } = view;
  if (protocol === IPPROTO_ICMP || protocol === IPPROTO_ICMPV6) {
    if (protocol === IPPROTO_ICMPV6 && neverTracked(skb.buf[l4]!)) {
      skb.ctInfo = CT_UNTRACKED;
      return NF_ACCEPT;
    }
    if (isError(family, skb.buf[l4]!)) {
      relate(ns, skb, family, l4, view.dst);
      return NF_ACCEPT;
    }
  }
  if (!key.read(ns.kernel.addresses, family, skb.buf, skb.net, skb.end)) return NF_ACCEPT;
  key.zone = skb.ctZone;
  for (;;) {
    if (!resolve(ns, skb)) return NF_ACCEPT;
    const outcome = follow(ns, skb, protocol, l4);
    if (outcome === "again") continue;
    if (outcome === "invalid") {
      skb.ct = null;
      skb.ctInfo = CT_INVALID;
    }
    return NF_ACCEPT;
  }
}

/** Neighbour discovery and listener reports stay out of conntrack. Models: nf_conntrack_icmpv6_error. */
function neverTracked(type: number): boolean {
  return (type >= 130 && type <= 137) || type === 143;
}

function isError(family: NfFamily, type: number): boolean {
  return family === NF_IP ? type === 3 || type === 4 || type === 5 || type === 11 || type === 12 : type < 128;
}

/** Looks the flow up by `key`, or begins one. False: the packet cannot belong to any. Models: resolve_normal_ct. */
function resolve(ns: Netns, skb: Skb): boolean {
  const tuple = ns.netfilter.conntrack.find(key);
  if (tuple === null) {
    turned.copy(key);
    if (!turned.invert()) return false;
    const ct = new Conntrack(key.family, key.protocol, key.zone);
    ct.id = ns.netfilter.conntrack.nextId();
    ct.original.set(key.src, key.dst, key.sport, key.dport);
    ct.reply.set(turned.src, turned.dst, turned.sport, turned.dport);
    skb.ct = ct;
    skb.ctInfo = CT_NEW;
    return true;
  }
  const { ct } = tuple;
  skb.ct = ct;
  if (tuple.direction === DIR_REPLY) skb.ctInfo = CT_ESTABLISHED_REPLY;
  else if ((ct.status & IPS_SEEN_REPLY) !== 0) skb.ctInfo = CT_ESTABLISHED;
  else if ((ct.status & IPS_EXPECTED) !== 0) skb.ctInfo = CT_RELATED;
  else skb.ctInfo = CT_NEW;
  return true;
}

type Outcome = "ok" | "invalid" | "again";

/** The protocol's own view of the packet; afterwards the flow knows that it was answered. */
function follow(ns: Netns, skb: Skb, protocol: number, l4: number): Outcome {
  const ct = skb.ct!;
  const { netfilter } = ns;
  const table = netfilter.conntrack;
  let outcome: Outcome = "ok";
  switch (protocol) {
    case IPPROTO_TCP:
      outcome = followTcp(ns, skb, ct, l4);
      break;
    case IPPROTO_UDP:
      followUdp(ns, ct);
      break;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      if (!ct.confirmed && skb.ctInfo === CT_NEW && !icmpBegins(protocol, skb.buf[l4]!)) return "invalid";
      table.refresh(
        ct,
        timeout(netfilter.timeouts, protocol === IPPROTO_ICMP ? "icmp_timeout" : "icmpv6_timeout"),
      );
      break;
    default:
      table.refresh(ct, timeout(netfilter.timeouts, "generic_timeout"));
  }
  if (outcome !== "ok") return outcome;
  const reply = skb.ctInfo === CT_ESTABLISHED_REPLY;
  if (reply && (ct.status & IPS_SEEN_REPLY) === 0) table.changing(ct, () => (ct.status |= IPS_SEEN_REPLY));
  if (netfilter.accounting) {
    ct.packets[reply ? 1 : 0]++;
    ct.bytes[reply ? 1 : 0] += skb.end - skb.net;
  }
  return "ok";
}

/** A flow becomes a stream when it is still alive two seconds after its first packet. Models: nf_conntrack_udp_packet. */
function followUdp(ns: Netns, ct: Conntrack): void {
  const { conntrack: table, timeouts } = ns.netfilter;
  if (!ct.confirmed) ct.streamAt = addTime(ns.kernel.queue.now, seconds(2));
  if ((ct.status & IPS_SEEN_REPLY) === 0) {
    table.refresh(ct, timeout(timeouts, "udp_timeout"));
    return;
  }
  const stream = ns.kernel.queue.now > ct.streamAt;
  table.refresh(ct, timeout(timeouts, stream ? "udp_timeout_stream" : "udp_timeout"));
  if (stream && (ct.status & IPS_ASSURED) === 0) table.changing(ct, () => (ct.status |= IPS_ASSURED));
}

/** Models: nf_conntrack_tcp_packet. */
function followTcp(ns: Netns, skb: Skb, ct: Conntrack, l4: number): Outcome {
  if (skb.end - l4 < 20) return "invalid";
  const { conntrack: table, timeouts } = ns.netfilter;
  const flags = skb.buf[l4 + 13]!;
  const reply = skb.ctInfo >= CT_IS_REPLY;
  const old = ct.tcpState;
  const next = tcpNext(old, flags, reply);
  if (next === TCP_INVALID) return "invalid";
  if (!ct.confirmed && old === TCP_NONE) {
    // The first packet that is seen of it: a SYN, or a connection picked up midway (nf_conntrack_tcp_loose).
    if ((flags & SYN) === 0 && !ns.netfilter.tcpLoose) return "invalid";
    ct.tcpState = next;
    table.refresh(ct, tcpTimeout(timeouts, next));
    return "ok";
  }
  if (next === TCP_IGNORE) return "ok";
  // A SYN upon a finished connection begins a new one.
  if (
    !reply &&
    (flags & (SYN | ACK | RST)) === SYN &&
    (old === TCP_TIME_WAIT || old === TCP_CLOSE) &&
    ct.confirmed
  ) {
    table.destroy(ct);
    skb.ct = null;
    return "again";
  }
  const answered = (ct.status & IPS_SEEN_REPLY) !== 0;
  if (reply && (flags & RST) !== 0 && !answered) {
    // Refused: there is nothing to remember.
    ct.tcpState = TCP_CLOSE;
    table.destroy(ct);
    return "ok";
  }
  const assured =
    answered &&
    (ct.status & IPS_ASSURED) === 0 &&
    (old === TCP_SYN_RECV || old === TCP_ESTABLISHED) &&
    next === TCP_ESTABLISHED;
  // Listeners hear of a packet once, when all that it changes is done: the timeout and the first reply too.
  table.refresh(ct, tcpTimeout(timeouts, next));
  if (next !== old || assured) {
    table.changing(ct, () => {
      ct.tcpState = next;
      if (assured) ct.status |= IPS_ASSURED;
      if (reply) ct.status |= IPS_SEEN_REPLY;
    });
  }
  return "ok";
}

/**
 * An ICMP error belongs to the flow whose packet it quotes. Models: nf_conntrack_inet_error.
 */
function relate(ns: Netns, skb: Skb, family: NfFamily, l4: number, outerDst: number): void {
  if (!inner.read(ns.kernel.addresses, family, skb.buf, l4 + 8, skb.end)) return;
  inner.zone = skb.ctZone;
  if (!inner.invert()) return;
  const tuple = ns.netfilter.conntrack.find(inner);
  if (tuple === null) return;
  // The quoted packet was sent by whom the error goes to; anything else is forged.
  if (outerDst !== tuple.dst) return;
  skb.ct = tuple.ct;
  skb.ctInfo = tuple.direction === DIR_REPLY ? CT_RELATED + CT_IS_REPLY : CT_RELATED;
}

/** The packet leaves or reaches a socket: its new flow enters the table. Models: nf_confirm, __nf_conntrack_confirm. */
export function conntrackConfirm(state: HookState, skb: Skb): NfVerdict {
  const { ct } = skb;
  if (ct === null || ct.confirmed || skb.ctInfo >= CT_IS_REPLY) return NF_ACCEPT;
  const { conntrack: table } = state.ns.netfilter;
  key.family = ct.family;
  key.protocol = ct.protocol;
  key.zone = ct.zone;
  const { original, reply } = ct;
  key.set(original.src, original.dst, original.sport, original.dport);
  if (table.find(key) !== null) return NF_DROP;
  key.set(reply.src, reply.dst, reply.sport, reply.dport);
  if (table.find(key) !== null) return NF_DROP;
  if (table.size >= state.ns.netfilter.conntrackMax) return NF_DROP;
  table.insert(ct);
  return NF_ACCEPT;
}
