import { describe, expect, it } from "vitest";
import { getU16, setU16 } from "../../../base/bytes.ts";
import { readText } from "../../../container/files.ts";
import type { NetnsId } from "../../../kernel/uapi/index.ts";
import { seconds } from "../../../sim/time.ts";
import {
  createPod,
  flannelPod,
  flannelWorld,
  kubeWorld,
  applyFlannel,
  type KubeWorld,
  NET_CONF,
  nodeOf,
  podOf,
} from "../../../testkit/kube-world.ts";
import { addresses, rest, routes } from "../../../testkit/node-world.ts";
import { formatIpv4, IPV4_ANY, parseIpv4 } from "../../../wire/address.ts";
import { internetChecksum } from "../../../wire/checksum.ts";

const WORKER = "kind-worker";
const WORKER2 = "kind-worker2";
const EN = { name: "test" };

function netOf(world: KubeWorld, node: string) {
  return world.kernel.open(nodeOf(world, node).host.netns, EN);
}

function log(world: KubeWorld, node: string): string {
  const { kubelet } = nodeOf(world, node);
  const container = kubelet.containerOf("kube-flannel", `flannel-${node}`, "kube-flannel");
  return (container?.log.lines ?? []).map((line) => line.text.replace(/^.*?\] /, "")).join("\n");
}

/** A cluster with this backend, a pod on each worker. */
function clusterWith(backend: object, workers: readonly string[] = [WORKER, WORKER2]): KubeWorld {
  const world = flannelWorld({ ...NET_CONF, Backend: backend });
  for (const [i, node] of workers.entries()) createPod(world, `pod${i + 1}`, node);
  rest(world, seconds(5));
  return world;
}

function podNetns(world: KubeWorld, pod: string): NetnsId {
  const place = world.cluster.pods().find((p) => p.name === pod);
  if (place === undefined) throw new Error(`pod ${pod} has no sandbox`);
  return place.netns;
}

interface Outcome {
  readonly answered: boolean;
  /** The ICMP error that came instead: type, code and what it says of the MTU. */
  readonly error: string | undefined;
}

/** An echo with a payload of `size` bytes that must not be fragmented. */
function echo(world: KubeWorld, from: NetnsId, to: string, size: number): Outcome {
  const net = world.kernel.open(from, EN);
  const socket = net.socket.icmp("test", (type) => type === 0);
  socket.setOptions({ mtuDiscover: "do", receiveErrors: true });
  const bytes = new Uint8Array(8 + size);
  bytes[0] = 8;
  setU16(bytes, 4, 77);
  setU16(bytes, 2, internetChecksum(bytes, 0, bytes.length));
  const sent = socket.send(bytes, { address: parseIpv4(to) ?? IPV4_ANY, port: 0 });
  if (!sent.ok) return { answered: false, error: sent.error.errno };
  let answered = false;
  let error: string | undefined;
  for (let i = 0; i < 100 && !answered && error === undefined; i++) {
    rest(world, seconds(0.01));
    const queued = socket.receiveError();
    if (queued !== undefined) error = `${queued.origin} ${queued.errno} ${queued.info}`;
    const got = socket.receive();
    answered = got.ok && got.value !== undefined;
  }
  socket.close();
  return { answered, error };
}

/** What the node's eth0 sees while `act` runs: `PROTOCOL LENGTH` of each IPv4 frame between the workers. */
function onWire(world: KubeWorld, act: () => void): readonly string[] {
  const net = netOf(world, WORKER);
  const eth0 = net.link.byName("eth0");
  if (eth0 === undefined) throw new Error("no eth0");
  const seen: string[] = [];
  const stop = net.capture(eth0.index, "both", ({ bytes, direction }) => {
    if (getU16(bytes, 12) !== 0x0800) return;
    const names: Readonly<Record<number, string>> = { 1: "icmp", 4: "ipip", 6: "tcp", 17: "udp", 50: "esp" };
    const protocol = names[bytes[23] ?? 0] ?? "?";
    if (protocol === "tcp") return;
    const port = protocol === "udp" ? `:${getU16(bytes, 36)}` : "";
    seen.push(`${direction} ${protocol}${port} ${bytes.length} df=${(bytes[20] ?? 0) >> 6}`);
  });
  act();
  stop();
  return seen;
}

function ipOf(world: KubeWorld, pod: string): string {
  return podOf(world, pod).status?.podIP ?? "";
}

