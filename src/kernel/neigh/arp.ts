import {
  formatIpv4,
  inPrefix,
  type Ipv4,
  isLoopback,
  isMulticast,
  type Mac,
  MAC_BROADCAST,
  MAC_ZERO,
  multicastMac,
} from "../../wire/address.ts";
import {
  ARP_LENGTH,
  ARP_REPLY,
  ARP_REQUEST,
  arpOperation,
  arpSenderIp,
  arpSenderMac,
  arpTargetIp,
  arpTargetMac,
  arpValid,
  writeArp,
} from "../../wire/arp.ts";
import { ETH_P_ARP, ETH_P_IP, ETHERNET_HEADER, writeEthernet } from "../../wire/ethernet.ts";
import { ipv4Source } from "../../wire/ipv4.ts";
import type { Nanos } from "../../sim/time.ts";
import type { OriginName } from "../../trace/record.ts";
import type { NetDevice, XmitResult } from "../device/device.ts";
import { devQueueXmit } from "../device/receive.ts";
import { type InetAddress, selectAddress } from "../ipv4/address.ts";
import { onLink } from "../ipv4/fib.ts";
import { icmpSend } from "../ipv4/icmp-send.ts";
import { routeOutput } from "../ipv4/route.ts";
import { routeInput } from "../ipv4/route-input.ts";
import { PACKET_HOST, PACKET_OTHERHOST, type Skb } from "../skb.ts";
import { type Actor, SCOPE_LINK } from "../uapi/index.ts";
import { type NeighFamily, Neighbour } from "./neighbour.ts";

/** Models: arp_tbl. */
const ARP: NeighFamily<Ipv4> = {
  params: (dev) => dev.neighParams,
  reachableTime: (dev) => dev.reachableTime,
  output: neighbourOutput,
  failed: neighbourFailed,
  solicit,
  tell: (n, gone) => n.dev.ns.monitor.tell({ kind: "neigh", gone, neigh: n }),
  text: (n) => formatIpv4(n.address),
  queued: (n, skb) => {
    const { ns } = n.dev;
    ns.kernel.trace?.neigh(ns.id, n.dev.index, skb.id, n.address, "queued", 0);
  },
};

const LEARNT: Actor = { name: "kernel", detail: "learnt by ARP" };

/** The neighbour entry for an address on a link, made when there is none. Models: neigh_lookup, arp_constructor. */
export function neighbour(dev: NetDevice, wanted: Ipv4): Neighbour<Ipv4> {
  // lo has one neighbour for all.
  const address = dev.isLoopback ? (0 as Ipv4) : wanted;
  let entry = dev.neighbours.get(address);
  if (entry !== undefined) return entry;
  entry = new Neighbour(ARP, dev, address, LEARNT);
  dev.neighbours.set(address, entry);
  if (dev.noArp || dev.isLoopback) {
    entry.state = "NOARP";
    entry.mac = dev.isLoopback ? MAC_ZERO : dev.mac;
  } else if (isMulticast(address)) {
    entry.state = "NOARP";
    entry.mac = multicastMac(address);
  } else {
    const type = address === 0xffffffff ? "broadcast" : dev.ns.fib.addressType(address);
    if (type === "broadcast") {
      entry.state = "NOARP";
      entry.mac = MAC_BROADCAST;
    }
  }
  return entry;
}

/** Puts the Ethernet header on and sends. Models: neigh_connected_output. */
export function neighbourOutput(n: Neighbour<Ipv4>, skb: Skb): XmitResult {
  const { dev } = n;
  const { trace } = dev.ns.kernel;
  if (trace !== null) {
    const result = n.state === "NOARP" ? (n.mac === MAC_BROADCAST ? "broadcast" : "noarp") : "resolved";
    trace.neigh(dev.ns.id, dev.index, skb.id, n.address, result, n.mac);
  }
  if (dev.headerLength !== 0) {
    skb.ensureHeadroom(ETHERNET_HEADER);
    skb.push(ETHERNET_HEADER);
    writeEthernet(skb.buf, skb.data, n.mac, dev.mac, ETH_P_IP);
  }
  return devQueueXmit(dev, skb);
}

