import { type Ipv4, IPV4_BROADCAST } from "../../wire/address.ts";
import {
  IPPROTO_ESP,
  IPPROTO_ICMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  ipv4ChecksumOk,
  ipv4Dest,
  ipv4HeaderLength,
  ipv4IsFragment,
  ipv4Protocol,
  ipv4Source,
  ipv4TotalLength,
} from "../../wire/ipv4.ts";
import type { NetDevice } from "../device/device.ts";
import { nfHook, whenAccepted } from "../hooks.ts";
import { NF_IP } from "../netfilter/hooks.ts";
import { deliverRaw } from "../socket/raw.ts";
import { PACKET_BROADCAST, PACKET_MULTICAST, PACKET_OTHERHOST, type Skb } from "../skb.ts";
import type { FibError } from "./fib-table.ts";
import { ipForward } from "./forward.ts";
import { icmpReceive } from "./icmp.ts";
import { errorAllowed, icmpSend } from "./icmp-send.ts";
import { refusal } from "./route.ts";
import { type InputVerdict, routeInput } from "./route-input.ts";
import { XFRM } from "../xfrm/late.ts";
import { tcpReceive } from "../tcp/receive.ts";
import { udpReceive } from "../socket/udp.ts";

/**
 * An IPv4 packet came in; `skb.data` is at its header. Models: ip_rcv, ip_rcv_finish.
 *
 *   ip_rcv ─ PREROUTING ─ route ─┬─ local: ip_local_deliver ─ INPUT ─ raw, ICMP, UDP
 *                                ├─ forward: ip_forward
 *                                └─ none: ip_error
 */
export function ipReceive(dev: NetDevice, skb: Skb): void {
  const { ns } = dev;
  const { kernel } = ns;
  if (skb.packetType === PACKET_OTHERHOST) {
    kernel.drop(ns, dev, skb, "OTHERHOST", "ip_rcv_core");
    return;
  }
  // What an outer packet was put together from is no matter of the one inside.
  skb.fragMax = 0;
  skb.fragSizes = null;
  skb.iif = null;
  const { buf, data } = skb;
  const length = skb.length;
  if (length < 20) {
    kernel.drop(ns, dev, skb, "PKT_TOO_SMALL", "ip_rcv_core");
    return;
  }
  const header = ipv4HeaderLength(buf, data);
  const total = ipv4TotalLength(buf, data);
  if (buf[data]! >> 4 !== 4 || header < 20 || header > length || total < header || total > length) {
    kernel.drop(ns, dev, skb, "IP_INHDR", "ip_rcv_core");
    return;
  }
  if (!ipv4ChecksumOk(buf, data)) {
    kernel.drop(ns, dev, skb, "IP_CSUM", "ip_rcv_core");
    return;
  }
  skb.end = data + total;
  if (skb.physIn !== null && !skb.sabotaged) {
    // The bridge has shown it to PREROUTING already. Models: ip_sabotage_in.
    skb.sabotaged = true;
    ipReceived(dev, skb);
    return;
  }
  if (ipv4IsFragment(buf, data) && ns.netfilter.tracks(NF_IP)) {
    const whole = ns.fragments.add(dev, skb);
    if (whole !== null) preRouting(dev, whole);
    return;
  }
  preRouting(dev, skb);
}

function preRouting(dev: NetDevice, skb: Skb): void {
  const dst = ipv4Dest(skb.buf, skb.data);
  if (nfHook(dev.ns, "PREROUTING", skb, dev, null)) preRouted(dev, skb, dst);
  else whenAccepted(dev.ns, skb, () => preRouted(dev, skb, dst));
}

function preRouted(dev: NetDevice, skb: Skb, dst: Ipv4): void {
  // Another destination is another route. Models: nf_nat_ipv4_pre_routing.
  if (skb.routed && ipv4Dest(skb.buf, skb.data) !== dst) skb.routed = false;
  ipReceived(dev, skb);
}

/** What came protected in transport mode stands there without ESP. Models: xfrm4_transport_finish. */
export function transportReceive(dev: NetDevice, skb: Skb): void {
  const { ns } = dev;
  const dst = ipv4Dest(skb.buf, skb.data);
  const go = (): void => {
    if (ipv4Dest(skb.buf, skb.data) === dst) ipLocalDeliver(dev, skb, false);
    else ipReceived(dev, skb);
  };
  if (nfHook(ns, "PREROUTING", skb, dev, null)) go();
  else whenAccepted(ns, skb, go);
}

/** Netfilter let it in. Models: ip_rcv_finish. */
function ipReceived(dev: NetDevice, skb: Skb): void {
  if (dev.layer3 !== null && dev.layer3.receivePacket(skb)) return;
  const { ns } = dev;
  const { kernel } = ns;
  const { buf } = skb;
  const src = ipv4Source(buf, skb.data);
  const dst = ipv4Dest(buf, skb.data);
  if (skb.routed) {
    inputRouted(dev, skb, dst);
    return;
  }
  const verdict = routeInput(ns, dev, skb, src, dst);
  traceInput(dev, skb, src, dst, verdict);
  if (verdict === "forward") {
    ipForward(dev, skb);
    return;
  }
  if (verdict === "local" || verdict === "broadcast" || verdict === "multicast") {
    const groupFrame = skb.packetType === PACKET_BROADCAST || skb.packetType === PACKET_MULTICAST;
    if (verdict === "local" && groupFrame && dev.conf.drop_unicast_in_l2_multicast !== 0) {
      kernel.drop(ns, dev, skb, "UNICAST_IN_L2_MULTICAST", "ip_rcv_finish_core");
      return;
    }
    ipLocalDeliver(dev, skb, verdict !== "local");
    return;
  }
  if ("martian" in verdict) {
    kernel.drop(ns, dev, skb, verdict.martian, "ip_route_input_slow");
    return;
  }
  ipError(dev, skb, src, verdict.error);
}

