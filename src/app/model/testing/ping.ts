import { must } from "../../../base/result.ts";
import { formatIpv4, type Ipv4, type Mac, parseIpv4, parseMac } from "../../../wire/address.ts";
import { encodeArp } from "../../../wire/arp.ts";
import { encodeEthernet } from "../../../wire/ethernet.ts";
import { encodeIpv4 } from "../../../wire/ipv4.ts";
import { encodeUdp } from "../../../wire/udp.ts";
import { encodeVxlan } from "../../../wire/vxlan.ts";
import {
  cniMac,
  type FixtureCluster,
  type FixturePod,
  HOST,
  nodeIp,
  nodeMac,
  nodeNetns,
  podIp,
  vtepMac,
} from "./cluster.ts";

const NOTHING = new Uint8Array(0);
const ip = (text: string): Ipv4 => must(parseIpv4(text), text);
const mac = (text: string): Mac => must(parseMac(text), text);

interface Leg {
  readonly from: FixturePod;
  readonly to: FixturePod;
  readonly reply: boolean;
  readonly skb: number;
}

/** An echo request or reply as it stands on the wire, with or without a tunnel around it. */
function echo(leg: Leg, ttl: number, src: string, dst: string): Uint8Array {
  const icmp = new Uint8Array(64);
  icmp.set([leg.reply ? 0 : 8, 0, 0, 0, 0x12, 0x34, 0, 1]);
  const packet = {
    tos: 0,
    id: 4711,
    dontFragment: !leg.reply,
    moreFragments: false,
    fragmentOffset: 0,
    ttl,
    protocol: 1,
    src: ip(leg.from.ip),
    dst: ip(leg.to.ip),
    options: NOTHING,
    payload: icmp,
  };
  return encodeEthernet({ dst: mac(dst), src: mac(src), type: 0x0800, payload: encodeIpv4(packet) });
}

function wrap(inner: Uint8Array, from: number, to: number): Uint8Array {
  const udp = encodeUdp({
    sourcePort: 47201,
    destPort: 8472,
    checksum: 0,
    payload: encodeVxlan({ vni: 1, payload: inner }),
  });
  const packet = {
    tos: 0,
    id: 99,
    dontFragment: false,
    moreFragments: false,
    fragmentOffset: 0,
    ttl: 64,
    protocol: 17,
    src: ip(nodeIp(from)),
    dst: ip(nodeIp(to)),
    options: NOTHING,
    payload: udp,
  };
  return encodeEthernet({
    dst: mac(nodeMac(to)),
    src: mac(nodeMac(from)),
    type: 0x0800,
    payload: encodeIpv4(packet),
  });
}

function frame(
  c: FixtureCluster,
  netns: number,
  dev: number,
  incoming: boolean,
  skb: number,
  bytes: Uint8Array,
): void {
  c.tick();
  c.writer.frame(netns, dev, incoming, skb, bytes, 0, bytes.length, bytes.length);
}

function leavePod(c: FixtureCluster, { from, to, skb }: Leg, bytes: Uint8Array): void {
  const w = c.writer;
  const gateway = ip(podIp(from.node, 1));
  w.route(
    from.netns,
    false,
    skb,
    ip(to.ip),
    ip(from.ip),
    "unicast",
    c.routeEntry(from.netns, "10.244.0.0/16"),
    2,
    gateway,
  );
  w.hook(from.netns, 0, "OUTPUT", skb, 0, 2);
  w.hook(from.netns, 0, "POSTROUTING", skb, 0, 2);
  w.neigh(from.netns, 2, skb, gateway, "resolved", mac(cniMac(from.node)));
  frame(c, from.netns, 2, false, skb, bytes);
}

