import { must } from "../base/result.ts";
import type { ImageSpec } from "../container/runtime/images.ts";
import type { CniObserver } from "../container/cni/exec.ts";
import type { RuntimeObserver, Sandbox } from "../container/runtime/types.ts";
import type { NetnsId } from "../kernel/uapi/index.ts";
import type { KindConfig, KindNode } from "../formats/kind.ts";
import { program, refuse } from "../userland/args/exit.ts";
import { nanos } from "../sim/time.ts";
import type { Host } from "../userland/os/host.ts";
import type { Program } from "../userland/os/process.ts";
import { formatIpv4, type Ipv4, IPV4_ANY, ipv4, parsePrefix } from "../wire/address.ts";
import { ApiClient, type ApiStore, type ContainerRuntimeAccess } from "./api/index.ts";
import { nodeNameOf } from "./api/table.ts";
import { dnsImages } from "./dns/images.ts";
import { EXTRA_REPOSITORIES, type Extras, EXTRAS } from "./extras.ts";
import { flannelImages } from "./flannel/images.ts";
import { kubeProxyImages } from "./kube-proxy/images.ts";
import { runtimeAccess } from "./kubelet/access.ts";
import type { HollowKubelet } from "./hollow/kubelet.ts";
import { Kubelet } from "./kubelet/kubelet.ts";
import type { NodeFacts } from "./kubelet/node-status.ts";
import { ipmitool } from "./node/ipmitool.ts";
import { nodeNamer } from "./node/names.ts";
import type { CloudRouter, NodeAttachment } from "./node/attachment.ts";
import { ClusterNode } from "./node/cluster-node.ts";
import { attachNode, createNode, type PluggedNode } from "./node/node.ts";
import { ssh } from "./node/ssh.ts";
import { staticPods, SYSTEM_IMAGES } from "./node/system-pods.ts";
import { storageImages } from "./storage/images.ts";
import { containerAddress, createUnderlay, type Underlay } from "./node/underlay.ts";

export type NodeRole = KindNode["role"];
export type { ClusterNode };

const CONTROL_PLANE_LABELS = {
  "node-role.kubernetes.io/control-plane": "",
  "node.kubernetes.io/exclude-from-external-load-balancers": "",
};

export interface ClusterOptions {
  /** The machine that kind runs on: nodes are containers beside its other ones. */
  readonly docker: Host;
  readonly config: KindConfig;
  /** The API server's memory; the control plane works on it already. */
  readonly store: ApiStore;
  /** The userland's commands: every node and container has them. */
  readonly programs: ReadonlyMap<string, Program>;
  /** Nodes that are machines of their own, one for each of the configuration; none when they are containers of kind. */
  readonly attachments?: readonly NodeAttachment[];
  /** Asked when something wants to change the routes of the cloud that the nodes stand in. */
  readonly cloudRouter?: () => CloudRouter | undefined;
  /** Images whose programs are modelled, besides the cluster's own; small servers stand in for all others. */
  readonly images?: readonly ImageSpec[];
  /** Workers sleep until something touches them: for clusters too large to be alive everywhere. */
  readonly sleep?: boolean;
  readonly observe?: RuntimeObserver;
  readonly observeCni?: CniObserver;
}

/** Where a pod lives: what the board draws and captures are named after. */
export interface PodPlace {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly sandbox: Sandbox;
  /** The node's own with hostNetwork. */
  readonly netns: NetnsId;
}

/** What the configuration asks for that a cluster here cannot be; undefined when nothing. */
export function refusedByCluster(config: KindConfig): string | undefined {
  if (config.nodes.filter((node) => node.role === "control-plane").length > 1)
    return "nodes: more than one control-plane node is not modelled";
  if (config.nodes.some((node) => node.extraPortMappings.some(({ protocol }) => protocol === "SCTP")))
    return "nodes: extraPortMappings: SCTP is not modelled";
  return undefined;
}

/** The address of the service that kubeadm gives to DNS: the tenth of the range. */
function dnsAddress(serviceSubnet: string): string {
  return formatIpv4(ipv4((parsePrefix(serviceSubnet)?.address ?? IPV4_ANY) + 10));
}

