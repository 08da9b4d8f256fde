import { must } from "../../../base/result.ts";
import { parseIpv4, parseMac } from "../../../wire/address.ts";
import { encodeEthernet } from "../../../wire/ethernet.ts";
import { encodeIpv4 } from "../../../wire/ipv4.ts";
import type { LinkRow } from "../../../trace/rows.ts";
import { TraceWriter } from "../../../trace/writer.ts";

/** What a made-up large cluster has. */
export interface LargeOptions {
  readonly nodes: number;
  readonly podsPerNode: number;
  readonly zones: number;
  /** Every so many pods one is not ready; 0 for none. */
  readonly brokenEvery?: number;
  /** Numbers of the nodes that are not ready. */
  readonly down?: readonly number[];
}

const HOST = 1;
const ip = (a: number, b: number, c: number, d: number): string => `${a}.${b}.${c}.${d}`;
const mac = (high: number, low: number): string =>
  ["02", high >> 8, high & 255, low >> 16, (low >> 8) & 255, low & 255]
    .map((part) => (typeof part === "string" ? part : part.toString(16).padStart(2, "0")))
    .join(":");

/**
 * The journal of a large kind cluster with flannel, as the engine would tell it, without what only a look into a node
 * shows (routes, rules, neighbours). Node n has namespace 2+n, its pods have namespaces from 10,000 on.
 */
export function largeJournal(options: LargeOptions): TraceWriter {
  const writer = new TraceWriter({ now: 0 });
  netns(writer, HOST, "");
  link(writer, HOST, { index: 2, name: "br-kind", kind: "bridge", mac: mac(1, 1), mtu: 1500 });
  address(writer, HOST, 2, "172.18.0.1", 16);
  for (let node = 0; node < options.nodes; node++) largeNode(writer, node, options);
  return writer;
}

/** Makes one pod more on a node, or (re)writes it: what happens while somebody looks. */
export function largePod(writer: TraceWriter, node: number, pod: number, isReady = true): void {
  const [name, host] = [nodeName(node), nodeNetns(node)];
  const own = podNetns(node, pod);
  const podName = `web-6b8fd7c4d5-${node.toString(36).padStart(3, "0")}${pod.toString(36).padStart(2, "0")}`;
  const address4 = ip(10, 240 + (node >> 8), node & 255, 2 + pod);
  const port = 5 + pod;
  netns(writer, own, `${name}.default.${podName}`);
  const peer = { netns: host, index: port };
  link(writer, own, { index: 2, name: "eth0", kind: "veth", mac: mac(3, own), mtu: 1450, peer });
  link(writer, host, {
    index: port,
    name: `veth${own.toString(16)}`,
    kind: "veth",
    mac: mac(4, own),
    mtu: 1450,
    master: 4,
    peer: { netns: own, index: 2 },
  });
  address(writer, own, 2, address4, 24);
  const sandbox = {
    id: podName,
    node: name,
    namespace: "default",
    pod: podName,
    netnsPath: `/run/netns/${podName}`,
    hostNetwork: false,
    state: "ready",
    ip: address4,
  };
  writer.change("sandbox", own, podName, null, sandbox, "kubelet", "");
  for (const container of ["pause", "web"]) {
    const row = {
      id: `${podName}/${container}`,
      sandbox: podName,
      node: name,
      name: container,
      image: "nginx:1.29",
      pause: container === "pause",
      init: false,
      state: "running",
    };
    writer.change("container", own, row.id, null, row, "kubelet", "");
  }
  object(writer, "Pod", podName, {
    metadata: { name: podName, namespace: "default", labels: { app: "web" } },
    spec: { nodeName: name, containers: [{ name: "web", image: "nginx:1.29" }] },
    status: { phase: "Running", podIP: address4, conditions: [condition(isReady)] },
  });
}

export const nodeName = (node: number): string => (node === 0 ? "kind-control-plane" : `kind-worker${node}`);
export const nodeNetns = (node: number): number => 2 + node;

function largeNode(writer: TraceWriter, node: number, options: LargeOptions): void {
  const { podsPerNode, zones, brokenEvery = 0, down = [] } = options;
  const [name, own, port] = [nodeName(node), nodeNetns(node), 3 + node];
  const local = ip(172, 18, 1 + (node >> 8), node & 255);
  netns(writer, own, name);
  const peer = { netns: HOST, index: port };
  link(writer, own, { index: 2, name: "eth0", kind: "veth", mac: mac(2, node), mtu: 1500, peer });
  link(writer, HOST, {
    index: port,
    name: `veth${node.toString(16)}`,
    kind: "veth",
    mac: mac(5, node),
    mtu: 1500,
    master: 2,
    peer: { netns: own, index: 2 },
  });
  address(writer, own, 2, local, 16);
  writer.change("sysctl", own, "net.ipv4.ip_forward", null, "1", "kubeadm", "");
  const vxlan = { id: 1, dstPort: 8472, local, dev: 2, learning: false };
  link(writer, own, { index: 3, name: "flannel.1", kind: "vxlan", mac: mac(6, node), mtu: 1450, vxlan });
  address(writer, own, 3, ip(10, 240 + (node >> 8), node & 255, 0), 32);
  link(writer, own, { index: 4, name: "cni0", kind: "bridge", mac: mac(7, node), mtu: 1450 });
  address(writer, own, 4, ip(10, 240 + (node >> 8), node & 255, 1), 24);
  const zone =
    zones === 0 ? {} : { "topology.kubernetes.io/zone": `zone-${"abcdefgh"[node % zones] ?? "x"}` };
  object(writer, "Node", name, {
    metadata: { name, labels: { "kubernetes.io/hostname": name, ...zone } },
    status: { conditions: [condition(!down.includes(node))] },
  });
  for (let pod = 0; pod < podsPerNode; pod++) {
    const number = node * podsPerNode + pod;
    largePod(writer, node, pod, brokenEvery === 0 || number % brokenEvery !== brokenEvery - 1);
  }
}

