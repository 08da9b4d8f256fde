import { err, type Result } from "../base/result.ts";
import { type KindConfig, parseKindConfig, type PortMapping } from "../formats/kind.ts";
import { ApiClient, ApiStore } from "../k8s/api/index.ts";
import { kubectl } from "../k8s/cli/kubectl.ts";
import { Cluster, type ClusterOptions, refusedByCluster } from "../k8s/cluster.ts";
import { KUBELET_VERSION } from "../k8s/kubelet/node-status.ts";
import { EXTRAS } from "../k8s/extras.ts";
import { bootstrapControlPlane } from "../k8s/kind/bootstrap.ts";
import type { PortSpec } from "../container/docker/types.ts";
import { NULL_FILE } from "../userland/os/io.ts";
import { Process } from "../userland/os/process.ts";
import { formatIpv4, IPV4_ANY, parseIpv4 } from "../wire/address.ts";
import { askBundled } from "./bundled.ts";
import { ClusterJournal } from "./journal.ts";
import { WAKEFUL } from "./needs.ts";
import { loadedUserland } from "./programs.ts";
import type { World } from "./world.ts";

/** What kind's nodes are made of. */
const NODE_IMAGE = `kindest/node:${KUBELET_VERSION}`;

/** Reads a kind configuration; the message names the place and what is wrong with it. */
export function readKind(name: string, text: string): Result<KindConfig, string> {
  const parsed = parseKindConfig(text);
  if (!parsed.ok) {
    const { path, line, message } = parsed.error;
    const where = [
      name,
      ...(line === undefined ? [] : [`line ${line}`]),
      ...(path === "" ? [] : [path]),
    ].join(": ");
    return err(`${where}: ${message}`);
  }
  const refusal = refusedByCluster(parsed.value);
  return refusal === undefined ? parsed : err(`${name}: ${refusal}`);
}

export interface RunningCluster {
  readonly cluster: Cluster;
  /** Whether every pod is up: nothing more is to be expected soon. */
  readonly settled: () => boolean;
}

/** Starts a kind cluster whose nodes are containers of the world's first machine, and gives that machine kubectl and ssh. */
export function startCluster(
  world: World,
  config: KindConfig,
  elsewhere: Pick<ClusterOptions, "attachments" | "cloudRouter" | "images" | "sleep"> = {},
): RunningCluster {
  const journal = world.trace === null ? null : new ClusterJournal(world.trace);
  const store = new ApiStore({
    queue: world.queue,
    random: world.random.fork(),
    serviceSubnet: config.networking.serviceSubnet,
    ...(config.kubeadm.nodePorts === undefined ? {} : { nodePorts: config.kubeadm.nodePorts }),
  });
  if (journal !== null) store.observer = journal.object;
  const cluster = new Cluster({
    docker: world.host,
    config,
    store,
    programs: world.programs,
    sleep: config.nodes.length > WAKEFUL,
    ...elsewhere,
    ...(journal === null ? {} : { observe: journal.runtime, observeCni: journal.cni }),
  });
  if (journal !== null) {
    const client = new ApiClient(store, "board");
    journal.cluster = cluster;
    journal.podSpec = (namespace, name) => client.get("Pod", namespace, name)?.spec;
  }
  const { kindNetwork } = cluster;
  if (kindNetwork !== undefined)
    world.docker.adopt = () => ({
      name: "kind",
      ...kindNetwork,
      nodes: [...cluster.nodes.values()].map((node, i) => ({
        name: node.name,
        image: NODE_IMAGE,
        address: node.address,
        netns: node.netns,
        host: () => node.host,
        ports: (config.nodes[i]?.extraPortMappings ?? []).map(portSpec),
      })),
    });
  if (kindNetwork !== undefined && config.nodes.some((node) => node.extraPortMappings.length > 0))
    startDocker(world);
  giveCommands(world, cluster, store);
  const first = [...cluster.nodes.values()].find((node) => node.role === "control-plane");
  bootstrapControlPlane(store, config, first === undefined ? "" : formatIpv4(first.address));
  cluster.start();
  return { cluster, settled: () => allReady(new ApiClient(store, "board")) };
}

/** The commands that talk to the cluster. */
function giveCommands(world: World, cluster: Cluster, store: ApiStore): void {
  world.programs.set(
    "kubectl",
    kubectl({
      store,
      runtime: cluster.access,
      cluster: cluster.options.config.name,
      commands: () => loadedUserland().kubectl,
      complete: (words) => loadedUserland().completeKubectl(store, loadedUserland().kubectl, words),
      bundled: askBundled,
    }),
  );
  world.programs.set("calicoctl", (process) => EXTRAS.get().calicoctl(store)(process));
  world.programs.set("ssh", cluster.ssh);
  world.programs.set("crictl", cluster.crictl);
  world.programs.set("ipmitool", cluster.ipmitool);
  world.programs.set("cloud-provider-kind", cluster.cloudProvider);
}

/** A port of a node that kind publishes on the machine. */
function portSpec({ containerPort, hostPort, listenAddress, protocol }: PortMapping): PortSpec {
  const hostIp = parseIpv4(listenAddress);
  return {
    hostIp: hostIp === undefined || hostIp === IPV4_ANY ? undefined : hostIp,
    hostPort,
    containerPort,
    protocol: protocol === "UDP" ? "udp" : "tcp",
  };
}

/** Published ports need their daemon at once: any command starts it. */
function startDocker({ host, programs, netns }: World): void {
  const program = programs.get("docker");
  if (program === undefined) return;
  const files = new Map([0, 1, 2].map((fd) => [fd, NULL_FILE] as const));
  Process.spawn(host, program, { argv: ["docker", "ps"], env: new Map(), cwd: "/", netns, files });
}

/** Whether every pod that the API knows is ready or has done its work. */
function allReady(client: ApiClient): boolean {
  const pods = client.list("Pod");
  return pods.every(
    ({ status }) =>
      status?.phase === "Succeeded" ||
      status?.conditions?.some((c) => c.type === "Ready" && c.status === "True") === true,
  );
}