/** A DF echo of the greatest size that fits, and one byte more that does not. */
function expectGreatest(world: KubeWorld, mtu: number): void {
  const from = podNetns(world, "pod1");
  const to = ipOf(world, "pod2");
  expect(echo(world, from, to, mtu - 28)).toEqual({ answered: true, error: undefined });
  expect(echo(world, from, to, mtu - 27).answered).toBe(false);
  expect(world.kernel.open(from, EN).link.byName("eth0")?.mtu).toBe(mtu);
  const env = readText(nodeOf(world, WORKER).host.fs, "/run/flannel/subnet.env");
  expect(env.ok && env.value).toContain(`FLANNEL_MTU=${mtu}\n`);
}

function annotations(world: KubeWorld): Readonly<Record<string, string>> {
  return world.client.get("Node", "", WORKER)?.metadata.annotations ?? {};
}

describe("host-gw", () => {
  it("routes to the other nodes over eth0, without a device of its own", () => {
    const world = clusterWith({ Type: "host-gw" });
    expect(routes(world, nodeOf(world, WORKER).host.netns)).toEqual([
      "default via 172.18.0.1 dev eth0",
      "10.244.0.0/24 via 172.18.0.2 dev eth0",
      "10.244.1.0/24 dev cni0 proto kernel src 10.244.1.1",
      "10.244.2.0/24 via 172.18.0.4 dev eth0",
      "172.18.0.0/16 dev eth0 proto kernel src 172.18.0.3",
    ]);
    expectGreatest(world, 1500);
    const frames = onWire(world, () => echo(world, podNetns(world, "pod1"), ipOf(world, "pod2"), 56));
    expect(frames).toEqual(["out icmp 98 df=1", "in icmp 98 df=0"]);
    expect(annotations(world)).toMatchObject({
      "flannel.alpha.coreos.com/backend-type": "host-gw",
      "flannel.alpha.coreos.com/backend-data": "null",
    });
  });

  it("puts a route back that somebody took away", () => {
    const world = clusterWith({ Type: "host-gw" });
    const net = netOf(world, WORKER);
    const route = net.route
      .list()
      .find((r) => r.dst.length === 24 && formatIpv4(r.dst.address) === "10.244.2.0");
    expect(route !== undefined && net.route.delete(route).ok).toBe(true);
    rest(world, seconds(11));
    expect(routes(world, nodeOf(world, WORKER).host.netns)).toContain(
      "10.244.2.0/24 via 172.18.0.4 dev eth0",
    );
    expect(log(world, WORKER)).toContain("Route recovered 10.244.2.0/24 : 172.18.0.4");
  });

  it("cannot take a gateway that is behind a router", () => {
    const world = kubeWorld();
    const far = netOf(world, WORKER2);
    // The second worker is elsewhere: it announces an address that the others reach through the default gateway.
    world.client.modify("Node", "", WORKER2, (node) => ({
      ...node,
      metadata: {
        ...node.metadata,
        annotations: {
          ...node.metadata.annotations,
          "flannel.alpha.coreos.com/public-ip-overwrite": "192.168.7.4",
        },
      },
    }));
    applyFlannel(world, { ...NET_CONF, Backend: { Type: "host-gw" } });
    rest(world, seconds(20));
    expect(far.link.byName("eth0")).toBeDefined();
    expect(log(world, WORKER)).toContain(
      "Error adding route to {Ifindex: 2 Dst: 10.244.2.0/24 Src: <nil> Gw: 192.168.7.4 Flags: [] Table: 0 Realm: 0}: network is unreachable",
    );
  });
});

describe("ipip", () => {
  it("sends pods' packets in a second IPv4 header, to the gateway of the route", () => {
    const world = clusterWith({ Type: "ipip" });
    const { netns } = nodeOf(world, WORKER).host;
    const link = netOf(world, WORKER).link.byName("flannel.ipip");
    expect(link).toMatchObject({ kind: "ipip", mtu: 1480, up: true, tunnel: { pathMtuDiscovery: false } });
    expect(addresses(world, netns, "flannel.ipip")).toEqual(["10.244.1.0/32"]);
    expect(routes(world, netns)).toContain("10.244.2.0/24 via 172.18.0.4 dev flannel.ipip onlink");
    expectGreatest(world, 1480);
    const frames = onWire(world, () => echo(world, podNetns(world, "pod1"), ipOf(world, "pod2"), 56));
    expect(frames).toEqual(["out ipip 118 df=1", "in ipip 118 df=0"]);
  });

  it("with DirectRouting uses eth0 for its neighbours", () => {
    const world = clusterWith({ Type: "ipip", DirectRouting: true });
    expect(routes(world, nodeOf(world, WORKER).host.netns)).toContain(
      "10.244.2.0/24 via 172.18.0.4 dev eth0 onlink",
    );
    const frames = onWire(world, () => echo(world, podNetns(world, "pod1"), ipOf(world, "pod2"), 56));
    expect(frames).toEqual(["out icmp 98 df=1", "in icmp 98 df=0"]);
  });
});

