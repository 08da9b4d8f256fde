import { ETH_P_IP, ETHERNET_HEADER, ethType, setEthDest } from "../../wire/ethernet.ts";
import {
  ipv4ChecksumOk,
  ipv4Dest,
  ipv4DontFragment,
  ipv4HeaderLength,
  ipv4IsFragment,
  ipv4Source,
  ipv4TotalLength,
} from "../../wire/ipv4.ts";
import type { HookName } from "../../trace/record.ts";
import type { Bridge } from "../device/bridge.ts";
import type { BridgePort } from "../device/bridge-port.ts";
import type { NetDevice } from "../device/device.ts";
import { fragment } from "../ipv4/fragment.ts";
import { routeInput } from "../ipv4/route-input.ts";
import { routeOutput } from "../ipv4/route.ts";
import { neighbour } from "../neigh/arp.ts";
import { PACKET_HOST, PACKET_OTHERHOST, type Skb } from "../skb.ts";
import { IPV4_ANY, type Ipv4 } from "../../wire/address.ts";
import { HOOK_NUMBER, NF_ACCEPT, NF_BRIDGE, NF_IP, NF_IP6 } from "./hooks.ts";
import { walk } from "../hooks.ts";

const ETH_P_IPV6 = 0x86dd;

/**
 * br_netfilter: with net.bridge.bridge-nf-call-iptables a bridge shows IP frames to the IP hooks, so that a Service's
 * DNAT also works between two pods of one bridge. Models: net/bridge/br_netfilter_hooks.c.
 *
 *   port.in ─ PREROUTING ─ (DNAT: new way) ─ FDB ─┬─ FORWARD ─ POSTROUTING ─ port.out
 *                                                 └─ up: PREROUTING is not passed again
 */
function familyOf(bridge: Bridge, skb: Skb): typeof NF_IP | typeof NF_IP6 | undefined {
  if (skb.vlan !== 0) return undefined;
  const { netfilter } = bridge.ns;
  const type = ethType(skb.buf, skb.data);
  if (type === ETH_P_IP && (netfilter.bridgeCallIptables || bridge.options.nfCallIptables)) return NF_IP;
  if (type === ETH_P_IPV6 && netfilter.bridgeCallIp6tables) return NF_IP6;
  return undefined;
}

function run(
  bridge: Bridge,
  hook: HookName,
  skb: Skb,
  inDev: NetDevice | null,
  outDev: NetDevice | null,
): boolean {
  const { ns } = bridge;
  const family = skb.protocol === ETH_P_IPV6 ? NF_IP6 : NF_IP;
  const list = ns.netfilter.hooks.at(family, HOOK_NUMBER[hook]);
  if (list.length === 0) return true;
  ns.kernel.trace?.hook(ns.id, NF_BRIDGE, hook, skb.id, inDev?.index ?? 0, outDev?.index ?? 0);
  skb.data += ETHERNET_HEADER;
  skb.net = skb.data;
  const go = walk({ ns, family, hook: HOOK_NUMBER[hook], in: inDev, out: outDev }, list, skb) === NF_ACCEPT;
  if (go) skb.data -= ETHERNET_HEADER;
  return go;
}

/** The header checks that the hooks rely on. Models: br_validate_ipv4. */
function validIpv4(skb: Skb): boolean {
  const net = skb.data + ETHERNET_HEADER;
  const length = skb.end - net;
  if (length < 20 || skb.buf[net]! >> 4 !== 4) return false;
  const header = ipv4HeaderLength(skb.buf, net);
  const total = ipv4TotalLength(skb.buf, net);
  if (header < 20 || header > length || total > length || total < header) return false;
  if (!ipv4ChecksumOk(skb.buf, net)) return false;
  skb.end = net + total;
  return true;
}

/**
 * A frame came in by a port. Answers the frame to go on with (a reassembled one may take the place of fragments), or
 * null when netfilter has it. Models: br_nf_pre_routing.
 */
export function bridgePrerouting(port: BridgePort, skb: Skb): Skb | null {
  const { bridge } = port;
  const { ns } = bridge;
  const family = familyOf(bridge, skb);
  if (family === undefined) return skb;
  if (family === NF_IP && !validIpv4(skb)) {
    ns.kernel.drop(ns, port.dev, skb, "IP_INHDR", "br_nf_pre_routing");
    return null;
  }
  const whole = family === NF_IP ? defragmented(port, skb) : skb;
  if (whole === null) return null;
  whole.physIn = port.dev;
  whole.sabotaged = false;
  whole.protocol = ethType(whole.buf, whole.data);
  const otherhost = whole.packetType === PACKET_OTHERHOST;
  if (otherhost) whole.packetType = PACKET_HOST;
  whole.dev = bridge;
  const net = whole.data + ETHERNET_HEADER;
  const dst = family === NF_IP ? ipv4Dest(whole.buf, net) : IPV4_ANY;
  if (!run(bridge, "PREROUTING", whole, bridge, null)) return null;
  const now = family === NF_IP ? ipv4Dest(whole.buf, net) : IPV4_ANY;
  if (now !== dst && !redirected(port, whole, now)) return null;
  if (otherhost && now === dst) whole.packetType = PACKET_OTHERHOST;
  whole.dev = port.dev;
  return whole;
}

