import { must } from "../base/result.ts";
import { parseManifest } from "../formats/manifest.ts";
import { isRecord } from "../formats/json.ts";
import { saveRule } from "../formats/iptables/save.ts";
import { decode } from "../k8s/api/decode.ts";
import type { ApiClient, ApiStore, DaemonSet, Draft } from "../k8s/api/index.ts";
import { isA } from "../k8s/api/types.ts";
import type { DatagramSocket, NetApi, StreamSocket } from "../kernel/uapi/index.ts";
import kubeRouter from "../scenario/data/kube-router-firewall.yaml?raw";
import { kindnet } from "../k8s/kind/kindnet.ts";
import type { EventQueue } from "../sim/queue.ts";
import { millis, seconds } from "../sim/time.ts";
import { IPV4_ANY, type Ipv4, parseIpv4 } from "../wire/address.ts";
import { applyFlannel, kubeWorld, type KubeWorld, makeNamespace, nodeOf, podOf } from "./kube-world.ts";
import { rest } from "./node-world.ts";

export const KUBE_ROUTER = kubeRouter;
export const PORTS = [80, 81] as const;
export const WORKERS = ["kind-worker", "kind-worker2"] as const;
const NAMESPACES = ["x", "y", "z"] as const;
const NAMES = ["a", "b", "c"] as const;
/** `NAMESPACE/POD`, all nine. */
export const PODS = NAMESPACES.flatMap((namespace) => NAMES.map((name) => `${namespace}/${name}`));

/** Who enforces policies: kube-router beside flannel, or kind's own plugin. */
export type Enforcer = "kube-router" | "kindnet";

/** From a sync request to rules that stand. */
export const SYNC = seconds(1);
/** The same of kindnetd, which syncs no more than once a second. */
export const KINDNET_SYNC = seconds(2.5);

/** One pod of the matrix: its namespace's door, its address and its servers. */
export interface Place {
  readonly key: string;
  readonly net: NetApi;
  readonly address: Ipv4;
  readonly text: string;
  readonly udp: readonly DatagramSocket[];
  readonly tcp: readonly StreamSocket[];
}

/** What the matrix needs of a world, whatever enforces its policies. */
export interface MatrixWorld {
  readonly queue: EventQueue;
  readonly store: ApiStore;
  readonly client: ApiClient;
  readonly places: ReadonlyMap<string, Place>;
}

export interface PolicyWorld extends KubeWorld {
  readonly places: ReadonlyMap<string, Place>;
}

/** The DaemonSet of kube-router-firewall.yaml. */
export function kubeRouterDaemonSet(world: KubeWorld): DaemonSet {
  return daemonSetOf(world, KUBE_ROUTER);
}

function daemonSetOf(world: KubeWorld, manifest: string): DaemonSet {
  const tree = must(
    parseManifest(manifest).documents.find(({ value }) => value["kind"] === "DaemonSet"),
    "DaemonSet",
  );
  const info = must(
    world.store.resources().find(({ kind }) => kind === "DaemonSet"),
    "resource",
  );
  const draft = decode(info, tree.value);
  if (!draft.ok) throw new Error(draft.error.message);
  const made = world.store.create("test", info.id, draft.value);
  if (!made.ok || !isA("DaemonSet", made.value)) throw new Error("no DaemonSet");
  return made.value;
}

/** What the DaemonSet controller would do: a pod of the template on each node. */
function applyEnforcer(world: KubeWorld, enforcer: Enforcer): void {
  const manifest = enforcer === "kindnet" ? kindnet("10.244.0.0/16", "") : KUBE_ROUTER;
  const { template } = daemonSetOf(world, manifest).spec;
  world.client.mustCreate("ServiceAccount", {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: enforcer, namespace: "kube-system" },
  });
  for (const node of world.cluster.nodes.keys())
    world.client.mustCreate("Pod", {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: `${enforcer}-${node}`,
        namespace: "kube-system",
        ...(template.metadata?.labels === undefined ? {} : { labels: template.metadata.labels }),
      },
      spec: { ...template.spec, nodeName: node },
    });
}

export function matrixPod(namespace: string, name: string, node: string): Draft<"Pod"> {
  const ports = PORTS.flatMap((containerPort) =>
    (["TCP", "UDP"] as const).map((protocol) => ({
      name: `serve-${containerPort}-${protocol.toLowerCase()}`,
      containerPort,
      protocol,
    })),
  );
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: { pod: name } },
    spec: {
      nodeName: node,
      containers: [{ name: "cont", image: "example.com/idle:1", command: ["sleep", "infinity"], ports }],
    },
  };
}

/** Opens the servers of a pod: TCP takes whoever comes, UDP waits to be asked. */
export function openPlace(key: string, net: NetApi, text: string): Place {
  const udp: DatagramSocket[] = [];
  const tcp: StreamSocket[] = [];
  for (const port of PORTS) {
    const datagrams = net.socket.udp("server");
    if (!datagrams.bind({ address: IPV4_ANY, port }).ok) throw new Error(`UDP ${port} of ${key} is taken`);
    udp.push(datagrams);
    const listener = net.socket.tcp("server");
    if (!listener.bind({ address: IPV4_ANY, port }).ok || !listener.listen(64).ok)
      throw new Error(`TCP ${port} of ${key} is taken`);
    tcp.push(listener);
  }
  return { key, net, address: must(parseIpv4(text), `address of ${key}`), text, udp, tcp };
}

function placeOf(world: KubeWorld, key: string): Place {
  const [namespace = "", name = ""] = key.split("/");
  const text = podOf(world, name, namespace).status?.podIP ?? "";
  const netns = must(
    world.cluster.pods().find((pod) => pod.namespace === namespace && pod.name === name),
    `sandbox of ${key}`,
  ).netns;
  return openPlace(key, world.kernel.open(netns, { name: "probe" }), text);
}

