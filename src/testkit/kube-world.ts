import { provideLateCode } from "./late.ts";
import type { CniCall } from "../container/cni/exec.ts";
import type { RuntimeEvent } from "../container/runtime/types.ts";
import { parseKindConfig } from "../formats/kind.ts";
import { ApiClient, ApiStore, type Draft, eventsAbout, type Pod } from "../k8s/api/index.ts";
import { Cluster, type ClusterNode } from "../k8s/cluster.ts";
import { createKernel } from "../kernel/uapi/index.ts";
import { EventQueue } from "../sim/queue.ts";
import { Random } from "../sim/random.ts";
import { seconds } from "../sim/time.ts";
import { Host } from "../userland/os/host.ts";
import { MemFs } from "../userland/os/memfs.ts";
import type { Program } from "../userland/os/process.ts";
import { PROGRAMS } from "../userland/programs.ts";
import { type NodeWorld, rest } from "./node-world.ts";

const CNI_CONF = `{
  "name": "cbr0",
  "cniVersion": "0.3.1",
  "plugins": [
    { "type": "flannel", "delegate": { "hairpinMode": true, "isDefaultGateway": true } },
    { "type": "portmap", "capabilities": { "portMappings": true } }
  ]
}
`;

export const NET_CONF = { Network: "10.244.0.0/16", EnableNFTables: false, Backend: { Type: "vxlan" } };

/** A kind cluster without a control plane: the test binds pods and gives nodes their ranges itself. */
export interface KubeWorld extends NodeWorld {
  readonly store: ApiStore;
  readonly client: ApiClient;
  readonly cluster: Cluster;
  readonly events: RuntimeEvent[];
  readonly calls: CniCall[];
}

function kindConfig(workers: number) {
  const nodes = ["- role: control-plane", ...Array.from({ length: workers }, () => "- role: worker")].join(
    "\n",
  );
  const text = `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnetworking:\n  disableDefaultCNI: true\nnodes:\n${nodes}\n`;
  const config = parseKindConfig(text);
  if (!config.ok) throw new Error(config.error.message);
  return config.value;
}

/** A namespace with what the controllers would put into it. */
export function makeNamespace(
  client: ApiClient,
  name: string,
  labels?: Readonly<Record<string, string>>,
): void {
  const metadata = { name, ...(labels !== undefined && { labels }) };
  client.create("Namespace", { apiVersion: "v1", kind: "Namespace", metadata });
  const account = { name: "default", namespace: name };
  client.create("ServiceAccount", { apiVersion: "v1", kind: "ServiceAccount", metadata: account });
  const root = { name: "kube-root-ca.crt", namespace: name };
  client.create("ConfigMap", { apiVersion: "v1", kind: "ConfigMap", metadata: root, data: { "ca.crt": "" } });
}

/** Nodes get 10.244.0.0/24, 10.244.1.0/24 ... in their order, unless `podCidr` says otherwise. */
export function kubeWorld(
  options: { workers?: number; podCidr?: (node: string, index: number) => string } = {},
): KubeWorld {
  provideLateCode();
  const queue = new EventQueue();
  const random = new Random(7);
  const kernel = createKernel(queue, random.fork(), null, { disableIpv6: true });
  const programs = new Map<string, Program>(PROGRAMS);
  const docker = new Host({
    name: "docker",
    kernel,
    queue,
    random,
    fs: new MemFs(),
    programs,
    netns: kernel.createNetns(""),
  });
  const store = new ApiStore({ queue, random: random.fork() });
  const events: RuntimeEvent[] = [];
  const calls: CniCall[] = [];
  const cluster = new Cluster({
    docker,
    config: kindConfig(options.workers ?? 2),
    store,
    programs,
    observe: (event) => events.push(event),
    observeCni: (call) => calls.push(call),
  });
  const client = new ApiClient(store, "test");
  for (const name of ["default", "kube-system", "kube-flannel"]) makeNamespace(client, name);
  cluster.start();
  const cidr = options.podCidr ?? ((_node: string, index: number) => `10.244.${index}.0/24`);
  for (const [index, name] of [...cluster.nodes.keys()].entries()) {
    const podCIDR = cidr(name, index);
    if (podCIDR !== "")
      client.modify("Node", "", name, (node) => ({
        ...node,
        spec: { ...node.spec, podCIDR, podCIDRs: [podCIDR] },
      }));
  }
  return {
    queue,
    kernel,
    docker,
    programs,
    underlay: cluster.underlay,
    store,
    client,
    cluster,
    events,
    calls,
  };
}

