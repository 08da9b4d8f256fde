import { must } from "../base/result.ts";
import { utf8Decode } from "../base/utf8.ts";
import { felix } from "../k8s/calico/felix/felix.ts";
import { CALICO_GROUP, NODE_ANNOTATIONS, vethName } from "../k8s/calico/api/index.ts";
import { ApiClient, ApiStore } from "../k8s/api/index.ts";
import type { KernelApi, NetApi } from "../kernel/uapi/index.ts";
import { Random } from "../sim/random.ts";
import { seconds } from "../sim/time.ts";
import type { Host } from "../userland/os/host.ts";
import { type OpenFile, sinkFile } from "../userland/os/io.ts";
import { Process } from "../userland/os/process.ts";
import { formatIpv4, ipv4, type Ipv4, parseIpv4, parseMac, parsePrefix } from "../wire/address.ts";
import { addNode, type NodeWorld, nodeWorld, rest } from "./node-world.ts";
import {
  createNamespaces,
  type MatrixWorld,
  matrixPod,
  openPlace,
  type Place,
  PODS,
  WORKERS,
} from "./policy-world.ts";

const HOST_MAC = must(parseMac("ee:ee:ee:ee:ee:ee"), "MAC");
const GATEWAY = must(parseIpv4("169.254.1.1"), "address");
const TEST = { name: "test" };

/** Two nodes without a kubelet: Felix on each, pods made by hand as Calico's plugin would, routes as BIRD would. */
export interface FelixWorld extends NodeWorld, MatrixWorld {
  readonly hosts: ReadonlyMap<string, Host>;
  readonly felixes: ReadonlyMap<string, Process>;
  readonly logs: ReadonlyMap<string, readonly string[]>;
  readonly places: ReadonlyMap<string, Place>;
}

/** The CRDs whose objects Felix reads, without their schemas. */
const CRDS: readonly (readonly [kind: string, plural: string, scope: "Cluster" | "Namespaced"])[] = [
  ["IPPool", "ippools", "Cluster"],
  ["IPAMBlock", "ipamblocks", "Cluster"],
  ["NetworkPolicy", "networkpolicies", "Namespaced"],
  ["GlobalNetworkPolicy", "globalnetworkpolicies", "Cluster"],
  ["NetworkSet", "networksets", "Namespaced"],
  ["GlobalNetworkSet", "globalnetworksets", "Cluster"],
  ["HostEndpoint", "hostendpoints", "Cluster"],
  ["Tier", "tiers", "Cluster"],
  ["FelixConfiguration", "felixconfigurations", "Cluster"],
  ["BGPConfiguration", "bgpconfigurations", "Cluster"],
];

function createCrds(store: ApiStore): void {
  for (const [kind, plural, scope] of CRDS) {
    const crd = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `${plural}.${CALICO_GROUP}` },
      spec: {
        group: CALICO_GROUP,
        scope,
        names: { kind, plural, singular: kind.toLowerCase() },
        versions: [{ name: "v1", served: true, storage: true }],
      },
    };
    const made = store.create("test", "CustomResourceDefinition", crd);
    if (!made.ok) throw new Error(made.error.message);
  }
}

/** A pod's namespace with its veth pair. Models: the calico plugin; Felix does the rest. */
export function plug(kernel: KernelApi, host: Host, device: string, address: Ipv4): NetApi {
  const netns = kernel.createNetns(device);
  const net = kernel.open(netns, TEST);
  const outside = kernel.open(host.netns, TEST);
  const made = outside.link.add({
    kind: "veth",
    name: device,
    mac: HOST_MAC,
    peer: {
      name: "eth0",
      netns,
      mac: must(parseMac(`02:00:00:00:00:${(address & 0xff).toString(16)}`), "MAC"),
    },
  });
  if (!made.ok) throw new Error(made.error.errno);
  const lo = must(net.link.byName("lo"), "lo");
  const eth0 = must(net.link.byName("eth0"), "eth0");
  net.link.change(lo.index, { up: true });
  net.address.add({ dev: eth0.index, local: address, prefixLength: 32 });
  net.link.change(eth0.index, { up: true });
  outside.link.change(made.value, { up: true });
  for (const name of ["proxy_arp", "forwarding"]) outside.sysctl.set(`net/ipv4/conf/${device}/${name}`, "1");
  outside.sysctl.set(`net/ipv4/neigh/${device}/proxy_delay`, "0");
  const own = { dst: { address, length: 32 }, scope: 253, nexthops: [{ dev: made.value }] };
  outside.route.add(own, "add");
  net.route.add(
    { dst: { address: GATEWAY, length: 32 }, scope: 253, nexthops: [{ dev: eth0.index }] },
    "add",
  );
  const all = must(parsePrefix("0.0.0.0/0"), "prefix");
  net.route.add({ dst: all, nexthops: [{ dev: eth0.index, gateway: GATEWAY }] }, "add");
  return net;
}

