import { describe, expect, it } from "vitest";
import { must } from "../../../base/result.ts";
import { saveRule } from "../../../formats/iptables/save.ts";
import type { Errno, NetApi, XtRuleInfo } from "../../../kernel/uapi/index.ts";
import { millis, seconds } from "../../../sim/time.ts";
import { addPod, type FelixWorld, felixWorld, nodeNet } from "../../../testkit/felix-world.ts";
import { forwarding, neighbours, ping, rest, routes } from "../../../testkit/node-world.ts";
import { applyPolicy, type Place } from "../../../testkit/policy-world.ts";
import { ipv4, parseIpv4 } from "../../../wire/address.ts";
import { CalicoClient, NODE_ANNOTATIONS, vethName, vtepMac } from "../api/index.ts";
import { FELIX_TABLES } from "./rules/render.ts";

const NODE = "kind-worker";
const OTHER = "kind-worker2";
const SYNC = seconds(1);

const place = (world: FelixWorld, key: string): Place => must(world.places.get(key), key);
const calico = (world: FelixWorld): CalicoClient => new CalicoClient(world.store, "test");

function policyFor(world: FelixWorld, name: string, spec: unknown, namespace = "x"): void {
  applyPolicy(world, namespace, name, spec);
  rest(world, SYNC);
}

/** Undefined when the connection stands. */
function connectError(world: FelixWorld, from: NetApi, to: Place, port = 80): Errno | "waits" | undefined {
  const socket = from.socket.tcp("client");
  socket.connect({ address: to.address, port });
  rest(world, millis(200));
  const result = socket.state === "ESTABLISHED" ? undefined : (socket.takeError() ?? "waits");
  socket.setOptions({ lingerZero: true });
  socket.close();
  return result;
}

function allRules(world: FelixWorld, node: string): readonly (XtRuleInfo & { readonly chain: string })[] {
  const { xtables } = nodeNet(world, node);
  return FELIX_TABLES.flatMap((table) =>
    (xtables.table("ip", table)?.chains ?? []).flatMap(({ name, rules }) =>
      rules.map((info) => ({ ...info, chain: name })),
    ),
  );
}

/** Who threw packets away on a node: as whom the rule is signed, and what its own comment says. */
function culprits(world: FelixWorld, node: string): readonly string[] {
  return allRules(world, node)
    .filter(({ rule, counters }) => rule.target?.kind === "DROP" && counters.packets > 0)
    .map(({ by, rule }) => {
      const [, ...comments] = rule.matches.flatMap((match) => (match.kind === "comment" ? match.text : []));
      return `${by.name} for ${by.detail ?? ""}${comments.length > 0 ? `: ${comments.join()}` : ""}`;
    });
}

