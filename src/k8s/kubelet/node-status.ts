import type { ContainerRuntime } from "../../container/runtime/cri.ts";
import type { Condition, Draft, Node } from "../api/index.ts";
import { networkMessage } from "./sync.ts";

export const KUBELET_VERSION = "v1.36.2";

/** What a node says about itself when it registers. */
export interface NodeFacts {
  readonly name: string;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly effect: string }[];
  readonly machineId: string;
}

const CAPACITY = {
  cpu: "8",
  "ephemeral-storage": "102626232Ki",
  "hugepages-2Mi": "0",
  memory: "16374352Ki",
  pods: "110",
};

/** Whoever knows whether the node has a network. */
export type NetworkCondition = Pick<ContainerRuntime, "networkReady">;

function ready(runtime: NetworkCondition): Pick<Condition, "status" | "reason" | "message"> {
  const network = runtime.networkReady();
  return network.ok
    ? { status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" }
    : { status: "False", reason: "KubeletNotReady", message: networkMessage(network.error) };
}

/** Models: kubelet pkg/kubelet/nodestatus setters, in their order. */
export function nodeConditions(
  before: readonly Condition[],
  runtime: NetworkCondition,
  now: string,
): readonly Condition[] {
  const wanted: Condition[] = [
    {
      type: "MemoryPressure",
      status: "False",
      reason: "KubeletHasSufficientMemory",
      message: "kubelet has sufficient memory available",
    },
    {
      type: "DiskPressure",
      status: "False",
      reason: "KubeletHasNoDiskPressure",
      message: "kubelet has no disk pressure",
    },
    {
      type: "PIDPressure",
      status: "False",
      reason: "KubeletHasSufficientPID",
      message: "kubelet has sufficient PID available",
    },
    { type: "Ready", ...ready(runtime) },
  ];
  const own = wanted.map((condition): Condition => {
    const old = before.find((candidate) => candidate.type === condition.type);
    const since = old?.status === condition.status ? old.lastTransitionTime : undefined;
    return { ...condition, lastHeartbeatTime: now, lastTransitionTime: since ?? now };
  });
  return [...before.filter((c) => !wanted.some((w) => w.type === c.type)), ...own];
}

/** The object that the kubelet registers. Models: kubelet initialNode. */
export function newNode(facts: NodeFacts, runtime: NetworkCondition, now: string): Draft<"Node"> {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: facts.name,
      labels: {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": facts.name,
        "kubernetes.io/os": "linux",
        ...facts.labels,
      },
      annotations: { "volumes.kubernetes.io/controller-managed-attach-detach": "true" },
    },
    spec: {
      providerID: `kind://docker/kind/${facts.name}`,
      ...(facts.taints.length > 0 && { taints: facts.taints }),
    },
    status: {
      addresses: [
        { type: "InternalIP", address: facts.address },
        { type: "Hostname", address: facts.name },
      ],
      capacity: CAPACITY,
      allocatable: CAPACITY,
      conditions: nodeConditions([], runtime, now),
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        architecture: "amd64",
        bootID: facts.machineId,
        containerRuntimeVersion: "containerd://2.2.1",
        kernelVersion: "6.18.0",
        kubeProxyVersion: "",
        kubeletVersion: KUBELET_VERSION,
        machineID: facts.machineId,
        operatingSystem: "linux",
        osImage: "Debian GNU/Linux 12 (bookworm)",
        systemUUID: facts.machineId,
      },
    },
  };
}

export function isReady(node: Node | undefined): boolean {
  return node?.status?.conditions?.some((c) => c.type === "Ready" && c.status === "True") === true;
}