describe("udp", () => {
  it("carries packets from flannel0 in datagrams to port 8285", () => {
    const world = clusterWith({ Type: "udp" });
    const { netns } = nodeOf(world, WORKER).host;
    expect(netOf(world, WORKER).link.byName("flannel0")).toMatchObject({ kind: "tun", mtu: 1472, up: true });
    expect(addresses(world, netns, "flannel0")).toEqual(["10.244.1.0/32"]);
    expect(routes(world, netns)).toContain("10.244.0.0/16 dev flannel0");
    expectGreatest(world, 1472);
    const frames = onWire(world, () => echo(world, podNetns(world, "pod1"), ipOf(world, "pod2"), 56));
    expect(frames).toEqual(["out udp:8285 126 df=1", "in udp:8285 126 df=1"]);
  });

  it("takes four hops to a pod on another node: two routers, two proxies", () => {
    const world = clusterWith({ Type: "udp" });
    const pod = world.kernel.open(podNetns(world, "pod2"), EN);
    const socket = pod.socket.udp("test");
    socket.bind({ address: IPV4_ANY, port: 5000 });
    const from = world.kernel.open(podNetns(world, "pod1"), EN).socket.udp("test");
    from.send(new Uint8Array(4), { address: parseIpv4(ipOf(world, "pod2")) ?? IPV4_ANY, port: 5000 });
    rest(world, seconds(0.1));
    const got = socket.receive();
    expect(got.ok && got.value?.ttl).toBe(60);
  });

  it("says that the network is unreachable when no node has the address, which its own node takes for a forgery", () => {
    const world = clusterWith({ Type: "udp" });
    const net = netOf(world, WORKER);
    const seen: string[] = [];
    const tun = net.link.byName("flannel0")?.index ?? "any";
    net.capture(tun, "in", ({ bytes }) => seen.push(`${bytes.length} type=${bytes[20]} ttl=${bytes[8]}`));
    const socket = world.kernel.open(podNetns(world, "pod1"), EN).socket.udp("test");
    socket.setOptions({ receiveErrors: true });
    socket.send(new Uint8Array(4), { address: parseIpv4("10.244.9.9") ?? IPV4_ANY, port: 5000 });
    rest(world, seconds(0.1));
    expect(seen).toEqual(["56 type=3 ttl=8"]);
    // Its source is the node's own 10.244.1.0: a martian.
    expect(socket.receiveError()).toBeUndefined();
  });

  it("is what a configuration without a backend means", () => {
    const world = flannelWorld({ Network: "10.244.0.0/16" });
    expect(log(world, WORKER)).toContain("Found network config - Backend type: udp");
    expect(netOf(world, WORKER).link.byName("flannel0")?.up).toBe(true);
  });
});

