import { expect, it } from "vitest";
import { nanos } from "../../../sim/time.ts";
import { must } from "../../../base/result.ts";
import { ipv4, parseIpv4, parsePrefix } from "../../../wire/address.ts";
import type { BgpModel } from "../confd/model.ts";
import { renderAggregation, renderBird, renderIpam } from "../confd/render.ts";
import { readPool } from "../api/index.ts";
import type { BirdConfig } from "./config.ts";
import { exportPath } from "./bgp-export.ts";
import { type FilterInput, runFilter } from "./filter.ts";
import { parseBirdConfig } from "./parser.ts";
import { type Learnt, mergeable, type Route, RouteTable } from "./table.ts";

const prefix = (text: string) => must(parsePrefix(text), text);
const address = (text: string) => must(parseIpv4(text), text);

function node(name: string, ip: string, cluster?: string): BgpModel["node"] {
  return {
    name,
    labels: {},
    ipv4: prefix(`${ip}/24`),
    ipipTunnelAddr: undefined,
    vxlanTunnelAddr: undefined,
    vxlanTunnelMac: "",
    asNumber: undefined,
    routeReflectorClusterId: cluster,
    podCidr: undefined,
  };
}

function model(over: Partial<BgpModel> = {}): BgpModel {
  const a = node("a", "10.0.0.9");
  return {
    node: a,
    nodes: [a, node("b", "10.0.0.10"), node("c", "10.0.0.8")],
    pools: [must(readPool("p", { cidr: "10.244.0.0/16", ipipMode: "CrossSubnet" }), "a pool")],
    globalAs: "64512",
    meshEnabled: true,
    listenPort: undefined,
    bindMode: "",
    ignoredInterfaces: [],
    logLevel: "info",
    staticRoutes: [],
    blocks: [{ cidr: "10.244.7.0/26", state: "confirmed" }],
    globalPeers: [],
    nodePeers: [],
    ...over,
  };
}

/** What BIRD understands of what confd writes. */
function load(over: Partial<BgpModel> = {}): BirdConfig {
  const now = model(over);
  const files: Readonly<Record<string, string>> = {
    "/c/bird.cfg": renderBird(now),
    "/c/bird_aggr.cfg": renderAggregation(now),
    "/c/bird_ipam.cfg": renderIpam(now),
  };
  return parseBirdConfig("/c/bird.cfg", (path) => files[path]);
}

function bgp(config: BirdConfig): Extract<BirdConfig["protocols"][number], { kind: "bgp" }>[] {
  return config.protocols.filter((each) => each.kind === "bgp");
}

const route = (net: string, over: Partial<FilterInput> = {}): FilterInput => ({
  net: prefix(net),
  ifname: undefined,
  bgpNextHop: undefined,
  source: "RTS_STATIC",
  ...over,
});

it("the mesh: who waits is who has the lesser address, compared as text", () => {
  const peers = bgp(load()).map(({ name, passive, connectDelay, addPaths }) => [
    name,
    passive,
    connectDelay,
    addPaths,
  ]);
  expect(peers).toEqual([
    ["Mesh_10_0_0_10", false, 2, true],
    ["Mesh_10_0_0_8", false, 2, true],
  ]);
  const other = bgp(load({ node: node("c", "10.0.0.8") }));
  expect(other.map(({ name, passive }) => [name, passive])).toEqual([
    ["Mesh_10_0_0_9", true],
    ["Mesh_10_0_0_10", false],
  ]);
});

it("a route reflector leaves the mesh and has clients", () => {
  const reflector = node("a", "10.0.0.9", "244.0.0.1");
  const peer = {
    ip: "10.0.0.8",
    as: "64512",
    port: undefined,
    source: "UseNodeIP",
    calicoNode: false,
    rrClusterId: "",
    keepNextHop: false,
    nextHopMode: "Auto",
  };
  const [client, ...rest] = bgp(load({ node: reflector, nodes: [reflector], nodePeers: [peer] }));
  expect(rest).toEqual([]);
  expect(client).toMatchObject({ name: "Node_10_0_0_8", rrClient: true, rrClusterId: address("244.0.0.1") });
});