/** A packet whose neighbour did not answer: its sender hears "host unreachable". Models: arp_error_report. */
export function neighbourFailed(n: Neighbour<Ipv4>, skb: Skb): void {
  const { ns } = n.dev;
  ns.kernel.trace?.neigh(ns.id, n.dev.index, skb.id, n.address, "failed", 0);
  ns.kernel.current = skb.id;
  icmpSend(ns, skb, 3, 1, 0);
  ns.kernel.current = 0;
  ns.kernel.drop(ns, n.dev, skb, "NEIGH_FAILED", "arp_error_report");
}

/** Asks who has the address. `tried` probes went out before. Models: arp_solicit. */
export function solicit(n: Neighbour<Ipv4>, skb: Skb | null, tried: number): void {
  const { dev } = n;
  const source = solicitSource(n, skb);
  if (source === 0 && dev.addresses.length === 0) return;
  const { unicastProbes, appProbes } = dev.neighParams;
  const unicast = tried < unicastProbes && n.valid;
  const { kernel, monitor } = dev.ns;
  if (!unicast && tried >= unicastProbes && tried - unicastProbes < appProbes) {
    // Models: neigh_app_ns.
    const question = { dst: n.address, ...(n.valid ? { mac: n.mac } : {}), state: n.state };
    monitor.tell({ kind: "miss", gone: false, dev, question });
    return;
  }
  const cause = kernel.current;
  if (skb !== null) kernel.current = skb.id;
  arpSend(dev, ARP_REQUEST, "arp-request", unicast ? n.mac : MAC_BROADCAST, source, MAC_ZERO, n.address);
  kernel.current = cause;
}

/** Which of our addresses asks. arp_announce: 0 the packet's own, 1 if the target can know it, 2 the best for the target. */
function solicitSource(n: Neighbour<Ipv4>, skb: Skb | null): Ipv4 {
  const { dev } = n;
  const announce = Math.max(dev.conf.arp_announce, dev.ns.confAll.arp_announce);
  if (skb !== null && announce !== 2) {
    const wanted = ipv4Source(skb.buf, skb.net);
    const own = dev.ns.fib.addressType(wanted) === "local";
    if (own && (announce !== 1 || onLink(dev, n.address, wanted))) return wanted;
  }
  return selectAddress(dev.ns, dev, n.address, SCOPE_LINK);
}

function arpSend(
  dev: NetDevice,
  op: number,
  origin: OriginName,
  to: Mac,
  spa: Ipv4,
  tha: Mac,
  tpa: Ipv4,
): void {
  if (dev.noArp) return;
  const skb = dev.ns.kernel.alloc(dev.ns, ARP_LENGTH, origin);
  skb.protocol = ETH_P_ARP;
  skb.end = skb.data + ARP_LENGTH;
  skb.net = skb.data;
  writeArp(skb.buf, skb.data, op, dev.mac, spa, tha, tpa);
  skb.push(ETHERNET_HEADER);
  writeEthernet(skb.buf, skb.data, to, dev.mac, ETH_P_ARP);
  devQueueXmit(dev, skb);
}

/** Tells the link about one of our addresses: gratuitous ARP. Models: inetdev_send_gratuitous_arp. */
export function arpAnnounce(dev: NetDevice, address: Ipv4): void {
  if (!dev.noArp && dev.up)
    arpSend(dev, ARP_REQUEST, "arp-request", MAC_BROADCAST, address, dev.mac, address);
}

/** arp_notify: the link hears of a device that comes up, or changes its hardware address. */
export function notifies(dev: NetDevice): boolean {
  return dev.conf.arp_notify !== 0 || dev.ns.confAll.arp_notify !== 0;
}