describe("wireguard", () => {
  it("has one peer per node, whose allowed addresses are its subnet", () => {
    const world = clusterWith({ Type: "wireguard" });
    const net = netOf(world, WORKER);
    const link = net.link.byName("flannel-wg");
    expect(link).toMatchObject({ kind: "wireguard", mtu: 1420, up: true });
    const wg = link && net.wireguard.get(link.index);
    const peers = wg?.ok === true ? wg.value.peers : [];
    expect(wg?.ok === true && wg.value.listenPort).toBe(51820);
    expect(
      peers
        .map((p) => {
          const at = p.endpoint === undefined ? "-" : `${formatIpv4(p.endpoint.address)}:${p.endpoint.port}`;
          return `${at} ${p.allowedIps.map((a) => `${formatIpv4(a.address)}/${a.length}`).join()}`;
        })
        .toSorted(),
    ).toEqual(["172.18.0.2:51820 10.244.0.0/24", "172.18.0.4:51820 10.244.2.0/24"]);
    expect(addresses(world, nodeOf(world, WORKER).host.netns, "flannel-wg")).toEqual(["10.244.1.0/32"]);
    expect(routes(world, nodeOf(world, WORKER).host.netns)).toContain("10.244.0.0/16 dev flannel-wg");
    expectGreatest(world, 1420);
    const frames = onWire(world, () => echo(world, podNetns(world, "pod1"), ipOf(world, "pod2"), 56));
    expect(frames).toEqual(["out udp:51820 170 df=0", "in udp:51820 170 df=0"]);
  });

  it("keeps its key and makes its device anew when flanneld starts again", () => {
    const world = clusterWith({ Type: "wireguard" });
    const key = annotations(world)["flannel.alpha.coreos.com/backend-data"];
    const { kubelet } = nodeOf(world, WORKER);
    kubelet.containerOf("kube-flannel", `flannel-${WORKER}`, "kube-flannel")?.process?.kill("TERM");
    rest(world, seconds(0.01));
    expect(netOf(world, WORKER).link.byName("flannel-wg")).toBeUndefined();
    rest(world, seconds(20));
    expect(annotations(world)["flannel.alpha.coreos.com/backend-data"]).toBe(key);
    expect(echo(world, podNetns(world, "pod1"), ipOf(world, "pod2"), 56).answered).toBe(true);
  });
});

describe("vxlan", () => {
  it("adds 50 bytes, and routes directly when told to", () => {
    const world = clusterWith({ Type: "vxlan" });
    expectGreatest(world, 1450);
    const frames = onWire(world, () => echo(world, podNetns(world, "pod1"), ipOf(world, "pod2"), 56));
    expect(frames).toEqual(["out udp:8472 148 df=0", "in udp:8472 148 df=0"]);
    const direct = clusterWith({ Type: "vxlan", DirectRouting: true });
    expect(onWire(direct, () => echo(direct, podNetns(direct, "pod1"), ipOf(direct, "pod2"), 56))).toEqual([
      "out icmp 98 df=1",
      "in icmp 98 df=0",
    ]);
  });

  it("makes a deleted flannel.1 anew, with its MAC and without its neighbours", () => {
    const world = clusterWith({ Type: "vxlan" });
    const net = netOf(world, WORKER);
    const before = net.link.byName("flannel.1");
    if (before !== undefined) net.link.delete(before.index);
    rest(world, seconds(2));
    const after = net.link.byName("flannel.1");
    expect(after).toMatchObject({ mac: before?.mac, mtu: 1450, up: true });
    expect(addresses(world, nodeOf(world, WORKER).host.netns, "flannel.1")).toEqual(["10.244.1.0/32"]);
    expect(net.neigh.list().filter((n) => n.dev === after?.index)).toEqual([]);
    expect(log(world, WORKER)).toContain("VXLAN device flannel.1 recreated successfully");
  });
});

describe("alloc", () => {
  it("leaves the way to the other nodes to the cloud's router", () => {
    const world = clusterWith({ Type: "alloc" });
    const from = podNetns(world, "pod1");
    expect(echo(world, from, ipOf(world, "pod2"), 56).answered).toBe(false);
    createPod(world, "ccm", "kind-control-plane", {
      hostNetwork: true,
      containers: [{ name: "ccm", image: "flannelgraph.io/cloud-controller-manager:v1.36.2" }],
    });
    rest(world, seconds(15));
    expect(routes(world, world.docker.netns).map((r) => r.replace(/br-\w+/, "BR"))).toEqual([
      "10.244.0.0/24 via 172.18.0.2 dev BR",
      "10.244.1.0/24 via 172.18.0.3 dev BR",
      "10.244.2.0/24 via 172.18.0.4 dev BR",
      "172.18.0.0/16 dev BR proto kernel src 172.18.0.1",
    ]);
    expectGreatest(world, 1500);
    expect(routes(world, nodeOf(world, WORKER).host.netns).filter((r) => r.startsWith("10.244.2"))).toEqual(
      [],
    );
  });

  it("has its route taken away with the node", () => {
    const world = clusterWith({ Type: "alloc" });
    createPod(world, "ccm", "kind-control-plane", {
      hostNetwork: true,
      containers: [{ name: "ccm", image: "flannelgraph.io/cloud-controller-manager:v1.36.2" }],
    });
    rest(world, seconds(15));
    world.client.delete("Node", "", WORKER2);
    rest(world, seconds(15));
    expect(routes(world, world.docker.netns).some((r) => r.startsWith("10.244.2.0/24"))).toBe(false);
  });
});