describe("Felix on a node", () => {
  it("drops what no policy allows, and tells whose policies they are", () => {
    const world = felixWorld();
    policyFor(world, "deny", { podSelector: {} });
    policyFor(world, "web", { podSelector: {}, ingress: [{ ports: [{ port: 81 }] }] });
    expect(connectError(world, place(world, "y/a").net, place(world, "x/a"))).toBe("waits");
    expect(connectError(world, place(world, "y/a").net, place(world, "x/a"), 81)).toBeUndefined();
    expect(culprits(world, NODE)).toEqual([
      "felix for pod x/a, ingress: NetworkPolicy x/deny, NetworkPolicy x/web (tier default): End of tier default. Drop if no policies passed packet",
    ]);
    expect(culprits(world, OTHER)).toEqual([]);
  });

  it("drops what a policy denies in that policy's name", () => {
    const world = felixWorld();
    calico(world).create("GlobalNetworkPolicy", {
      metadata: { name: "default.no-web" },
      spec: {
        order: 1,
        selector: "pod == 'a'",
        types: ["Ingress"],
        ingress: [
          { action: "Log", protocol: "TCP" },
          {
            action: "Deny",
            protocol: "TCP",
            source: { nets: ["10.244.1.0/24"] },
            destination: { ports: [80] },
          },
          { action: "Pass", protocol: "UDP" },
          { action: "Allow" },
        ],
      },
    });
    rest(world, SYNC);
    const [near, far, target] = [place(world, "x/c"), place(world, "x/b"), place(world, "x/a")];
    expect(connectError(world, far.net, target)).toBe("waits");
    expect(connectError(world, far.net, target, 81)).toBeUndefined();
    expect(connectError(world, near.net, target)).toBeUndefined();
    expect(culprits(world, NODE)).toEqual(["felix for GlobalNetworkPolicy no-web"]);
    const logged = allRules(world, NODE).find(({ rule }) => rule.target?.kind === "LOG");
    expect(logged?.counters.packets).toBeGreaterThan(0);
  });

  it("leaves connections that stand alone, and the node with its own pods", () => {
    const world = felixWorld();
    const [client, server] = [place(world, "y/a"), place(world, "x/a")];
    const socket = client.net.socket.tcp("client");
    socket.connect({ address: server.address, port: 80 });
    rest(world, millis(100));
    const accepted = server.tcp[0]?.accept();
    policyFor(world, "deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    socket.send(Uint8Array.of(1, 2, 3));
    rest(world, millis(100));
    const got = accepted?.ok === true ? accepted.value?.receive() : undefined;
    expect(got).toEqual({ ok: true, value: Uint8Array.of(1, 2, 3) });
    expect(connectError(world, client.net, server)).toBe("waits");
    expect(connectError(world, nodeNet(world, NODE), server)).toBeUndefined();
    expect(connectError(world, nodeNet(world, OTHER), server)).toBe("waits");
  });

  it("lets nothing through from a device that it does not know, and nothing with another's address", () => {
    const world = felixWorld();
    const net = addPod(world, "x", "d", NODE, ipv4(must(parseIpv4("10.244.0.99"), "address")));
    const early = net.socket.tcp("client");
    early.connect({ address: place(world, "y/a").address, port: 80 });
    rest(world, millis(5));
    expect(culprits(world, NODE)).toEqual(["felix for iptables-nft-restore --noflush: Unknown interface"]);
    rest(world, SYNC);
    expect(connectError(world, net, place(world, "y/a"))).toBeUndefined();
    const lo = must(net.link.byName("lo"), "lo");
    net.address.add({ dev: lo.index, local: must(parseIpv4("10.244.0.98"), "address"), prefixLength: 32 });
    const socket = net.socket.tcp("client");
    socket.bind({ address: must(parseIpv4("10.244.0.98"), "address"), port: 0 });
    socket.connect({ address: place(world, "y/a").address, port: 80 });
    rest(world, millis(300));
    expect(socket.state).toBe("SYN-SENT");
    expect(culprits(world, NODE)[0]).toBe("felix for iptables-nft-restore --noflush");
  });

  it("sets up the devices of pods, and their routes", () => {
    const world = felixWorld({ pods: false });
    addPod(world, "x", "a", NODE, ipv4(must(parseIpv4("10.244.0.10"), "address")));
    rest(world, SYNC);
    const net = nodeNet(world, NODE);
    const device = vethName("x", "a");
    const sysctl = (name: string): string | undefined => {
      const got = net.sysctl.get(`net/ipv4/${name}`);
      return got.ok ? got.value : undefined;
    };
    expect(
      ["route_localnet", "proxy_arp", "forwarding", "rp_filter"].map((name) =>
        sysctl(`conf/${device}/${name}`),
      ),
    ).toEqual(["1", "1", "1", "0"]);
    expect(sysctl(`neigh/${device}/proxy_delay`)).toBe("0");
    expect(sysctl("ip_forward")).toBe("1");
    const host = must(world.hosts.get(NODE), NODE);
    expect(routes(world, host.netns)).toContain(`10.244.0.10/32 dev ${device}`);
    // What Calico's plugin does when a pod loses its address.
    world.client.modify("Pod", "x", "a", (pod) => ({
      ...pod,
      metadata: { ...pod.metadata, annotations: { "cni.projectcalico.org/podIP": "" } },
    }));
    world.client.delete("Pod", "x", "a");
    rest(world, SYNC);
    expect(routes(world, host.netns).join()).not.toContain("10.244.0.10");
    expect(allRules(world, NODE).some(({ chain }) => chain.endsWith(device))).toBe(false);
  });

  it("names annotations of pods that it does not act on, once", () => {
    const world = felixWorld();
    world.client.modify("Pod", "x", "a", (pod) => ({
      ...pod,
      metadata: { ...pod.metadata, annotations: { "qos.projectcalico.org/ingressPacketRate": "10" } },
    }));
    rest(world, SYNC);
    policyFor(world, "deny", { podSelector: {} });
    expect(world.logs.get(NODE)?.filter((line) => line.startsWith("flannelgraph"))).toEqual([
      "flannelgraph: annotation qos.projectcalico.org/ingressPacketRate of pod x/a is not modelled yet",
    ]);
  });

  it("puts right what somebody broke: at once, or within seconds of its own writing", () => {
    const world = felixWorld();
    const { xtables, ipset } = nodeNet(world, NODE);
    const shown = (): string =>
      allRules(world, NODE)
        .map(({ chain, rule }) => `${chain} ${saveRule(rule)}`)
        .join("\n");
    const before = shown();
    xtables.commit("ip", "filter", [
      { op: "flush", chain: "FORWARD" },
      { op: "flush", chain: "cali-INPUT" },
      { op: "insert", chain: "INPUT", number: 1, rule: { matches: [], target: { kind: "ACCEPT" } } },
    ]);
    ipset.flush("cali40this-host");
    rest(world, seconds(200));
    expect(shown()).toBe(before.replace(/^(INPUT .*)$/m, "$1\nINPUT -j ACCEPT"));
    expect(ipset.get("cali40this-host")?.elements.length).toBeGreaterThan(1);
  });

  it("keeps counters of rules that did not change", () => {
    const world = felixWorld();
    connectError(world, place(world, "y/a").net, place(world, "x/a"));
    const packets = (chain: string): number =>
      allRules(world, NODE)
        .filter((info) => info.chain === chain)
        .reduce((sum, { counters }) => sum + counters.packets, 0);
    const before = packets("cali-FORWARD");
    expect(before).toBeGreaterThan(0);
    policyFor(world, "deny", { podSelector: {} });
    expect(packets("cali-FORWARD")).toBeGreaterThanOrEqual(before);
  });

  it("answers whether it is alive and ready, and ends when told to", () => {
    const world = felixWorld({ pods: false });
    expect(world.logs.get(NODE)?.map((line) => line.replace(/^.*?\] /, ""))).toEqual([
      'felix/daemon.go 132: Felix starting up version="v3.31.0"',
      "felix/daemon.go 156: Loading configuration...",
      "felix/daemon.go 355: Successfully loaded configuration.",
      "felix/daemon.go 467: Connect to the dataplane driver.",
      "felix/daemon.go 573: Starting the datastore Syncer",
      "felix/int_dataplane.go 2368: Datastore in sync, flushing the dataplane for the first time...",
      'felix/int_dataplane.go 1509: Determined pod MTU mtu="1500"',
      "felix/int_dataplane.go 2307: Completed first update to dataplane.",
    ]);
    const socket = nodeNet(world, NODE).socket.tcp("curl");
    socket.connect({ address: must(parseIpv4("127.0.0.1"), "address"), port: 9099 });
    rest(world, millis(10));
    socket.send(new TextEncoder().encode("GET /readiness HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    rest(world, millis(50));
    const got = socket.receive();
    const text = new TextDecoder().decode(got.ok ? (got.value ?? undefined) : undefined);
    expect(text.split("\r\n")[0]).toBe("HTTP/1.1 200 OK");
    expect(text).toContain(
      "| InternalDataplaneMainLoop | 1m30s   | reporting live | reporting ready |        |",
    );
    const process = must(world.felixes.get(NODE), NODE);
    process.kill("TERM");
    rest(world, SYNC);
    expect(process.alive).toBe(false);
    expect(allRules(world, NODE).length).toBeGreaterThan(20);
  });
});

/** Two nodes with a pool, a block each, and tunnel addresses. */
function tunnelWorld(
  spec: Readonly<Record<string, string>>,
  kind: "vxlanTunnelAddr" | "ipipTunnelAddr",
): FelixWorld {
  const world = felixWorld({
    pods: false,
    annotate: (_, i) => ({ [NODE_ANNOTATIONS[kind]]: `10.245.${i}.0` }),
  });
  const client = calico(world);
  client.create("IPPool", {
    metadata: { name: "pool" },
    spec: { cidr: "10.245.0.0/16", natOutgoing: true, ...spec },
  });
  for (const [i, node] of [NODE, OTHER].entries())
    client.create("IPAMBlock", {
      metadata: { name: `10-245-${i}-0-26` },
      spec: {
        cidr: `10.245.${i}.0/26`,
        affinity: `host:${node}`,
        allocations: [0, ...Array.from({ length: 63 }, () => null)],
        attributes: [{ handle_id: "t", secondary: { node, type: "vxlanTunnelAddress" } }],
        unallocated: [],
        strictAffinity: false,
      },
    });
  rest(world, seconds(2));
  return world;
}

describe("tunnels", () => {
  it("of VXLAN have a device, neighbours, forwarding entries and routes", () => {
    const world = tunnelWorld({ vxlanMode: "Always" }, "vxlanTunnelAddr");
    const { netns } = must(world.hosts.get(NODE), NODE);
    const link = nodeNet(world, NODE).link.byName("vxlan.calico");
    expect([link?.vxlan?.id, link?.vxlan?.dstPort, link?.vxlan?.learning, link?.mtu, link?.up]).toEqual([
      4096,
      4789,
      false,
      1450,
      true,
    ]);
    expect(neighbours(world, netns, "vxlan.calico")).toEqual([`10.245.1.0 ${vtepMac(OTHER)} PERMANENT`]);
    expect(forwarding(world, netns, "vxlan.calico")).toEqual([`${vtepMac(OTHER)} dst 172.18.0.4 permanent`]);
    expect(routes(world, netns).filter((route) => route.includes("10.245"))).toEqual([
      "10.245.0.0/26 dev ?",
      "10.245.1.0/26 via 10.245.1.0 dev vxlan.calico onlink",
    ]);
    expect(ping(world, netns, "10.245.1.0")).toBe(true);
    expect(nodeNet(world, NODE).ipset.get("cali40all-vxlan-net")?.elements).toHaveLength(1);
  });

  it("are left out between nodes of one subnet with CrossSubnet", () => {
    const world = tunnelWorld({ vxlanMode: "CrossSubnet" }, "vxlanTunnelAddr");
    const { netns } = must(world.hosts.get(NODE), NODE);
    expect(routes(world, netns)).toContain("10.245.1.0/26 via 172.18.0.4 dev eth0 onlink");
  });

  it("of IPIP are tunl0 with its address; the routes are BIRD's", () => {
    const world = tunnelWorld({ ipipMode: "Always" }, "ipipTunnelAddr");
    const net = nodeNet(world, NODE);
    const link = must(net.link.byName("tunl0"), "tunl0");
    expect([link.mtu, link.up, net.address.list().filter(({ dev }) => dev === link.index).length]).toEqual([
      1480,
      true,
      1,
    ]);
    const { netns } = must(world.hosts.get(NODE), NODE);
    expect(routes(world, netns).join()).not.toContain("10.245");
  });

  it("come back when somebody deletes their device", () => {
    const world = tunnelWorld({ vxlanMode: "Always" }, "vxlanTunnelAddr");
    const net = nodeNet(world, NODE);
    net.link.delete(must(net.link.byName("vxlan.calico"), "device").index);
    rest(world, SYNC);
    const { netns } = must(world.hosts.get(NODE), NODE);
    expect(ping(world, netns, "10.245.1.0")).toBe(true);
  });
});

describe("host endpoints", () => {
  it("are policed on the node's own devices, but for what would cut it off", () => {
    const world = felixWorld({ pods: false });
    const client = calico(world);
    client.create("HostEndpoint", {
      metadata: { name: "eth0", labels: { role: "node" } },
      spec: { node: NODE, interfaceName: "eth0" },
    });
    client.create("GlobalNetworkPolicy", {
      metadata: { name: "default.nodes" },
      spec: {
        selector: "role == 'node'",
        types: ["Ingress"],
        ingress: [{ action: "Allow", protocol: "ICMP", icmp: { type: 8 } }],
      },
    });
    rest(world, SYNC);
    const target = must(parseIpv4("172.18.0.3"), "address");
    for (const port of [22, 8080]) {
      const listener = nodeNet(world, NODE).socket.tcp("server");
      listener.bind({ address: target, port });
      listener.listen(8);
    }
    const state = (port: number): string => {
      const socket = nodeNet(world, OTHER).socket.tcp("client");
      socket.connect({ address: target, port });
      rest(world, millis(200));
      return socket.state;
    };
    expect([state(22), state(8080)]).toEqual(["ESTABLISHED", "SYN-SENT"]);
    expect(ping(world, must(world.hosts.get(OTHER), OTHER).netns, target)).toBe(true);
    expect(culprits(world, NODE)).toEqual([
      "felix for host endpoint eth0, ingress: GlobalNetworkPolicy nodes (tier default): End of tier default. Drop if no policies passed packet",
    ]);
  });
});