class Lines {
  readonly lines: string[] = [];
  private rest = "";

  /** A file that keeps what is written to it. */
  file(): OpenFile {
    return sinkFile((bytes) => {
      const parts = (this.rest + utf8Decode(bytes)).split("\n");
      this.rest = parts.pop() ?? "";
      this.lines.push(...parts);
    });
  }
}

export const FELIX_ENV: readonly (readonly [string, string])[] = [
  ["FELIX_DEFAULTENDPOINTTOHOSTACTION", "ACCEPT"],
  ["FELIX_IPV6SUPPORT", "false"],
  ["FELIX_HEALTHENABLED", "true"],
];

/** Starts Felix on a node as calico-node does. */
export function startFelix(
  store: ApiStore,
  host: Host,
  lines: Lines,
  env: readonly (readonly [string, string])[] = [],
): Process {
  const files = new Map([0, 1, 2].map((fd) => [fd, lines.file()]));
  return Process.spawn(host, felix(store), {
    argv: ["calico-node", "-felix"],
    env: new Map([...FELIX_ENV, ["NODENAME", host.name], ...env]),
    cwd: "/",
    netns: host.netns,
    files,
  });
}

export interface FelixWorldOptions {
  readonly env?: readonly (readonly [string, string])[];
  /** False: no pods. */
  readonly pods?: boolean;
  /** More annotations of the nodes. */
  readonly annotate?: (node: string, index: number) => Readonly<Record<string, string>>;
}

function createNodes(client: ApiClient, options: FelixWorldOptions): void {
  for (const [i, name] of WORKERS.entries())
    client.mustCreate("Node", {
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name,
        annotations: {
          [NODE_ANNOTATIONS.ipv4Address]: `172.18.0.${i + 3}/16`,
          ...options.annotate?.(name, i),
        },
      },
    });
}

/** The network of one node's pods: 10.244.0.0/24, 10.244.1.0/24. */
function nodeRoutes(world: NodeWorld, hosts: readonly Host[]): void {
  for (const [i, host] of hosts.entries()) {
    const net = world.kernel.open(host.netns, TEST);
    for (const [j] of hosts.entries())
      if (i !== j)
        net.route.add(
          {
            dst: must(parsePrefix(`10.244.${j}.0/24`), "prefix"),
            nexthops: [{ gateway: must(parseIpv4(`172.18.0.${j + 3}`), "address") }],
          },
          "add",
        );
  }
}

/** A pod with its object and its namespace. */
export function addPod(
  world: FelixWorld,
  namespace: string,
  name: string,
  node: string,
  address: Ipv4,
): NetApi {
  const { client, kernel, hosts } = world;
  client.mustCreate("Pod", matrixPod(namespace, name, node));
  const net = plug(kernel, must(hosts.get(node), node), vethName(namespace, name), address);
  const ip = formatIpv4(address);
  client.updateStatus("Pod", namespace, name, (pod) => ({
    ...pod,
    status: { ...pod.status, phase: "Running", podIP: ip, podIPs: [{ ip }] },
  }));
  return net;
}

export function felixWorld(options: FelixWorldOptions = {}): FelixWorld {
  const bare = nodeWorld();
  const store = new ApiStore({ queue: bare.queue, random: new Random(7) });
  const client = new ApiClient(store, "test");
  createCrds(store);
  createNamespaces(client);
  createNodes(client, options);
  const hosts = WORKERS.map((name, i) => addNode(bare, name, `172.18.0.${i + 3}`));
  nodeRoutes(bare, hosts);
  const lines = hosts.map(() => new Lines());
  const felixes = hosts.map((host, i) => startFelix(store, host, must(lines[i], "log"), options.env));
  const places = new Map<string, Place>();
  const world: FelixWorld = {
    ...bare,
    store,
    client,
    places,
    hosts: new Map(hosts.map((host) => [host.name, host])),
    felixes: new Map(hosts.map((host, i) => [host.name, must(felixes[i], host.name)])),
    logs: new Map(hosts.map((host, i) => [host.name, must(lines[i], "log").lines])),
  };
  for (const [i, key] of (options.pods === false ? [] : PODS).entries()) {
    const [namespace = "", name = ""] = key.split("/");
    const address = ipv4(must(parseIpv4(`10.244.${i % 2}.10`), "address") + i);
    const net = addPod(world, namespace, name, must(WORKERS[i % 2], "node"), address);
    places.set(key, openPlace(key, net, formatIpv4(address)));
  }
  rest(world, seconds(5));
  return world;
}

/** The kernel of a node, to look at. */
export function nodeNet(world: FelixWorld, node: string): NetApi {
  return world.kernel.open(must(world.hosts.get(node), node).netns, TEST);
}