/** Through the first node: bridge, forwarding, flannel.1, out of eth0. */
function firstNode(c: FixtureCluster, leg: Leg): Uint8Array {
  const { from, to, skb } = leg;
  const w = c.writer;
  const n = nodeNetns(from.node);
  const before = echo(leg, 64, from.mac, cniMac(from.node));
  frame(c, n, from.vethIndex, true, skb, before);
  w.fdb(n, 4, skb, mac(cniMac(from.node)), "local", 4, 0);
  frame(c, n, 4, true, skb, before);
  w.hook(n, 0, "PREROUTING", skb, 4, 0);
  w.route(
    n,
    true,
    skb,
    ip(to.ip),
    ip(from.ip),
    "unicast",
    c.routeEntry(n, `10.244.${to.node}.0/24`),
    3,
    ip(podIp(to.node, 0)),
  );
  w.ttl(n, skb, 64, 63);
  w.hook(n, 0, "FORWARD", skb, 4, 3);
  w.hook(n, 0, "POSTROUTING", skb, 0, 3);
  w.neigh(n, 3, skb, ip(podIp(to.node, 0)), "resolved", mac(vtepMac(to.node)));
  const inner = echo(leg, 63, vtepMac(from.node), vtepMac(to.node));
  frame(c, n, 3, false, skb, inner);
  w.fdb(n, 3, skb, mac(vtepMac(to.node)), "remote", 0, ip(nodeIp(to.node)));
  w.tunnel(true, n, 3, skb, 50, 1, ip(nodeIp(from.node)), ip(nodeIp(to.node)));
  w.route(
    n,
    false,
    skb,
    ip(nodeIp(to.node)),
    ip(nodeIp(from.node)),
    "unicast",
    c.routeEntry(n, "172.18.0.0/16"),
    2,
    ip(nodeIp(to.node)),
  );
  w.hook(n, 0, "OUTPUT", skb, 0, 2);
  w.hook(n, 0, "POSTROUTING", skb, 0, 2);
  w.neigh(n, 2, skb, ip(nodeIp(to.node)), "resolved", mac(nodeMac(to.node)));
  const outer = wrap(inner, from.node, to.node);
  frame(c, n, 2, false, skb, outer);
  return outer;
}

/** Through the second node: eth0, the tunnel's socket, flannel.1, the bridge, the pod's cable. */
function secondNode(c: FixtureCluster, leg: Leg, outer: Uint8Array): Uint8Array {
  const { from, to, skb } = leg;
  const w = c.writer;
  const n = nodeNetns(to.node);
  frame(c, n, 2, true, skb, outer);
  w.hook(n, 0, "PREROUTING", skb, 2, 0);
  w.route(
    n,
    true,
    skb,
    ip(nodeIp(to.node)),
    ip(nodeIp(from.node)),
    "local",
    c.routeEntry(n, `${nodeIp(to.node)}/32`),
    1,
    ip(nodeIp(to.node)),
  );
  w.hook(n, 0, "INPUT", skb, 2, 0);
  w.deliver(n, skb, 17, 8472, "vxlan");
  w.tunnel(false, n, 3, skb, 50, 1, ip(nodeIp(to.node)), ip(nodeIp(from.node)));
  frame(c, n, 3, true, skb, echo(leg, 63, vtepMac(from.node), vtepMac(to.node)));
  w.hook(n, 0, "PREROUTING", skb, 3, 0);
  w.route(
    n,
    true,
    skb,
    ip(to.ip),
    ip(from.ip),
    "unicast",
    c.routeEntry(n, `10.244.${to.node}.0/24`),
    4,
    ip(to.ip),
  );
  w.ttl(n, skb, 63, 62);
  w.hook(n, 0, "FORWARD", skb, 3, 4);
  w.hook(n, 0, "POSTROUTING", skb, 0, 4);
  w.neigh(n, 4, skb, ip(to.ip), "resolved", mac(to.mac));
  const bytes = echo(leg, 62, cniMac(to.node), to.mac);
  frame(c, n, 4, false, skb, bytes);
  w.fdb(n, 4, skb, mac(to.mac), "port", to.vethIndex, 0);
  frame(c, n, to.vethIndex, false, skb, bytes);
  return bytes;
}

function cross(c: FixtureCluster, leg: Leg): void {
  leavePod(c, leg, echo(leg, 64, leg.from.mac, cniMac(leg.from.node)));
  const outer = firstNode(c, leg);
  frame(c, HOST, 3 + leg.from.node, true, leg.skb, outer);
  c.writer.fdb(HOST, 2, leg.skb, mac(nodeMac(leg.to.node)), "port", 3 + leg.to.node, 0);
  frame(c, HOST, 3 + leg.to.node, false, leg.skb, outer);
  const bytes = secondNode(c, leg, outer);
  const { netns } = leg.to;
  frame(c, netns, 2, true, leg.skb, bytes);
  c.writer.hook(netns, 0, "PREROUTING", leg.skb, 2, 0);
  const entry = c.routeEntry(netns, `${leg.to.ip}/32`);
  c.writer.route(netns, true, leg.skb, ip(leg.to.ip), ip(leg.from.ip), "local", entry, 1, ip(leg.to.ip));
  c.writer.hook(netns, 0, "INPUT", leg.skb, 2, 0);
}