it("a node tells its blocks and what is borrowed, not what is in its blocks, nor tunnels' routes", () => {
  const config = load();
  const [peer] = bgp(config);
  const told = (input: FilterInput): boolean =>
    runFilter(must(peer, "a peer").exportFilter, input, config.functions).accepted;
  expect(told(route("10.244.7.0/26"))).toBe(true);
  expect(told(route("10.244.7.5/32", { ifname: "cali1" }))).toBe(false);
  expect(told(route("10.244.9.1/32", { ifname: "cali1" }))).toBe(true);
  expect(told(route("10.244.9.0/26", { ifname: "vxlan.calico" }))).toBe(false);
  expect(told(route("192.168.5.0/24"))).toBe(false);
});

it("the kernel's route takes the tunnel only to another subnet, and VXLAN's pools are felix's", () => {
  const verdict = (config: BirdConfig, hop: string) => {
    const kernel = must(
      config.protocols.find((each) => each.kind === "kernel"),
      "kernel",
    );
    const input = route("10.244.9.0/26", { bgpNextHop: address(hop), source: "RTS_BGP" });
    const { accepted, tunnel } = runFilter(kernel.exportFilter, input, config.functions);
    return [accepted, tunnel];
  };
  expect(verdict(load(), "10.0.0.77")).toEqual([true, ""]);
  expect(verdict(load(), "10.0.1.77")).toEqual([true, "tunl0"]);
  const vxlan = must(readPool("p", { cidr: "10.244.0.0/16", vxlanMode: "Always" }), "a pool");
  expect(verdict(load({ pools: [vxlan] }), "10.0.1.77")).toEqual([false, ""]);
});

it("says where a configuration is wrong", () => {
  const read = (text: string) => () => parseBirdConfig("/c/bird.cfg", () => text);
  expect(read("router id 10.0.0.1;\nprotocol static {\n  route nowhere;\n}")).toThrow(
    "/c/bird.cfg, line 3: syntax error",
  );
  expect(read("protocol ospf {}")).toThrow("flannelgraph: bird's protocol ospf is not modelled yet");
});

function learnt(over: Partial<Learnt["path"]> = {}, more: Partial<Learnt> = {}): Learnt {
  return {
    path: {
      origin: "igp",
      asPath: [],
      nextHop: ipv4(1),
      localPref: 100,
      communities: [],
      clusterList: [],
      ...over,
    },
    internal: true,
    client: false,
    neighbor: ipv4(1),
    neighborId: ipv4(1),
    stale: false,
    ...more,
  };
}

function learntRoute(protocol: string, given: Learnt): Route {
  return {
    net: prefix("10.244.9.0/26"),
    protocol,
    pathId: 0,
    preference: 100,
    source: "RTS_BGP",
    destination: { kind: "gateway", via: given.path.nextHop, dev: "eth0" },
    learnt: given,
    since: nanos(0),
  };
}

it("prefers local preference, then a short path, then the lesser identifier; equal ones share", () => {
  const table = new RouteTable();
  table.set(learntRoute("far", learnt({ asPath: [1, 2] })));
  table.set(learntRoute("second", learnt({}, { neighborId: ipv4(2), neighbor: ipv4(2) })));
  table.set(learntRoute("first", learnt()));
  table.set(learntRoute("loved", learnt({ asPath: [1, 2, 3], localPref: 200 })));
  const order = table.routes("10.244.9.0/26");
  expect(order.map(({ protocol }) => protocol)).toEqual(["loved", "first", "second", "far"]);
  const [, first, second, far] = order;
  expect([mergeable(first!, second!), mergeable(first!, far!)]).toEqual([true, false]);
});

it("does not tell one internal neighbour what another told, unless it reflects, which it signs", () => {
  const config = load();
  const [peer] = bgp(config);
  const context = { config: must(peer, "a peer"), bird: config, local: address("10.0.0.9") };
  const given = learntRoute(
    "Mesh_10_0_0_8",
    learnt({ nextHop: address("10.0.0.8") }, { neighborId: address("10.0.0.8") }),
  );
  expect(exportPath(context, address("10.0.0.9"), given)).toBeUndefined();
  const reflecting = {
    ...context,
    config: { ...context.config, rrClient: true, rrClusterId: address("244.0.0.1") },
  };
  expect(exportPath(reflecting, address("10.0.0.9"), given)).toMatchObject({
    nextHop: address("10.0.0.8"),
    originatorId: address("10.0.0.8"),
    clusterList: [address("244.0.0.1")],
  });
  const external = {
    ...context,
    config: { ...context.config, neighborAs: 65000, exportFilter: { kind: "all" as const } },
  };
  expect(exportPath(external, address("10.0.0.9"), given)).toMatchObject({
    asPath: [64512],
    nextHop: address("10.0.0.9"),
    clusterList: [],
  });
});