describe("another backend in the ConfigMap", () => {
  it("takes over the routes when flanneld starts again; pods keep the MTU they had", () => {
    const world = clusterWith({ Type: "vxlan" });
    const netConf = JSON.stringify({ ...NET_CONF, Backend: { Type: "ipip" } });
    world.client.modify("ConfigMap", "kube-flannel", "kube-flannel-cfg", (map) => ({
      ...map,
      data: { ...map.data, "net-conf.json": netConf },
    }));
    const again = [...world.cluster.nodes.keys()].map((node) =>
      podOf(world, `flannel-${node}`, "kube-flannel"),
    );
    for (const { metadata } of again) world.client.delete("Pod", "kube-flannel", metadata.name);
    rest(world, seconds(40));
    for (const { metadata, spec } of again)
      world.client.mustCreate("Pod", {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: metadata.name, namespace: "kube-flannel" },
        spec,
      });
    rest(world, seconds(20));
    expect(routes(world, nodeOf(world, WORKER).host.netns)).toContain(
      "10.244.2.0/24 via 172.18.0.4 dev flannel.ipip onlink",
    );
    expect(log(world, WORKER)).toMatch(
      /Replacing existing route to \{Ifindex: \d+ Dst: 10.244.2.0\/24 Src: <nil> Gw: 10.244.2.0 Flags: \[onlink\] Table: 254 Realm: 0\} with \{Ifindex: \d+ Dst: 10.244.2.0\/24 Src: <nil> Gw: 172.18.0.4 Flags: \[onlink\] Table: 0 Realm: 0\}/,
    );
    const from = podNetns(world, "pod1");
    expect(echo(world, from, ipOf(world, "pod2"), 1422).answered).toBe(true);
    expect(world.kernel.open(from, EN).link.byName("eth0")?.mtu).toBe(1450);
  });

  it("EnableNFTables writes tables instead of chains, with the same effect", () => {
    const world = flannelWorld({ ...NET_CONF, EnableNFTables: true });
    createPod(world, "pod1", WORKER);
    rest(world, seconds(5));
    const net = netOf(world, WORKER);
    expect(net.xtables.table("ip", "nat")?.chains.some((c) => c.name === "FLANNEL-POSTRTG") ?? false).toBe(
      false,
    );
    const tables = net.nft.list();
    expect(tables.map((table) => `${table.family} ${table.name}`)).toEqual([
      "ip flannel-ipv4",
      "ip6 flannel-ipv6",
    ]);
    // Masqueraded: the router knows no way back to a pod.
    expect(echo(world, podNetns(world, "pod1"), "172.18.0.1", 56).answered).toBe(true);
  });
});