/** ARP on the pod's cable: asked by `skb`, answered at once. */
function arp(c: FixtureCluster, pod: FixturePod, waiting: number, first: number): void {
  const gateway = podIp(pod.node, 1);
  const node = nodeNetns(pod.node);
  const w = c.writer;
  const bytes = (op: number, reply: boolean): Uint8Array => {
    const [sm, si, tm, ti] = reply
      ? [cniMac(pod.node), gateway, pod.mac, pod.ip]
      : [pod.mac, pod.ip, "00:00:00:00:00:00", gateway];
    const payload = encodeArp({
      operation: op,
      senderMac: mac(sm),
      senderIp: ip(si),
      targetMac: mac(tm),
      targetIp: ip(ti),
    });
    const dst = reply ? pod.mac : "ff:ff:ff:ff:ff:ff";
    return encodeEthernet({ dst: mac(dst), src: mac(sm), type: 0x0806, payload });
  };
  w.neigh(pod.netns, 2, waiting, ip(gateway), "queued", 0);
  c.neigh(pod.netns, 2, gateway, undefined, "INCOMPLETE");
  w.origin(pod.netns, first, "arp-request", waiting, "");
  frame(c, pod.netns, 2, false, first, bytes(1, false));
  frame(c, node, pod.vethIndex, true, first, bytes(1, false));
  w.fdb(node, 4, first, mac("ff:ff:ff:ff:ff:ff"), "flood", 0, 0);
  frame(c, node, 4, true, first, bytes(1, false));
  w.consume(node, first, "arp");
  w.origin(node, first + 1, "arp-reply", first, "");
  frame(c, node, 4, false, first + 1, bytes(2, true));
  w.fdb(node, 4, first + 1, mac(pod.mac), "port", pod.vethIndex, 0);
  frame(c, node, pod.vethIndex, false, first + 1, bytes(2, true));
  frame(c, pod.netns, 2, true, first + 1, bytes(2, true));
  w.consume(pod.netns, first + 1, "arp");
  c.neigh(pod.netns, 2, gateway, cniMac(pod.node), "REACHABLE");
}

export interface FixtureAction {
  readonly from: number;
  readonly to: number;
  readonly source: string;
  readonly target: string;
}

/** Pings one pod from another of the other node, with the first one's ARP; answers the records it wrote. */
export function pingAcross(
  c: FixtureCluster,
  source: FixturePod,
  target: FixturePod,
  withArp = true,
): FixtureAction {
  const first = c.writer.length;
  const skb = first + 1;
  c.tick(1_000_000);
  c.writer.origin(source.netns, skb, "socket", 0, "ping");
  if (withArp) arp(c, source, skb, skb + 1);
  cross(c, { from: source, to: target, reply: false, skb });
  c.writer.consume(target.netns, skb, "icmp");
  const back = skb + 5;
  c.writer.origin(target.netns, back, "echo-reply", skb, "");
  cross(c, { from: target, to: source, reply: true, skb: back });
  c.writer.deliver(source.netns, back, 1, 0, "ping");
  return { from: first, to: c.writer.length, source: source.name, target: target.name };
}

/** A ping whose target address no route of the node covers: it ends there. */
export function pingNowhere(c: FixtureCluster, source: FixturePod): FixtureAction {
  const first = c.writer.length;
  const skb = first + 1;
  const nowhere = { ...source, ip: "192.0.2.9" };
  const leg: Leg = { from: source, to: nowhere, reply: false, skb };
  c.writer.origin(source.netns, skb, "socket", 0, "ping");
  leavePod(c, leg, echo(leg, 64, source.mac, cniMac(source.node)));
  const n = nodeNetns(source.node);
  frame(c, n, source.vethIndex, true, skb, echo(leg, 64, source.mac, cniMac(source.node)));
  c.writer.hook(n, 0, "PREROUTING", skb, 4, 0);
  c.writer.route(n, true, skb, ip(nowhere.ip), ip(source.ip), "none", 0, 0, 0);
  c.writer.drop(n, 4, skb, "IP_INNOROUTES", "ip_route_input_slow");
  return { from: first, to: c.writer.length, source: source.name, target: formatIpv4(ip(nowhere.ip)) };
}