function condition(isTrue: boolean): unknown {
  return { type: "Ready", status: isTrue ? "True" : "False" };
}

function object(writer: TraceWriter, kind: string, name: string, value: object): void {
  const namespace = kind === "Pod" ? "default" : "";
  const row = { kind, name, ...(namespace !== "" && { namespace }), object: { kind, ...value } };
  writer.change("object", 0, `${kind}/${namespace}/${name}`, null, row, "api", "");
}

function netns(writer: TraceWriter, id: number, label: string): void {
  writer.change("netns", id, String(id), null, { label }, "docker", "");
  link(writer, id, { index: 1, name: "lo", kind: "loopback", mac: "00:00:00:00:00:00", mtu: 65536 });
}

function link(writer: TraceWriter, id: number, row: Omit<LinkRow, "up" | "lowerUp" | "operState">): void {
  const after: LinkRow = { ...row, up: true, lowerUp: true, operState: "UP" };
  writer.change("link", id, String(row.index), null, after, "kernel", "");
}

function address(writer: TraceWriter, id: number, dev: number, local: string, length: number): void {
  const row = { dev, local, length, scope: 0, secondary: false };
  writer.change("address", id, `${dev}/${local}/${length}`, null, row, "kernel", "");
}

/** The way of one echo request from a pod of one node to a pod of another, through flannel's tunnel. */
interface Trip {
  readonly skb: number;
  readonly from: readonly [node: number, pod: number];
  readonly to: readonly [node: number, pod: number];
}

/** Echo requests that are all under way at the same time, each between two nodes of its own; the first is the first pod's. */
export function largeTraffic(writer: TraceWriter, count: number, { nodes, podsPerNode }: LargeOptions): void {
  const trips = Array.from({ length: count }, (_, i): Trip => {
    const node = (i * 7) % nodes;
    const pod = Math.floor(i / nodes) % podsPerNode;
    return { skb: i + 1, from: [node, pod], to: [(node + 1 + (i % 61)) % nodes, pod] };
  });
  const frame = echoFrame();
  for (const { skb, from } of trips) writer.origin(podNetns(...from), skb, "socket", 0, "ping");
  for (const station of STATIONS) for (const trip of trips) station(writer, trip, frame);
}

const podNetns = (node: number, pod: number): number => 10_000 + node * 200 + pod;

type Station = (writer: TraceWriter, trip: Trip, frame: Uint8Array) => void;

/** A frame at a device: in the sending or receiving pod, on its node, or on the switch below. */
function seen(at: (trip: Trip) => readonly [netns: number, dev: number], incoming: boolean): Station {
  return (writer, trip, frame) => {
    const [netnsId, dev] = at(trip);
    writer.frame(netnsId, dev, incoming, trip.skb, frame, 0, frame.length, frame.length);
  };
}

const STATIONS: readonly Station[] = [
  seen(({ from }) => [podNetns(...from), 2], false),
  seen(({ from: [node, pod] }) => [nodeNetns(node), 5 + pod], true),
  seen(({ from: [node] }) => [nodeNetns(node), 4], true),
  (writer, { skb, from: [node] }) => writer.hook(nodeNetns(node), 0, "FORWARD", skb, 4, 3),
  seen(({ from: [node] }) => [nodeNetns(node), 3], false),
  seen(({ from: [node] }) => [nodeNetns(node), 2], false),
  seen(({ from: [node] }) => [HOST, 3 + node], true),
  seen(() => [HOST, 2], true),
  seen(({ to: [node] }) => [HOST, 3 + node], false),
  seen(({ to: [node] }) => [nodeNetns(node), 2], true),
  seen(({ to: [node] }) => [nodeNetns(node), 3], true),
  (writer, { skb, to: [node] }) => writer.hook(nodeNetns(node), 0, "FORWARD", skb, 3, 4),
  seen(({ to: [node] }) => [nodeNetns(node), 4], false),
  seen(({ to: [node, pod] }) => [nodeNetns(node), 5 + pod], false),
  seen(({ to }) => [podNetns(...to), 2], true),
  (writer, { skb, to }) => writer.deliver(podNetns(...to), skb, 1, 0, ""),
];

/** An echo request whose addresses nobody looks at. */
function echoFrame(): Uint8Array {
  const icmp = new Uint8Array(64);
  icmp.set([8, 0, 0, 0, 0x12, 0x34, 0, 1]);
  const none = new Uint8Array(0);
  const [src, dst] = [must(parseIpv4("10.240.0.2"), "address"), must(parseIpv4("10.240.1.2"), "address")];
  const flags = { tos: 0, id: 1, dontFragment: true, moreFragments: false, fragmentOffset: 0 };
  const packet = encodeIpv4({ ...flags, ttl: 64, protocol: 1, src, dst, options: none, payload: icmp });
  const address = must(parseMac("02:00:00:00:00:01"), "address");
  return encodeEthernet({ dst: address, src: address, type: 0x0800, payload: packet });
}