/** arp_accept: entries are made even for those we never asked; 2: only of our own subnets. */
function accepts(dev: NetDevice, sender: Ipv4): boolean {
  const mode = Math.max(dev.conf.arp_accept, dev.ns.confAll.arp_accept);
  return mode === 1 || (mode === 2 && onLink(dev, sender, 0 as Ipv4));
}

/**
 * arp_ignore: 0 any local address, 1 only those of the device, 2 also in the sender's subnet, 3 all but those of host scope,
 * 8 none. Models: arp_ignore, inet_confirm_addr.
 */
function ignores(dev: NetDevice, sender: Ipv4, target: Ipv4): boolean {
  const mode = Math.max(dev.conf.arp_ignore, dev.ns.confAll.arp_ignore);
  const isTarget = (a: InetAddress): boolean => a.local === target;
  switch (mode) {
    case 1:
      return !dev.addresses.some(isTarget);
    case 2:
      return (
        !dev.addresses.some(isTarget) ||
        (sender !== 0 && !dev.addresses.some((a) => holdsBoth(a, sender, target)))
      );
    case 3:
      return !dev.ns.devices().some((d) => d.addresses.some((a) => isTarget(a) && a.scope <= SCOPE_LINK));
    case 8:
      return true;
    default:
      return false;
  }
}

function holdsBoth(a: InetAddress, x: Ipv4, y: Ipv4): boolean {
  return inPrefix(x, a.peer, a.length) && inPrefix(y, a.peer, a.length);
}

/** arp_filter: only the device that packets to the sender would leave by answers it. Models: arp_filter. */
function filters(dev: NetDevice, sender: Ipv4, target: Ipv4): boolean {
  if (dev.conf.arp_filter === 0 && dev.ns.confAll.arp_filter === 0) return false;
  const route = routeOutput(dev.ns, { dst: sender, src: target });
  return typeof route === "string" || route.dev !== dev;
}

/** An ARP packet came in; `skb.data` is at its first byte. Models: arp_rcv, arp_process. */
export function arpReceive(dev: NetDevice, skb: Skb): void {
  const { ns } = dev;
  const { kernel } = ns;
  if (dev.noArp || skb.packetType === PACKET_OTHERHOST) {
    kernel.drop(ns, dev, skb, "OTHERHOST", "arp_rcv");
    return;
  }
  if (skb.length < ARP_LENGTH || !arpValid(skb.buf, skb.data, skb.end)) {
    kernel.drop(ns, dev, skb, "PKT_TOO_SMALL", "arp_rcv");
    return;
  }
  const op = arpOperation(skb.buf, skb.data);
  const target = arpTargetIp(skb.buf, skb.data);
  const localnet = dev.conf.route_localnet !== 0 || ns.confAll.route_localnet !== 0;
  if (isMulticast(target) || (isLoopback(target) && !localnet) || (op !== ARP_REQUEST && op !== ARP_REPLY)) {
    kernel.drop(ns, dev, skb, "NOT_SPECIFIED", "arp_process");
    return;
  }
  const sender = arpSenderIp(skb.buf, skb.data);
  const senderMac = arpSenderMac(skb.buf, skb.data);
  const drops = dev.conf.drop_gratuitous_arp !== 0 || ns.confAll.drop_gratuitous_arp !== 0;
  if (sender === target && drops) {
    kernel.drop(ns, dev, skb, "NOT_SPECIFIED", "arp_process");
    return;
  }
  if (op === ARP_REQUEST && answers(dev, skb, sender, senderMac, target)) {
    kernel.consume(ns, skb, "arp_process");
    return;
  }
  let known = dev.neighbours.get(sender);
  const accepted = sender !== 0 && accepts(dev, sender);
  const gratuitous = (known !== undefined || accepted) && isGratuitous(dev, skb, op, sender, target);
  if (known === undefined && accepted && (gratuitous || op === ARP_REPLY)) {
    if (ns.fib.addressType(sender) === "unicast") known = neighbour(dev, sender);
  }
  if (known !== undefined && sender !== 0) {
    const override = kernel.queue.now > known.updated + dev.neighParams.lockTime || gratuitous;
    const state = op !== ARP_REPLY || skb.packetType !== PACKET_HOST ? "STALE" : "REACHABLE";
    known.update(senderMac, state, { override }, LEARNT);
  }
  kernel.consume(ns, skb, "arp_process");
}