export function nodeOf(world: KubeWorld, name: string): ClusterNode {
  const node = world.cluster.nodes.get(name);
  if (node === undefined) throw new Error(`no node ${name}`);
  return node;
}

export function podOf(world: KubeWorld, name: string, namespace = "default"): Pod {
  const pod = world.client.get("Pod", namespace, name);
  if (pod === undefined) throw new Error(`no pod ${name}`);
  return pod;
}

/** Reasons and messages of the events about a pod. */
export function podEvents(world: KubeWorld, name: string, namespace = "default"): readonly string[] {
  return eventsAbout(world.client, podOf(world, name, namespace)).map(
    (e) => `${e.reason ?? ""}: ${e.message ?? ""}`,
  );
}

export function createPod(
  world: KubeWorld,
  name: string,
  node: string,
  spec: Partial<Draft<"Pod">["spec"]> = {},
): void {
  const made = world.client.create("Pod", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      nodeName: node,
      containers: [
        {
          name: "app",
          image: "example.com/app:1",
          ports: [
            { containerPort: 7000, protocol: "UDP" },
            { containerPort: 80, protocol: "TCP" },
          ],
        },
      ],
      ...spec,
    },
  });
  if (!made.ok) throw new Error(made.error.message);
}

/** The pod that kube-flannel.yml's DaemonSet makes for a node. */
export function flannelPod(node: string, netConfMissing: boolean): Draft<"Pod"> {
  const image = "ghcr.io/flannel-io/flannel:v0.28.9";
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  const flannelCfg = { name: "flannel-cfg", mountPath: "/etc/kube-flannel/" };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `flannel-${node}`, namespace: "kube-flannel", labels: { app: "flannel" } },
    spec: {
      nodeName: node,
      hostNetwork: true,
      initContainers: [
        {
          name: "install-cni-plugin",
          image: "ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel3",
          command: ["cp"],
          args: ["-f", "/flannel", "/opt/cni/bin/flannel"],
          volumeMounts: [{ name: "cni-plugin", mountPath: "/opt/cni/bin" }],
        },
        {
          name: "install-cni",
          image,
          command: ["/opt/bin/install-conf"],
          args: ["/etc/kube-flannel/cni-conf.json", "/etc/cni/net.d/10-flannel.conflist"],
          volumeMounts: [{ name: "cni", mountPath: "/etc/cni/net.d" }, flannelCfg],
        },
      ],
      containers: [
        {
          name: "kube-flannel",
          image,
          command: ["/opt/bin/flanneld"],
          args: ["--ip-masq", "--kube-subnet-mgr", "--healthz-port=8081"],
          readinessProbe: {
            httpGet: { path: "/readyz", port: "healthz" },
            initialDelaySeconds: 5,
            periodSeconds: 10,
          },
          env: [field("POD_NAME", "metadata.name"), field("POD_NAMESPACE", "metadata.namespace")],
          volumeMounts: [
            { name: "run", mountPath: "/run/flannel" },
            ...(netConfMissing ? [] : [flannelCfg]),
            { name: "xtables-lock", mountPath: "/run/xtables.lock" },
          ],
        },
      ],
      volumes: [
        { name: "run", hostPath: { path: "/run/flannel" } },
        { name: "cni-plugin", hostPath: { path: "/opt/cni/bin" } },
        { name: "cni", hostPath: { path: "/etc/cni/net.d" } },
        { name: "flannel-cfg", configMap: { name: "kube-flannel-cfg" } },
        { name: "xtables-lock", hostPath: { path: "/run/xtables.lock", type: "FileOrCreate" } },
      ],
    },
  };
}

/** Applies what kube-flannel.yml comes to: its ConfigMap, and a pod on each node. */
export function applyFlannel(
  world: KubeWorld,
  netConf: object | string = NET_CONF,
  netConfMissing = false,
): void {
  world.client.mustCreate("ConfigMap", {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "kube-flannel-cfg", namespace: "kube-flannel" },
    data: {
      "cni-conf.json": CNI_CONF,
      "net-conf.json": typeof netConf === "string" ? netConf : JSON.stringify(netConf),
    },
  });
  for (const name of world.cluster.nodes.keys())
    world.client.mustCreate("Pod", flannelPod(name, netConfMissing));
}

/** A cluster with flannel at work. */
export function flannelWorld(netConf: object = NET_CONF): KubeWorld {
  const world = kubeWorld();
  applyFlannel(world, netConf);
  rest(world, seconds(20));
  return world;
}