/** Namespaces x, y and z with what the kubelet wants for their pods. */
export function createNamespaces(client: ApiClient): void {
  for (const name of NAMESPACES) makeNamespace(client, name, { ns: name });
}

/** Two workers with flannel and kube-router, or with kindnet; pods a, b, c of x, y, z in turn on both. */
export function policyWorld(enforcer: Enforcer = "kube-router"): PolicyWorld {
  const world = kubeWorld();
  if (enforcer === "kube-router") applyFlannel(world);
  createNamespaces(world.client);
  applyEnforcer(world, enforcer);
  for (const [i, key] of PODS.entries()) {
    const [namespace = "", name = ""] = key.split("/");
    world.client.mustCreate("Pod", matrixPod(namespace, name, WORKERS[i % 2]!));
  }
  rest(world, seconds(25));
  return { ...world, places: new Map(PODS.map((key) => [key, placeOf(world, key)])) };
}

export interface Pair {
  readonly from: Place;
  readonly to: Place;
}

/** Every ordered pair of different pods. */
export function pairs(world: MatrixWorld): readonly Pair[] {
  const all = [...world.places.values()];
  return all.flatMap((from) => all.flatMap((to) => (from === to ? [] : [{ from, to }])));
}

/** Which pairs can connect by TCP; all at once. */
function probeTcp(world: MatrixWorld, port: number): ReadonlySet<Pair> {
  const tried = pairs(world).map((pair) => {
    const socket = pair.from.net.socket.tcp("client");
    socket.connect({ address: pair.to.address, port });
    return { pair, socket };
  });
  rest(world, millis(500));
  const reached = new Set(
    tried.filter(({ socket }) => socket.state === "ESTABLISHED").map(({ pair }) => pair),
  );
  for (const { socket } of tried) {
    socket.setOptions({ lingerZero: true });
    socket.close();
  }
  for (const listener of [...world.places.values()].flatMap(({ tcp }) => tcp)) {
    for (;;) {
      const accepted = listener.accept();
      if (!accepted.ok || accepted.value === undefined) break;
      accepted.value.close();
    }
  }
  rest(world, millis(100));
  return reached;
}

/** Which pairs get an answer by UDP. */
function probeUdp(world: MatrixWorld, port: number): ReadonlySet<Pair> {
  const tried = pairs(world).map((pair) => {
    const socket = pair.from.net.socket.udp("client");
    socket.connect({ address: pair.to.address, port });
    socket.send(Uint8Array.of(1));
    return { pair, socket };
  });
  rest(world, millis(200));
  for (const { udp } of world.places.values()) {
    const server = udp[PORTS.indexOf(port === 81 ? 81 : 80)]!;
    for (;;) {
      const got = server.receive();
      if (!got.ok || got.value === undefined) break;
      server.send(Uint8Array.of(2), got.value.from);
    }
  }
  rest(world, millis(200));
  const reached = tried.filter(({ socket }) => {
    const answer = socket.receive();
    socket.close();
    return answer.ok && answer.value !== undefined;
  });
  return new Set(reached.map(({ pair }) => pair));
}

/** The pairs that get through, as `FROM > TO`. */
export function reachable(world: MatrixWorld, port: number, protocol: string): ReadonlySet<string> {
  const reached = protocol === "UDP" ? probeUdp(world, port) : probeTcp(world, port);
  return new Set([...reached].map(({ from, to }) => `${from.key} > ${to.key}`));
}

/** `$NAMESPACE/POD` of a fixture as the pod's address. */
export function withAddresses(world: MatrixWorld, value: unknown): unknown {
  if (typeof value === "string")
    return value.replace(/\$([xyz]\/[abc])/g, (_, key: string) => world.places.get(key)?.text ?? "");
  if (Array.isArray(value)) return value.map((item: unknown) => withAddresses(world, item));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, withAddresses(world, of)]));
}

/** Creates a policy, or gives the one of this name a new spec. */
export function applyPolicy(
  world: Pick<MatrixWorld, "store" | "client">,
  namespace: string,
  name: string,
  spec: unknown,
): void {
  const info = must(
    world.store.resources().find(({ id }) => id === "NetworkPolicy"),
    "resource",
  );
  const tree = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace },
    spec,
  };
  const plain = JSON.parse(JSON.stringify(tree)) as Record<string, unknown>;
  const draft = decode(info, plain);
  if (!draft.ok) throw new Error(draft.error.message);
  const made = world.store.create("test", info.id, draft.value);
  if (made.ok) return;
  const old = must(world.store.get(info.id, namespace, name), `policy ${name}`);
  const { metadata } = old;
  const next = { ...draft.value, metadata };
  const updated = isA("NetworkPolicy", next) ? world.client.update("NetworkPolicy", next) : made;
  if (!updated.ok) throw new Error(updated.error.message);
}

/** The filter table of a node, chain by chain, as iptables-save has it. */
export function savedFilter(world: KubeWorld, node: string): ReadonlyMap<string, readonly string[]> {
  const { xtables } = world.kernel.open(nodeOf(world, node).host.netns, { name: "test" });
  const chains = xtables.table("ip", "filter")?.chains ?? [];
  return new Map(chains.map(({ name, rules }) => [name, rules.map(({ rule }) => saveRule(rule))]));
}

/** What kube-router said on a node, without the stamps. */
export function kubeRouterLog(world: KubeWorld, node: string): readonly string[] {
  const container = nodeOf(world, node).kubelet.containerOf(
    "kube-system",
    `kube-router-${node}`,
    "kube-router",
  );
  return (container?.log.lines ?? []).map((line) => line.text.replace(/^(.).*?\d (\S+\])/, "$1 $2"));
}