/** A kind cluster: its nodes on the underlay, a kubelet on each. */
export class Cluster {
  readonly options: ClusterOptions;
  /** kind's network; undefined when the nodes are plugged in elsewhere. */
  readonly kindNetwork: Underlay | undefined;
  readonly nodes = new Map<string, ClusterNode>();
  private hollow: ReturnType<Extras["hollow"]> | null = null;
  /** For kubectl exec and logs. */
  readonly access: ContainerRuntimeAccess;
  /** `ssh NODE command`. */
  readonly ssh: Program;
  /** `ipmitool -H NODE power off|on`. */
  readonly ipmitool: Program;
  /** `cloud-provider-kind`: gives Services of type LoadBalancer an address as long as it runs. */
  readonly cloudProvider: Program;
  /** `crictl`, on the nodes. */
  readonly crictl: Program;

  constructor(options: ClusterOptions) {
    this.options = options;
    const { attachments = [] } = options;
    this.kindNetwork = attachments.length > 0 ? undefined : createUnderlay(options.docker);
    this.access = runtimeAccess((name) => this.nodes.get(name)?.kubelet);
    this.ssh = ssh(
      (name) => this.nodeNamed(name),
      () => [...this.nodes.keys()],
    );
    this.ipmitool = ipmitool(
      (name) => this.nodeNamed(name),
      () => [...this.nodes.keys()],
    );
    this.crictl = (process) =>
      EXTRAS.get().crictl(
        (host) => [...this.nodes.values()].find(({ awake }) => awake?.host === host)?.kubelet.context.runtime,
      )(process);
    this.cloudProvider = program((process) => {
      const { store, programs, config } = options;
      const taken = () => [...this.nodes.values()].map(({ address }) => address);
      const underlay = this.kindNetwork;
      if (underlay === undefined) return refuse("cloud-provider-kind beside nodes that are not kind's");
      return EXTRAS.get().cloudProviderKind({ store, underlay, cluster: config.name, programs, taken })(
        process,
      );
    });
    // What a kubelet has said about a pod is known only when its node is awake.
    options.store.beforeEvents = (about) => void this.nodes.get(nodeNameOf(about))?.wake();
    const nameFor = nodeNamer(options.config.name);
    for (const [index, wanted] of options.config.nodes.entries()) {
      const kindName = nameFor(wanted.role);
      const node = this.makeNode(attachments[index]?.name ?? kindName, wanted, index);
      this.nodes.set(node.name, node);
    }
  }

  /** Starts every kubelet; the control plane's shows its static pods. */
  start(): void {
    for (const node of this.nodes.values()) {
      const { name, role } = node;
      node.start();
      if (role !== "control-plane") continue;
      const client = new ApiClient(this.options.store, `kubelet ${name}`);
      for (const pod of staticPods(name)) client.create("Pod", pod);
    }
  }

  /** Has so many workers with pods on their network awake, if there are as many; first those of the namespace default. */
  rouse(count: number): void {
    if ([...this.nodes.values()].every(({ asleep }) => !asleep)) return;
    const client = new ApiClient(this.options.store, "cluster");
    const pods = [...client.list("Pod", { namespace: "default" }), ...client.list("Pod")];
    const names = new Set(
      pods.flatMap(({ spec }) => (spec.hostNetwork === true ? [] : (spec.nodeName ?? []))),
    );
    const busy = [...names]
      .flatMap((name) => this.nodes.get(name) ?? [])
      .filter(({ role }) => role === "worker");
    const missing = count - busy.filter(({ asleep }) => !asleep).length;
    for (const node of busy.filter(({ asleep }) => asleep).slice(0, Math.max(0, missing))) node.wake();
  }

  /** By name, or by address. */
  nodeNamed(name: string): ClusterNode | undefined {
    return this.nodes.get(name) ?? [...this.nodes.values()].find((node) => formatIpv4(node.address) === name);
  }