/** Conntrack wants whole packets; the Ethernet header of the last piece goes on with the whole. */
function defragmented(port: BridgePort, skb: Skb): Skb | null {
  const { ns } = port.bridge;
  const net = skb.data + ETHERNET_HEADER;
  if (!ipv4IsFragment(skb.buf, net) || !ns.netfilter.tracks(NF_IP)) return skb;
  const header = skb.buf.slice(skb.data, net);
  const type = skb.packetType;
  skb.data = net;
  skb.net = net;
  const whole = ns.fragments.add(port.dev, skb);
  if (whole === null) return null;
  whole.push(ETHERNET_HEADER);
  whole.buf.set(header, whole.data);
  whole.mac = whole.data;
  whole.packetType = type;
  return whole;
}

/**
 * PREROUTING gave the packet another destination: when that is behind the same bridge, the frame goes on to its address,
 * else up the stack. False: the frame is no longer ours. Models: br_nf_pre_routing_finish.
 */
function redirected(port: BridgePort, skb: Skb, dst: Ipv4): boolean {
  const { bridge } = port;
  const { ns } = bridge;
  const net = skb.data + ETHERNET_HEADER;
  const verdict = routeInput(ns, bridge, skb, ipv4Source(skb.buf, net), dst);
  let nexthop = skb.nexthop as Ipv4;
  let same = verdict === "forward" && skb.hop?.dev === bridge;
  if (typeof verdict !== "string") {
    // Bridged traffic needs no ip_forward: as long as the new destination is behind this bridge.
    const route = "error" in verdict && bridge.conf.forwarding === 0 ? routeOutput(ns, { dst }) : undefined;
    if (route === undefined || typeof route === "string" || route.dev !== bridge) {
      ns.kernel.drop(ns, port.dev, skb, "IP_INNOROUTES", "br_nf_pre_routing_finish");
      return false;
    }
    same = true;
    nexthop = route.nexthop;
  }
  if (!same) {
    setEthDest(skb.buf, skb.data, bridge.mac);
    skb.packetType = PACKET_HOST;
    return true;
  }
  const known = neighbour(bridge, nexthop);
  if (known.connected) {
    setEthDest(skb.buf, skb.data, known.mac);
    return true;
  }
  // The neighbour must be asked first; its answer sends the frame into the bridge again (Bridge.xmit).
  skb.bridgedDnat = port;
  skb.savedMac = skb.buf.slice(skb.data + 6, skb.data + 12);
  skb.data = net;
  skb.net = net;
  known.output(skb);
  return false;
}

/** A frame that was held for its neighbour comes back by the bridge device: it goes on as if just come in. */
export function resumeBridgedDnat(skb: Skb): BridgePort {
  const port = skb.bridgedDnat!;
  skb.bridgedDnat = null;
  if (skb.savedMac !== null) skb.buf.set(skb.savedMac, skb.data + 6);
  skb.savedMac = null;
  skb.dev = port.dev;
  return port;
}

/** A bridged frame is about to leave by a port. False: netfilter has it. Models: br_nf_forward_ip, br_nf_post_routing. */
export function bridgeForward(bridge: Bridge, port: BridgePort, skb: Skb): boolean {
  if (skb.physIn === null) return true;
  skb.physOut = port.dev;
  const otherhost = skb.packetType === PACKET_OTHERHOST;
  if (otherhost) skb.packetType = PACKET_HOST;
  skb.dev = bridge;
  if (!run(bridge, "FORWARD", skb, bridge, bridge)) return false;
  if (!run(bridge, "POSTROUTING", skb, null, bridge)) return false;
  if (otherhost) skb.packetType = PACKET_OTHERHOST;
  return true;
}

/**
 * A bridged packet that is too long for its port, or was put together from pieces, leaves in pieces. Null: it fits as it
 * is; an empty list: it was dropped. Models: br_nf_dev_queue_xmit, br_nf_ip_fragment.
 */
export function bridgeFragments(bridge: Bridge, port: BridgePort, skb: Skb): readonly Skb[] | null {
  if (skb.physIn === null || skb.protocol !== ETH_P_IP) return null;
  const net = skb.data + ETHERNET_HEADER;
  const length = skb.end - net;
  const limit = skb.fragMax !== 0 && skb.fragMax < port.dev.mtu ? skb.fragMax : port.dev.mtu;
  if (length <= limit) return null;
  const { ns } = bridge;
  if (ipv4DontFragment(skb.buf, net)) {
    ns.kernel.drop(ns, port.dev, skb, "PKT_TOO_BIG", "br_nf_ip_fragment");
    return [];
  }
  skb.net = net;
  const parts = fragment(ns, skb, limit);
  for (const part of parts) {
    part.push(ETHERNET_HEADER);
    part.buf.set(skb.buf.subarray(skb.data, net), part.data);
    part.mac = part.data;
  }
  ns.kernel.consume(ns, skb, "br_nf_ip_fragment");
  return parts;
}