/** Its route out still holds: only what is for this host comes in so. Models: skb_valid_dst in ip_rcv_finish_core. */
function inputRouted(dev: NetDevice, skb: Skb, dst: Ipv4): void {
  skb.routed = false;
  const type = skb.hop?.entry.type ?? "local";
  // For sockets that are bound to a device it came by that of its address (rt_iif).
  if (type === "local" && skb.hop !== null) skb.iif = skb.hop.dev;
  if (type === "unicast") dev.ns.kernel.drop(dev.ns, dev, skb, "NOT_SPECIFIED", "dst_discard");
  else ipLocalDeliver(dev, skb, type === "broadcast" || dst === IPV4_BROADCAST);
}

function traceInput(dev: NetDevice, skb: Skb, src: Ipv4, dst: Ipv4, verdict: InputVerdict): void {
  const { trace } = dev.ns.kernel;
  if (trace === null) return;
  const { hop } = skb;
  if (typeof verdict !== "string") {
    const result = "error" in verdict ? refusal(verdict.error) : "none";
    trace.route(dev.ns.id, true, skb.id, dst, src, result, hop?.entry.id ?? 0, 0, 0);
    return;
  }
  const result = verdict === "forward" ? "unicast" : verdict;
  trace.route(
    dev.ns.id,
    true,
    skb.id,
    dst,
    src,
    result,
    hop?.entry.id ?? 0,
    hop?.dev?.index ?? 0,
    skb.nexthop,
  );
}

/** No way onwards: tells the sender, if forwarding was our business at all. Models: ip_error. */
function ipError(dev: NetDevice, skb: Skb, src: Ipv4, error: FibError): void {
  const { ns } = dev;
  const { kernel } = ns;
  if (dev.conf.forwarding === 0) {
    kernel.drop(ns, dev, skb, "FORWARDING_OFF", "ip_error");
    return;
  }
  const code = error === "ENETUNREACH" ? 0 : error === "EHOSTUNREACH" ? 1 : error === "EACCES" ? 13 : -1;
  if (code >= 0 && errorAllowed(ns, src)) icmpSend(ns, skb, 3, code, 0);
  const reason =
    error === "EINVAL"
      ? "BLACKHOLE_ROUTE"
      : error === "EACCES"
        ? "PROHIBIT_ROUTE"
        : error === "EHOSTUNREACH"
          ? "UNREACHABLE_ROUTE"
          : "IP_INNOROUTES";
  kernel.drop(ns, dev, skb, reason, "ip_error");
}

/** The packet is for this host. Models: ip_local_deliver, ip_local_deliver_finish. */
export function ipLocalDeliver(dev: NetDevice, skb: Skb, broadcast: boolean): void {
  const { ns } = dev;
  let whole: Skb | null = skb;
  if (ipv4IsFragment(skb.buf, skb.data)) {
    whole = ns.fragments.add(dev, skb);
    if (whole === null) return;
  }
  const taken = whole;
  if (nfHook(ns, "INPUT", taken, dev, null)) deliverLocal(dev, taken, broadcast);
  else whenAccepted(ns, taken, () => deliverLocal(dev, taken, broadcast));
}

/** Models: ip_local_deliver_finish. */
export function deliverLocal(dev: NetDevice, skb: Skb, broadcast: boolean): void {
  const { ns } = dev;
  const protocol = ipv4Protocol(skb.buf, skb.net);
  const header = ipv4HeaderLength(skb.buf, skb.net);
  if (protocol === IPPROTO_ESP && ns.kernel.esp) {
    skb.data = skb.net + header;
    XFRM.get().of(ns).receive(dev, skb);
    return;
  }
  const heard = deliverRaw(dev, skb, protocol);
  if (ns.xfrm !== null && !ns.xfrm.allows("in", dev, skb)) {
    ns.kernel.drop(ns, dev, skb, "XFRM_POLICY", "xfrm_policy_check");
    return;
  }
  skb.data = skb.net + header;
  switch (protocol) {
    case IPPROTO_ICMP:
      icmpReceive(dev, skb, broadcast);
      return;
    case IPPROTO_UDP:
      udpReceive(dev, skb, broadcast);
      return;
    case IPPROTO_TCP:
      tcpReceive(ns.sockets.tcp.v4, dev, skb);
      return;
    default:
      if (ns.tunnels.input(dev, skb, protocol)) return;
      if (heard) {
        ns.kernel.consume(ns, skb, "raw_local_deliver");
        return;
      }
      skb.data = skb.net;
      icmpSend(ns, skb, 3, 2, 0);
      ns.kernel.drop(ns, dev, skb, "IP_NOPROTO", "ip_protocol_deliver_rcu");
  }
}
