import { type ImageSpec, repositoryOf } from "../../container/runtime/images.ts";
import { millis, type Nanos, seconds } from "../../sim/time.ts";
import type { ApiStore, Container, Pod, Volume } from "../api/index.ts";
import { NETWORKS, type NetworkForesight } from "./networks.ts";

/** What will become of a pod, known without running it. */
export type Foresight =
  /** Its containers run and stay; images are pulled first. */
  | { readonly kind: "stands" }
  /** As above, in the node's own namespace and ready `after` its arrival; with it the node has a network, or not. */
  | { readonly kind: "agent"; readonly after: Nanos; readonly network: NetworkForesight | undefined };

/** Which images there are, by repository: those whose containers run on with their own command, and those that nobody knows. */
export interface ImageKnowledge {
  readonly standing: ReadonlySet<string>;
  readonly known: ReadonlySet<string>;
}

const KUBE_PROXY = "registry.k8s.io/kube-proxy";
/** kube-proxy is on the node already; this is more than its start takes. */
const AGENT_START = seconds(1);

export function imageKnowledge(images: readonly ImageSpec[], late: readonly string[]): ImageKnowledge {
  return {
    standing: new Set(images.filter(({ stands }) => stands === true).map(({ repository }) => repository)),
    known: new Set([...images.map(({ repository }) => repository), ...late]),
  };
}

/** A container whose start cannot fail and whose program goes on: a known server, or the stand-in for an unknown image. */
function stands(container: Container, images: ImageKnowledge): boolean {
  const { image = "", command, args, env = [], envFrom, ports = [] } = container;
  const repository = repositoryOf(image);
  return (
    command === undefined &&
    args === undefined &&
    envFrom === undefined &&
    env.every(({ valueFrom }) => valueFrom === undefined || valueFrom.fieldRef !== undefined) &&
    ports.every(({ hostPort = 0 }) => hostPort === 0) &&
    container.imagePullPolicy !== "Never" &&
    container.livenessProbe === undefined &&
    container.readinessProbe === undefined &&
    container.startupProbe === undefined &&
    container.lifecycle === undefined &&
    (images.standing.has(repository) || !images.known.has(repository))
  );
}

/** A volume that cannot be missing: an empty one, or the service account's token. */
function comesWithPod({ name, emptyDir, projected }: Volume): boolean {
  return emptyDir !== undefined || (projected !== undefined && name.startsWith("kube-api-access-"));
}

/** Undefined: only running it will tell. */
export function foresee(store: ApiStore, pod: Pod, images: ImageKnowledge): Foresight | undefined {
  const { spec } = pod;
  if (spec.hostNetwork === true) return agent(store, pod);
  const plain =
    (spec.initContainers ?? []).length === 0 &&
    (spec.volumes ?? []).every(comesWithPod) &&
    (spec.restartPolicy ?? "Always") === "Always" &&
    spec.dnsConfig === undefined &&
    spec.hostPID !== true;
  return plain && spec.containers.every((container) => stands(container, images))
    ? { kind: "stands" }
    : undefined;
}

/** The agents of every node: kube-proxy, and those network plugins that can be foreseen. */
function agent(store: ApiStore, pod: Pod): Foresight | undefined {
  const [first, ...others] = pod.spec.containers;
  if (first === undefined || others.length > 0) return undefined;
  const repository = repositoryOf(first.image ?? "");
  if (repository === KUBE_PROXY) return { kind: "agent", after: AGENT_START, network: undefined };
  const network = NETWORKS.find((each) => each.repository === repository);
  if (network?.foreseen(store, pod) !== true) return undefined;
  const nodes = store.size("Node");
  return { kind: "agent", after: (network.start + nodes * millis(1)) as Nanos, network };
}