  /** The pods that have a sandbox, in the order of the API; those of sleeping nodes have none. */
  pods(): readonly PodPlace[] {
    const client = new ApiClient(this.options.store, "cluster");
    return client.list("Pod").flatMap(({ metadata, spec }): PodPlace[] => {
      const { name, namespace = "default" } = metadata;
      const node = this.nodes.get(spec.nodeName ?? "");
      const sandbox = node?.awake?.kubelet.sandboxOf(namespace, name);
      if (node === undefined || sandbox?.state !== "ready") return [];
      return [{ namespace, name, node: node.name, sandbox, netns: sandbox.netns }];
    });
  }

  /** kind's network, for who has made sure that the nodes are on it. */
  get underlay(): Underlay {
    return must(this.kindNetwork, "network of kind");
  }

  /** The machine that the nodes' network hangs on, unless the underlay has a router of its own for this. */
  private cloudRouter(): CloudRouter | undefined {
    const { docker, cloudRouter } = this.options;
    return this.kindNetwork === undefined ? cloudRouter?.() : { kernel: docker.kernel, netns: docker.netns };
  }

  private plug(name: string, index: number): { readonly address: Ipv4; readonly plugged: PluggedNode } {
    const { programs, docker, attachments } = this.options;
    const attachment = attachments?.[index];
    if (attachment !== undefined)
      return { address: attachment.address, plugged: attachNode(docker, attachment, programs) };
    const { underlay } = this;
    const address = containerAddress(underlay.subnet, index);
    return { address, plugged: createNode({ name, address, underlay, programs }) };
  }

  private makeNode(name: string, wanted: KindNode, index: number): ClusterNode {
    const { store, docker, sleep } = this.options;
    const { role } = wanted;
    const { address, plugged } = this.plug(name, index);
    const { netns, network } = plugged;
    const facts = this.factsOf(name, wanted, address);
    const sleeps = sleep === true && role === "worker";
    const { kernel, queue } = docker;
    const random = sleeps ? docker.random.fork() : docker.random;
    const hollow = (wake: () => void): HollowKubelet => {
      kernel.onFirstPacket(netns, (goOn) => {
        queue.after(nanos(0), () => {
          wake();
          goOn();
        });
      });
      this.hollow ??= EXTRAS.get().hollow(this.imagesOfNode(), EXTRA_REPOSITORIES);
      return this.hollow({ store, queue, random, node: facts, wake });
    };
    const boot = () => {
      const host = plugged.boot();
      return { host, kubelet: this.makeKubelet(host, facts, wanted) };
    };
    return new ClusterNode({
      name,
      role,
      address,
      netns,
      network,
      store,
      boot,
      hollow: sleeps ? hollow : undefined,
    });
  }

  private factsOf(name: string, wanted: KindNode, address: Ipv4): NodeFacts {
    const { config, docker } = this.options;
    const { role } = wanted;
    const tainted = role === "control-plane" && config.nodes.length > 1;
    return {
      name,
      address: formatIpv4(address),
      machineId: docker.random.text(32, "0123456789abcdef"),
      labels: {
        ...(role === "control-plane" && CONTROL_PLANE_LABELS),
        ...config.kubeadm.nodeLabels,
        ...wanted.kubeadm.nodeLabels,
        ...wanted.labels,
      },
      taints: tainted ? [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }] : [],
    };
  }

  private imagesOfNode(): readonly ImageSpec[] {
    const { store, images = [] } = this.options;
    return [
      ...SYSTEM_IMAGES,
      ...kubeProxyImages(store),
      ...dnsImages(store),
      ...flannelImages(store),
      ...images,
      ...storageImages(store, (each) => this.nodes.get(each)?.host.fs),
    ];
  }

  private makeKubelet(host: Host, node: NodeFacts, wanted: KindNode): Kubelet {
    const { config, store, observe, observeCni } = this.options;
    return new Kubelet({
      host,
      store,
      images: this.imagesOfNode(),
      lateImages: {
        repositories: EXTRA_REPOSITORIES,
        load: () => EXTRAS.get().images(store, this.cloudRouter()),
      },
      observe,
      observeCni,
      clusterDns: wanted.kubeadm.clusterDns ??
        config.kubeadm.clusterDns ?? [dnsAddress(config.networking.serviceSubnet)],
      clusterDomain: config.kubeadm.dnsDomain ?? "cluster.local",
      node,
    });
  }
}