describe("ipsec", () => {
  const PSK = "0123456789abcdef".repeat(6);

  it("has no device: policies lead into tunnels, and the wire carries ESP", () => {
    const world = clusterWith({ Type: "ipsec", PSK });
    const net = netOf(world, WORKER);
    expect(net.link.list().map(({ name }) => name.replace(/veth.*/, "veth"))).toEqual([
      "lo",
      "eth0",
      "cni0",
      "veth",
    ]);
    expect(routes(world, nodeOf(world, WORKER).host.netns)).toEqual([
      "default via 172.18.0.1 dev eth0",
      "10.244.1.0/24 dev cni0 proto kernel src 10.244.1.1",
      "172.18.0.0/16 dev eth0 proto kernel src 172.18.0.3",
    ]);
    const wanted = net.xfrm.policies().map((p) => `${p.dir} ${formatIpv4(p.template?.dst ?? IPV4_ANY)}`);
    expect(wanted.sort()).toEqual([
      "fwd 172.18.0.3",
      "fwd 172.18.0.3",
      "in 172.18.0.3",
      "in 172.18.0.3",
      "out 172.18.0.2",
      "out 172.18.0.4",
    ]);
    expectGreatest(world, 1423);
    const seen = onWire(world, () => {
      expect(echo(world, podNetns(world, "pod1"), ipOf(world, "pod2"), 56).answered).toBe(true);
    });
    // What comes in by the tunnel is seen once more at eth0.
    expect(seen).toEqual(["out esp 154 df=1", "in esp 154 df=0", "in icmp 98 df=0"]);
  });

  it("makes keys with the other nodes by IKEv2: first on port 500, then on 4500", () => {
    const world = kubeWorld();
    const seen = onWire(world, () => {
      applyFlannel(world, { ...NET_CONF, Backend: { Type: "ipsec", PSK } });
      rest(world, seconds(8));
    });
    const sizes = new Set(seen.map((line) => line.replace(/ df=\d/, "")));
    // 42 bytes of headers; on 4500 four zero bytes tell IKE from ESP.
    for (const size of ["udp:500 762", "udp:500 770", "udp:4500 302", "udp:4500 270"])
      expect([`in ${size}`, `out ${size}`].some((line) => sizes.has(line))).toBe(true);
    const states = netOf(world, WORKER).xfrm.states();
    expect(states.every(({ larval, reqid, mode }) => !larval && reqid === 11 && mode === "tunnel")).toBe(
      true,
    );
    expect(new Set(states.map(({ aead }) => aead?.name))).toEqual(new Set(["rfc4106(gcm(aes))"]));
  });

  it("in UDP where ESP would not get through", () => {
    const world = clusterWith({ Type: "ipsec", PSK, UDPEncap: true });
    expectGreatest(world, 1415);
    const seen = onWire(world, () => {
      expect(echo(world, podNetns(world, "pod1"), ipOf(world, "pod2"), 56).answered).toBe(true);
    });
    expect(seen).toEqual(["out udp:4500 162 df=1", "in udp:4500 162 df=0", "in icmp 98 df=0"]);
  });

  it("with another proposal: AES-CBC and HMAC-SHA-256, and a packet that just fits", () => {
    const world = clusterWith({ Type: "ipsec", PSK, ESPProposal: "aes256-sha256-modp2048" });
    const [first] = netOf(world, WORKER).xfrm.states();
    expect([first?.enc?.key.length, first?.auth?.key.length, first?.auth?.icvBits]).toEqual([32, 32, 128]);
    expectGreatest(world, 1423);
  });

  it("a node with another pre-shared key is not let in", () => {
    const world = clusterWith({ Type: "ipsec", PSK });
    const conf = { ...NET_CONF, Backend: { Type: "ipsec", PSK: PSK.replaceAll("0", "x") } };
    world.client.modify("ConfigMap", "kube-flannel", "kube-flannel-cfg", (map) => ({
      ...map,
      data: { ...map.data, "net-conf.json": JSON.stringify(conf) },
    }));
    const name = `flannel-${WORKER2}`;
    world.client.delete("Pod", "kube-flannel", name);
    rest(world, seconds(40));
    world.client.mustCreate("Pod", flannelPod(WORKER2, false));
    rest(world, seconds(10));
    expect(log(world, WORKER)).toContain("tried 1 shared key, but MAC mismatched");
    expect(echo(world, podNetns(world, "pod1"), ipOf(world, "pod2"), 56).answered).toBe(false);
  });

  it("a node that goes takes its policies along", () => {
    const world = clusterWith({ Type: "ipsec", PSK });
    const net = netOf(world, WORKER);
    world.client.delete("Node", "", WORKER2);
    rest(world, seconds(3));
    const peers = net.xfrm.policies().map((p) => `${p.dir} ${formatIpv4(p.template?.dst ?? IPV4_ANY)}`);
    expect(peers.sort()).toEqual(["fwd 172.18.0.3", "in 172.18.0.3", "out 172.18.0.2"]);
    expect(log(world, WORKER)).toContain(
      "Unloaded connection: 172.18.0.3-10.244.1.0/24-10.244.2.0/24-172.18.0.4",
    );
  });

  it.each([
    [{ PSK: "short" }, "config error, password is too short"],
    [{ PSK, ESPProposal: "3des" }, 'flannelgraph: flannel\'s ESPProposal "3des" is not modelled yet'],
  ])("refuses %j", (options, text) => {
    const world = kubeWorld();
    applyFlannel(world, { ...NET_CONF, Backend: { Type: "ipsec", ...options } });
    rest(world, seconds(8));
    expect(log(world, WORKER)).toContain(`Error registering network: ${text}`);
  });
});

describe("backends that are refused", () => {
  it.each([
    ["extension", 'Error fetching backend: flannelgraph: flannel backend "extension" is not modelled yet'],
    ["aws-vpc", "Error fetching backend: unknown backend type: aws-vpc"],
    ["gce", "Error fetching backend: unknown backend type: gce"],
  ])("%s", (type, text) => {
    const world = kubeWorld();
    applyFlannel(world, { ...NET_CONF, Backend: { Type: type } });
    rest(world, seconds(8));
    expect(log(world, WORKER)).toContain(text);
  });
});