/** An announcement of the sender's own address; a reply must also say so in its target's hardware address. Models: arp_is_garp. */
function isGratuitous(dev: NetDevice, skb: Skb, op: number, sender: Ipv4, target: Ipv4): boolean {
  if (sender !== target) return false;
  if (op === ARP_REPLY && arpTargetMac(skb.buf, skb.data) !== arpSenderMac(skb.buf, skb.data)) return false;
  return dev.ns.fib.addressType(sender) === "unicast";
}

/** Answers a request for an address of ours, or for one that we stand in for; true when the request is done with. */
function answers(dev: NetDevice, skb: Skb, sender: Ipv4, senderMac: Mac, target: Ipv4): boolean {
  const { ns } = dev;
  const reply = (): void => arpSend(dev, ARP_REPLY, "arp-reply", senderMac, target, senderMac, sender);
  if (sender === 0) {
    if (ns.fib.addressType(target) === "local" && !ignores(dev, sender, target)) reply();
    return true;
  }
  const verdict = routeInput(ns, dev, skb, sender, target);
  if (verdict === "local") {
    if (ignores(dev, sender, target) || filters(dev, sender, target)) return true;
    neighbour(dev, sender).update(senderMac, "STALE", { override: true }, LEARNT);
    reply();
    return true;
  }
  if (verdict !== "forward" || !standsIn(dev, skb.hop?.dev ?? null, sender, target)) return false;
  neighbour(dev, sender).update(senderMac, "STALE", { override: true }, LEARNT);
  const delay = dev.neighParams.proxyDelay;
  if (skb.packetType === PACKET_HOST || delay === 0) reply();
  else {
    const wait = Math.floor(ns.kernel.random.unit() * delay) as Nanos;
    const cause = skb.id;
    ns.kernel.queue.after(wait, () => {
      ns.kernel.current = cause;
      if (dev.up) reply();
      ns.kernel.current = 0;
    });
  }
  return true;
}

/**
 * Proxy ARP: the way to the target leads out of another device; or of the same, where the switch keeps its ports apart
 * (proxy_arp_pvlan). Models: arp_fwd_proxy, arp_fwd_pvlan, pneigh_lookup.
 */
function standsIn(dev: NetDevice, out: NetDevice | null, sender: Ipv4, target: Ipv4): boolean {
  const { confAll } = dev.ns;
  if (out === dev)
    return (dev.conf.proxy_arp_pvlan !== 0 || confAll.proxy_arp_pvlan !== 0) && sender !== target;
  return dev.conf.proxy_arp !== 0 || confAll.proxy_arp !== 0 || dev.proxies.has(target);
}

/** Empties a device's table: when it goes down, changes its address, or is moved. `keep` spares permanent entries. */
export function flushNeighbours(dev: NetDevice, keepPermanent: boolean, why: string): void {
  const by: Actor = { name: "kernel", detail: why };
  for (const entry of [...dev.neighbours.values()]) {
    if (keepPermanent && entry.state === "PERMANENT") continue;
    removeNeighbour(entry, by);
  }
}

export function removeNeighbour(entry: Neighbour<Ipv4>, by: Actor): void {
  entry.dev.neighbours.delete(entry.address);
  entry.destroy();
  entry.dev.ns.monitor.tell({ kind: "neigh", gone: true, neigh: entry });
  if (entry.state !== "NOARP" || entry.by !== LEARNT) entry.journal(entry.row(), null, by);
}
